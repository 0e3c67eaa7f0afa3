// A person decides, on what is shown, and only on that.

import Testing

extension Stories {
  @Suite struct Gates {
    @Test func anApprovalPromotesAndMakesNothingStale() throws {
      let workspace = try Flights.finished()
      let release = try workspace.paths("artifact/model_v*")
      #expect(!workspace.exists("artifact/current"))
      let approval = workspace.martlet("approve", "promote", "-m", "looks good")
      #expect(approval.status == 0, "\(approval)")
      #expect(try ["artifact/" + workspace.link("artifact/current")] == release)
      #expect(try workspace.read("artifact/history.jsonl").contains("looks good"))
      let run = try workspace.run()
      #expect(run.status == 0, "\(run)")
      #expect(run.result == "succeeded")
      #expect(run.ran == [], "\(run)")
      try workspace.remove(".martlet")
      let rebuilt = try workspace.run()
      #expect(rebuilt.result == "succeeded", "\(rebuilt)")
      #expect(rebuilt.ran == [])
    }

    @Test func aRejectionStandsUntilTheEvidenceChanges() throws {
      let workspace = try Flights.finished()
      #expect(workspace.martlet("reject", "promote", "-m", "not this one").status == 0)
      let run = try workspace.run()
      #expect(run.status == 4, "\(run)")
      #expect(run.result == "rejected")
      #expect(run.ran == [])
      #expect(!workspace.exists("artifact/current"))
      // The same release beside other results: what was said of it is not forgotten.
      try workspace.edit("config/train.yaml", "auc: {warn: 0.45, fail: 0.4}", "auc: {warn: 0.999, fail: 0.4}")
      let doubted = try workspace.run()
      #expect(doubted.status == 3, "\(doubted)")
      #expect(doubted.ending.err.contains("martlet gates    what promote shows: rejected before by "), "\(doubted)")
      #expect(doubted.ending.err.contains(": not this one, beside other eval.metrics\n"), "\(doubted)")
      let gates = workspace.martlet("gates").out
      #expect(gates.contains("\n  before    rejected by "), "\(gates)")
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.05")
      let changed = try workspace.run()
      #expect(changed.status == 3, "\(changed)")
      #expect(changed.ran == Flights.belowClean)
      #expect(!changed.ending.err.contains("rejected before"), "\(changed)")
    }

    @Test func aGateWhoseEvidenceChangedAsksAgain() throws {
      let workspace = try Flights.finished()
      #expect(workspace.martlet("approve", "promote").status == 0)
      let first = try workspace.link("artifact/current")
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.05")
      let refused = workspace.martlet("approve", "promote")
      #expect(refused.status != 0, "\(refused)")
      let run = try workspace.run()
      #expect(run.status == 3, "\(run)")
      #expect(run.names("waiting") == ["promote"])
      #expect(try workspace.link("artifact/current") == first)
      #expect(try workspace.document("gates")["gates"].list.first?["state"].text == "waiting")
      #expect(workspace.martlet("approve", "promote").status == 0)
      #expect(try workspace.link("artifact/current") != first)
      #expect(try workspace.run().result == "succeeded")
    }
  }
}
