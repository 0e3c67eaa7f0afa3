/// Whatever is done to the lines of a history is named, at its line.

import MartletModel
import Testing

struct HistoryAuditTests {
  private let lines: [String]
  private let known: HistoryEnd

  init() {
    var history = History()
    for release in ["a", "b", "c", "d", "e"] {
      let subject = HistoryEntry.Subject.release(ArtifactPath(release))
      let entry = history.next(.promoted, subject, at: "2026-03-01T12:00:00.000+01:00", by: "ada", comment: nil)
      history = History(entries: history.entries + [entry])
    }
    lines = history.entries.map(\.line)
    known = history.end!
  }

  private func faults(_ lines: [String], known: HistoryEnd? = nil) -> [String] {
    History.faults(text: lines.map { $0 + "\n" }.joined(), known: known ?? self.known).map { fault in
      "\(fault.line.map(String.init) ?? "end"): \(fault.text)"
    }
  }

  @Test func whatWasWrittenHasNone() {
    #expect(faults(lines) == [])
    #expect(History.faults(text: "", known: nil) == [])
    // What was appended since is no fault, nor is a line that a crash cut off before anyone was told.
    #expect(faults(lines, known: HistoryEnd(sequence: 2, digest: HistoryEntry(line: lines[1])!.digest)) == [])
    #expect(History.faults(text: lines.joined(separator: "\n") + "\n{\"at\":", known: known) == [])
  }

  @Test func changedLines() {
    #expect(faults([lines[0].replacing("ada", with: "eve")] + lines[1...]) == ["1: this line is not as it was written"])
    #expect(
      faults([lines[0], lines[1].replacing("ada", with: "eve"), lines[2], "", lines[4]]) == [
        "2: this line is not as it was written", "4: this line is not as it was written",
      ])
    let forged = History(entries: [HistoryEntry(line: lines[0])!])
      .next(.promoted, .release("x"), at: "2026-03-01T12:00:00.000+01:00", by: "eve", comment: nil)
    #expect(
      faults([lines[0], forged.line] + lines[2...]) == [
        "3: this line does not follow the one before it, which was changed and given a new digest"
      ])
  }

  @Test func removedLines() {
    #expect(
      faults([lines[0], lines[2], lines[3], lines[4]]) == ["2: entry 3 stands where entry 2 belongs: entry 2 was removed"])
    #expect(
      faults([lines[3], lines[4]]) == ["1: entry 4 stands where entry 1 belongs: entries 1 to 3 were removed"])
  }

  @Test func movedLines() {
    #expect(
      faults([lines[0], lines[2], lines[1], lines[3], lines[4]]) == [
        "2: entry 3 stands where entry 2 belongs: lines were moved",
        "3: entry 2 stands where entry 4 belongs: it was moved or doubled",
        "4: entry 4 stands where entry 3 belongs: lines were moved",
      ])
    #expect(
      faults([lines[0], lines[0]] + lines[1...]) == ["2: entry 1 stands where entry 2 belongs: it was moved or doubled"])
  }

  @Test func anEndThatIsCutOff() {
    #expect(faults(Array(lines[..<4])) == ["end: entry 5, the last one, was removed"])
    #expect(faults(Array(lines[..<2])) == ["end: entries 3 to 5, the last ones, were removed"])
    #expect(faults([]) == ["end: entries 1 to 5, the last ones, were removed"])
    #expect(
      faults([lines[0], lines[1].replacing("ada", with: "eve")]) == [
        "2: this line is not as it was written", "end: entries 3 to 5, the last ones, were removed",
      ])
  }

  @Test func aFileThatWasWrittenAnewFromAPoint() {
    var forged = History(entries: [HistoryEntry(line: lines[0])!])
    for release in ["w", "x", "y", "z"] {
      let subject = HistoryEntry.Subject.release(ArtifactPath(release))
      let entry = forged.next(.promoted, subject, at: "2026-03-01T12:00:00.000+01:00", by: "eve", comment: nil)
      forged = History(entries: forged.entries + [entry])
    }
    #expect(
      faults(forged.entries.map(\.line)) == [
        "end: entry 5 is another than the one that was known: the file was written anew"
      ])
  }
}
