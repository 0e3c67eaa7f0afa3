/// Which release a promotion or a rollback is about, and what the history then says of gates.

import MartletModel
import MartletPlan
import Testing

struct ReleaseMoveTests {
  private static func evidence(_ release: ArtifactPath) -> Fingerprint {
    Fingerprint(digest: Digest(of: Array(release.string.utf8)))
  }

  private func history(approved: [ArtifactPath], then moves: [(HistoryEntry.Kind, ArtifactPath)] = []) -> History {
    var history = History()
    func add(_ kind: HistoryEntry.Kind, _ subject: HistoryEntry.Subject) {
      let entry = history.next(kind, subject, at: "2026-03-01T12:00:00.000+01:00", by: "ada", comment: nil)
      history = History(entries: history.entries + [entry])
    }
    for release in approved {
      add(.approved, .gate("promote", evidence: Self.evidence(release), shown: [:], release: release))
    }
    for (kind, release) in moves { add(kind, .release(release)) }
    return history
  }

  private func refusal(_ move: ReleaseMove, _ history: History) -> ReleaseRefusal? {
    do {
      _ = try move.target(in: history)
      return nil
    } catch {
      return error
    }
  }

  @Test func rollingBackGoesToTheReleaseBefore() throws {
    #expect(try ReleaseMove.rollBack(to: nil).target(in: history(approved: ["a", "b", "c"])) == "b")
    #expect(try ReleaseMove.rollBack(to: "a").target(in: history(approved: ["a", "b", "c"])) == "a")
  }

  @Test func rollingBackIsRefusedWithoutATarget() {
    #expect(refusal(.rollBack(to: nil), History()) == .nothingPromoted)
    #expect(refusal(.rollBack(to: nil), history(approved: ["a"])) == .nothingBefore(current: "a"))
    #expect(refusal(.rollBack(to: "b"), history(approved: ["a", "b"])) == .isCurrent("b"))
    #expect(refusal(.rollBack(to: "x"), history(approved: ["a", "b"])) == .neverPromoted("x"))
    #expect(refusal(.rollBack(to: "c"), history(approved: ["a", "b", "c"], then: [(.rolledBack, "b")])) == .cutOff("c"))
  }

  @Test func onlyWhatWasPromotedIsPromotedAgain() throws {
    let rolledBack = history(approved: ["a", "b"], then: [(.rolledBack, "a")])
    #expect(try ReleaseMove.promote("b").target(in: rolledBack) == "b")
    #expect(try ReleaseMove.promote("a").target(in: rolledBack) == "a", "it lifts the pin")
    #expect(refusal(.promote("x"), rolledBack) == .neverPromoted("x"))
    #expect(refusal(.promote("b"), history(approved: ["a", "b"])) == .isCurrent("b"))
    #expect(refusal(.promote("x"), History()) == .nothingPromoted)
  }

  @Test func gatesAskAgainForWhatWasCutOff() {
    func decision(_ release: ArtifactPath, _ history: History) -> GateDecision? {
      history.gateDecisions[GateEvidence(gate: "promote", evidence: Self.evidence(release))]
    }
    let rolledBack = history(approved: ["a", "b"], then: [(.rolledBack, "a")])
    #expect(decision("a", rolledBack) == .approved)
    #expect(decision("b", rolledBack) == .lapsed)
    #expect(decision("b", history(approved: ["a", "b"], then: [(.rolledBack, "a"), (.promoted, "b")])) == .approved)
    #expect(decision("c", rolledBack) == nil)
  }
}
