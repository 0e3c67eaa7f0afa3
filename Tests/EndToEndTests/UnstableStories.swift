// A training that stays below its floor: every seed in turn, then a report, and nothing more until something changes.

import Testing

extension Stories {
  @Suite struct UnstableTraining {
    @Test func seedsAreTriedInOrderAndThenAPersonIsAsked() throws {
      let workspace = try Flights.finished()
      let champion = try workspace.read("models/model.txt")
      try workspace.edit("config/train.yaml", "floor: 0.4", "floor: 0.99")
      let run = try workspace.run("package")
      #expect(run.status == 1, "\(run)")
      let train = try run.entry("train")
      #expect(train.failureClass == "unstable")
      let attempts = try workspace.document("show")["attempts"].list
      #expect(attempts.map { $0["followUp"].text } == ["retry with the next seed", "no retry: no seed left"])
      #expect(attempts.allSatisfy { $0["rule"].text == "the task's own result" })
      for (attempt, seed) in zip(attempts, ["2013; 1 more to try", "7; no seed is left to try"]) {
        let page = ".martlet/attempts/\(attempt["attempt"].text ?? "")/diagnostics/unstable.md"
        let message = attempt["message"].text ?? ""
        #expect(message.contains("below the floor 0.9900, with seed \(seed)") && message.hasSuffix("; see \(page)"), "\(message)")
        #expect(try workspace.read(page).contains("![The auc by round](unstable.svg)"))
        #expect(workspace.exists(page.replacing("unstable.md", with: "unstable.png")))
      }
      // The last good model stays, and what a later run says names the report again.
      #expect(try workspace.read("models/model.txt") == champion)
      let again = try workspace.run("package")
      #expect(again.status == 1)
      #expect(again.ran == [])
      #expect(try again.entry("train").message == train.message)
      #expect(again.ending.err.contains("martlet retry"), "\(again)")
      // A person asks for the same once more; then lowers the floor, and it goes on by itself.
      let retry = workspace.martlet("retry")
      #expect(retry.status == 1)
      #expect(retry.err.contains("1 failed (train: unstable)"), "\(retry)")
      #expect(try workspace.document("show")["attempts"].list.count == 2)
      try workspace.edit("config/train.yaml", "floor: 0.99", "floor: 0.3")
      let mended = try workspace.run("package")
      #expect(mended.status == 0, "\(mended)")
      #expect(mended.ran.contains("train"))
    }
  }
}
