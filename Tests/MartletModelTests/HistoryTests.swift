/// What a history says of releases and decisions, and that its lines read back and hold each other.

import MartletModel
import Testing

struct HistoryTests {
  /// Writes one entry a day, from 1 March 2026 on.
  private struct Diary {
    var history = History()

    mutating func add(_ kind: HistoryEntry.Kind, _ subject: HistoryEntry.Subject, settledBy: Int? = nil) {
      let day = CalendarDay("2026-03-01")!.advanced(by: history.entries.count)
      history = History(
        entries: history.entries + [
          history.next(kind, subject, at: "\(day)T12:00:00.000+01:00", by: "ada", comment: "because", settledBy: settledBy)
        ])
    }

    mutating func approve(_ release: ArtifactPath?) {
      add(.approved, gate(release))
    }

    func gate(_ release: ArtifactPath?) -> HistoryEntry.Subject {
      .gate("promote", evidence: fingerprint(release?.string ?? ""), shown: ["eval.metrics": "one"], release: release)
    }

    func decisionStands(_ release: ArtifactPath?) -> Bool? {
      history.decision(onGate: "promote", evidence: fingerprint(release?.string ?? "")).map {
        !$0.hasLapsed(among: Set(history.promoted))
      }
    }
  }

  private static func fingerprint(_ text: String) -> Fingerprint { Fingerprint(digest: Digest(of: Array(text.utf8))) }

  /// a, b and c were approved one after another.
  private var threeApproved: Diary {
    var diary = Diary()
    for release in ["a", "b", "c"] as [ArtifactPath] { diary.approve(release) }
    return diary
  }

  // MARK: Releases

  @Test func anEmptyHistoryHasNothingInProduction() {
    #expect(History().current == nil)
    #expect(History().beforeCurrent == nil)
    #expect(!History().isPinned)
    #expect(History().current(at: 1e12) == nil)
  }

  @Test func eachApprovalPushes() {
    let history = threeApproved.history
    #expect(history.promoted == ["c", "b", "a"])
    #expect(history.current == "c")
    #expect(history.beforeCurrent == "b")
    #expect(!history.isPinned)
  }

  @Test func rollingBackCutsOffWhatCameAfterItsTarget() {
    var diary = threeApproved
    diary.add(.rolledBack, .release("a"))
    #expect(diary.history.promoted == ["a"])
    #expect(diary.history.beforeCurrent == nil)
    #expect(diary.history.isPinned)
    diary.approve("d")
    #expect(diary.history.promoted == ["d", "a"])
    #expect(!diary.history.isPinned)
  }

  @Test func aRevertIsARollbackThatARunMade() {
    var diary = threeApproved
    diary.add(.reverted, .breach(release: "b", task: TaskInstance(task: "eval"), evidence: HistoryTests.fingerprint("x")))
    #expect(diary.history.promoted == ["b", "a"])
    #expect(diary.history.isPinned)
  }

  @Test func promotingAgainIsUndoneByRollingBack() {
    var diary = threeApproved
    diary.add(.promoted, .release("a"))
    #expect(diary.history.promoted == ["a", "c", "b"])
    #expect(diary.history.beforeCurrent == "c")
    diary.add(.rolledBack, .release("c"))
    #expect(diary.history.promoted == ["c", "b", "a"])
    diary.add(.promoted, .release("c"))
    #expect(diary.history.promoted == ["c", "b", "a"])
    #expect(!diary.history.isPinned)
  }

  @Test func whatWasCurrentAtATime() {
    var diary = threeApproved
    diary.add(.rolledBack, .release("a"))
    let history = diary.history
    func current(_ text: String) -> ArtifactPath? { history.current(at: Timestamp(text)!.seconds) }
    #expect(current("2026-03-01T10:59:59Z") == nil)
    #expect(current("2026-03-01T11:00:00Z") == "a")
    #expect(current("2026-03-02T23:00:00Z") == "b")
    #expect(current("2026-03-03T23:00:00Z") == "c")
    #expect(current("2026-03-04T23:00:00Z") == "a")
    #expect(history.asOf(Timestamp("2026-03-03T23:00:00Z")!.seconds).promoted == ["c", "b", "a"])
  }

  // MARK: Decisions

  @Test func approvalsOfReleasesThatWereCutOffLapse() {
    var diary = threeApproved
    diary.add(.rolledBack, .release("a"))
    #expect(diary.decisionStands("a") == true)
    #expect(diary.decisionStands("b") == false)
    #expect(diary.decisionStands("c") == false)
    #expect(diary.decisionStands("d") == nil)
    diary.approve("b")
    #expect(diary.decisionStands("b") == true)
    diary.add(.promoted, .release("c"))
    #expect(diary.decisionStands("c") == true)
  }

  @Test func theNewestApprovalThatSaysWhoAskedForAReleaseTellsIt() {
    var history = History()
    func add(_ kind: HistoryEntry.Kind, _ subject: HistoryEntry.Subject, requester: String?, settledBy: Int? = nil) {
      let entry = history.next(
        kind, subject, at: "2026-03-01T12:00:00.000+01:00", by: "ada", comment: nil, requester: requester, settledBy: settledBy)
      history = History(entries: history.entries + [entry])
    }
    #expect(history.requester(of: "a") == nil)
    add(.approved, Diary().gate("a"), requester: nil)
    #expect(history.requester(of: "a") == nil)
    add(.approved, Diary().gate("a"), requester: "ann")
    add(.approved, Diary().gate("b"), requester: "bob")
    add(.promoted, .release("a"), requester: nil)
    #expect(history.requester(of: "a") == "ann" && history.requester(of: "b") == "bob")
    add(.approved, Diary().gate("a"), requester: "cid")
    #expect(history.requester(of: "a") == "cid")
    let text = history.entries.map { $0.line + "\n" }.joined()
    #expect((try? History(text: text, file: "history.jsonl")) == history)
  }

  @Test func decisionsWithoutAReleaseStand() {
    var diary = Diary()
    diary.approve(nil)
    diary.approve("a")
    diary.approve("b")
    diary.add(.rejected, diary.gate("c"))
    diary.add(.rolledBack, .release("a"))
    #expect(diary.decisionStands(nil) == true)
    #expect(diary.decisionStands("c") == true)
  }

  @Test func aDecisionThatCameSecondChangesNothing() {
    var diary = Diary()
    diary.add(.rejected, diary.gate("a"))
    diary.add(.approved, diary.gate("a"), settledBy: 1)
    #expect(diary.history.current == nil)
    #expect(diary.history.decision(onGate: "promote", evidence: HistoryTests.fingerprint("a"))?.kind == .rejected)
  }

  // MARK: The file

  @Test func everyKindReadsBack() throws {
    var diary = threeApproved
    let task = TaskInstance(task: "eval", slice: .partition(Partition(name: "dt", value: "2013-01-31")))
    let evidence = HistoryTests.fingerprint("e")
    diary.add(.rejected, diary.gate(nil))
    diary.add(.asked, diary.gate(nil))
    diary.add(.promoted, .release("a"))
    diary.add(.rolledBack, .release("c"))
    diary.add(.reverted, .breach(release: "b", task: task, evidence: evidence))
    diary.add(.incidentAccepted, .incident("eval-0a1b2c", task: task, evidence: evidence, shown: ["eval.metrics": "x"]))
    diary.add(.incidentRejected, .incident("eval-0a1b2c", task: task, evidence: evidence, shown: [:]), settledBy: 8)
    #expect(Set(diary.history.entries.map(\.kind)) == Set(HistoryEntry.Kind.allCases))
    let text = diary.history.entries.map { $0.line + "\n" }.joined()
    #expect(try History(text: text, file: "history.jsonl") == diary.history)
    #expect(try History(text: text + "{\"at\"", file: "history.jsonl") == diary.history)
  }

  // MARK: Gates that wait

  @Test func aGateWaitsFromWhenItAskedUntilSomebodyDecides() {
    var diary = Diary()
    let evidence = HistoryTests.fingerprint("")
    diary.add(.asked, diary.gate(nil))
    #expect(diary.history.asked(gate: "promote", evidence: evidence)?.sequence == 1)
    #expect(diary.history.decision(onGate: "promote", evidence: evidence) == nil)
    #expect(diary.history.asked(gate: "promote", evidence: HistoryTests.fingerprint("other")) == nil)
    diary.add(.rejected, diary.gate(nil))
    #expect(diary.history.asked(gate: "promote", evidence: evidence) == nil)
    // Its approval lapsed, and it waits again.
    diary.add(.asked, diary.gate(nil))
    #expect(diary.history.asked(gate: "promote", evidence: evidence)?.sequence == 3)
  }

  @Test func waitingIsOverAfterTheDeclaredTime() {
    var diary = Diary()
    let expiry = GateExpiry(afterSeconds: 3 * 86_400)
    let asked = Timestamp("2026-03-01T12:00:00.000+01:00")!.seconds
    #expect(!diary.history.isOver(gate: "promote", expiry, now: .infinity))
    diary.add(.asked, diary.gate(nil))
    #expect(!diary.history.isOver(gate: "promote", expiry, now: asked + 3 * 86_400 - 1))
    #expect(diary.history.isOver(gate: "promote", expiry, now: asked + 3 * 86_400))
    #expect(!diary.history.isOver(gate: "other", expiry, now: .infinity))
    diary.add(.rejected, diary.gate(nil))
    #expect(!diary.history.isOver(gate: "promote", expiry, now: .infinity))
  }

  /// Digests computed by another program.
  @Test func linesOfTheFirstVersionReadUnchanged() throws {
    let text = """
      {"at":"2026-03-10T09:00:00.000+01:00","by":"ada","comment":"looks good","digest":"858afd53eab5c40844b1567f0d51\
      3d49b4731fb691a8ac2f12a16cea90a051a2","evidence":"abababababababababababababababababababababababababababababab\
      abab","gate":"promote","kind":"approved","previous":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7\
      852b855","release":"artifact/model_va/","schema":"martlet.history/1","sequence":1,"shown":{"eval.metrics":"cdc\
      dcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"}}
      {"at":"2026-03-11T09:00:00.000+01:00","by":"bob","digest":"54fc49c8a5b578218f66f34779a9aeda9e1d7c6ba4d9ccf5ef6\
      0f735f1f6ab81","evidence":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef","gate":"promote",\
      "kind":"rejected","previous":"858afd53eab5c40844b1567f0d513d49b4731fb691a8ac2f12a16cea90a051a2","schema":"mart\
      let.history/1","sequence":2,"shown":{}}
      """
    let history = try History(text: text + "\n", file: "history.jsonl")
    #expect(history.entries.map { $0.line }.joined(separator: "\n") == text)
    #expect(history.current == "artifact/model_va/")
    #expect(history.entries.map(\.comment) == ["looks good", nil])
  }

  @Test func whateverIsDoneToTheLinesIsFoundAtItsLine() {
    let lines = threeApproved.history.entries.map(\.line)
    func fault(_ lines: [String]) -> (line: Int, fault: String)? {
      do {
        _ = try History(text: lines.map { $0 + "\n" }.joined(), file: "history.jsonl")
        return nil
      } catch {
        return (error.line, error.fault)
      }
    }
    let changed = "this line is not as it was written"
    let misplaced = "this line does not follow the one before it"
    #expect(fault(lines) == nil)
    #expect(fault([lines[0], lines[1].replacing("ada", with: "eve"), lines[2]])! == (2, changed))
    #expect(fault([lines[0], lines[1] + " ", lines[2]])! == (2, changed))
    #expect(fault([lines[0], "", lines[1], lines[2]])! == (2, changed))
    #expect(fault([lines[0], lines[2]])! == (2, misplaced))
    #expect(fault([lines[1], lines[2]])! == (1, misplaced))
    #expect(fault([lines[0], lines[2], lines[1]])! == (2, misplaced))
    #expect(fault([lines[0], lines[1], lines[1], lines[2]])! == (3, misplaced))
    let forged = History(entries: threeApproved.history.entries.dropLast(2))
      .next(.approved, threeApproved.gate("x"), at: "2026-03-02T12:00:00.000+01:00", by: "eve", comment: nil)
    #expect(fault([lines[0], forged.line, lines[2]])! == (3, misplaced))
  }
}
