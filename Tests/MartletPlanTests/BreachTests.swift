/// When a breach goes back, and to which releases.

import MartletModel
import MartletPlan
import Testing

struct BreachTests {
  private static let evidence = Fingerprint(digest: Digest(of: [1]))
  private static let task = TaskInstance(task: "eval")

  /// Entries on the days from 1 March 2026 on, at noon UTC.
  private func history(_ subjects: [(HistoryEntry.Kind, HistoryEntry.Subject)]) -> History {
    subjects.enumerated().reduce(History()) { history, item in
      let day = CalendarDay("2026-03-01")!.advanced(by: item.offset)
      let entry = history.next(item.element.0, item.element.1, at: "\(day)T12:00:00.000+00:00", by: "ada", comment: nil)
      return History(entries: history.entries + [entry])
    }
  }

  private let approvals: [(HistoryEntry.Kind, HistoryEntry.Subject)] = ["a", "b", "c"].map { name in
    (.approved, .gate("promote", evidence: Fingerprint(digest: Digest(of: [])), shown: [:], release: ArtifactPath(name)))
  }

  private func ways(_ subjects: [(HistoryEntry.Kind, HistoryEntry.Subject)], judgedAt: String = "2026-03-20T00:00:00Z")
    -> [ArtifactPath]?
  {
    Breach(task: Self.task, fingerprint: Self.evidence, at: Timestamp(judgedAt)!.seconds).ways(in: history(subjects))
  }

  @Test func itGoesBackToTheReleasesBefore() {
    #expect(ways(approvals) == ["b", "a"])
    #expect(ways([]) == nil)
  }

  @Test func thatThereIsNothingToGoBackToIsNoSilence() {
    #expect(ways(Array(approvals[..<1])) == [])
  }

  @Test func whatWasPromotedAfterTheJudgementStays() {
    #expect(ways(approvals, judgedAt: "2026-03-03T11:59:59Z") == nil)
    #expect(ways(approvals, judgedAt: "2026-03-03T12:00:00Z") == ["b", "a"])
  }

  @Test func aPinnedReleaseStays() {
    #expect(ways(approvals + [(.rolledBack, .release("b"))]) == nil)
    #expect(
      ways(approvals + [(.reverted, .breach(release: "b", task: Self.task, evidence: Fingerprint(digest: Digest(of: [2]))))])
        == nil)
  }

  @Test func itGoesBackOnce() {
    let reverted =
      approvals + [(.reverted, .breach(release: "b", task: Self.task, evidence: Self.evidence)), (.promoted, .release("c"))]
    #expect(ways(reverted) == nil)
    let other =
      approvals + [
        (.reverted, .breach(release: "b", task: Self.task, evidence: Fingerprint(digest: Digest(of: [2])))),
        (.promoted, .release("c")),
      ]
    #expect(ways(other) == ["b", "a"])
  }
}
