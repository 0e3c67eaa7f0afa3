// A ticket reads back as it was written, whatever people put below its first block.

import MartletModel
import Testing

struct IncidentTicketTests {
  private let incident = Incident(
    instance: TaskInstance(task: "ingest", slice: .partition(Partition(name: "dt", value: "2013-01-05"))), cause: .threshold,
    isVerdict: true, fingerprint: Ingredients([Ingredient(.command, "run", "x")]).fingerprint,
    message: "a \"quoted\" — line: with ---", run: "r1", attempt: "r1.2", openedAt: "2013-01-31T04:05:06.000+00:00",
    state: .rejected, decision: Incident.Decision(by: "ann", at: "2013-02-01T00:00:00.000+00:00", comment: "no"),
    closing: .changed, closedAt: "2013-02-02T00:00:00.000+00:00", production: "model_v1 stays current", laterRuns: ["r2", "r3"])

  @Test func itKeepsTheIdThatItOpenedWith() {
    let again = incident.metAgain(
      fingerprint: Ingredients([Ingredient(.command, "run", "y")]).fingerprint, message: "m", run: "r4", attempt: nil)
    #expect(again.id == incident.id && again.laterRuns == ["r2", "r3", "r4"])
    #expect(IncidentTicket.read(IncidentTicket.head(again)) == again)
  }

  @Test func itReadsBack() {
    let text = IncidentTicket.head(incident) + "# what a person wrote\n---\nmore\n---\n"
    #expect(IncidentTicket.read(text) == incident)
    #expect(IncidentTicket.body(text) == "# what a person wrote\n---\nmore\n---\n")
  }

  @Test func whatIsAbsentStaysAbsent() {
    let bare = Incident(
      instance: TaskInstance(task: "train"), cause: .unstable, isVerdict: false, fingerprint: incident.fingerprint, message: "m",
      run: "r1", attempt: nil, openedAt: incident.openedAt)
    #expect(IncidentTicket.read(IncidentTicket.head(bare)) == bare)
    #expect(!IncidentTicket.head(bare).contains("verdict"))
  }

  @Test func aBrokenBlockIsNoTicket() {
    let head = IncidentTicket.head(incident)
    #expect(IncidentTicket.read(head.replacing("state: \"rejected\"", with: "state: rejected")) == nil)
    #expect(IncidentTicket.read(head.replacing("cause: \"threshold\"\n", with: "")) == nil)
    #expect(IncidentTicket.read(String(head.dropFirst())) == nil)
    #expect(IncidentTicket.read("") == nil)
    #expect(IncidentTicket.body("notes alone\n") == "notes alone\n")
  }
}
