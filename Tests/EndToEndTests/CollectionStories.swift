// gc: what is old goes, what matters stays, and what was removed is made again when somebody needs it.

import Testing

extension Stories {
  @Suite struct Collection {
    @Test func intermediatesThatAreGoneMakeNothingRunUntilSomebodyReadsThem() throws {
      let workspace = try Flights.finished()
      let dry = try workspace.document("gc", "--intermediates", "--older-than", "0d", "--dry-run")
      #expect(dry["dryRun"].isTrue)
      #expect(workspace.exists("data/processed/features.parquet"))
      let gone = try workspace.document("gc", "--intermediates", "--older-than", "0d")
      let paths = gone["removed"].list.filter { $0["kind"].text == "intermediate" }.compactMap { $0["path"].text }
      #expect(
        paths.sorted()
          == (Flights.days.map { "data/ingested/parts/dt=\($0)/part.parquet" } + [
            "data/ingested/data_ingested.parquet", "data/processed/features.parquet", "models/model.pkl", "models/model.txt",
          ]).sorted())
      #expect(gone["bytes"].integer == dry["bytes"].integer)
      #expect(!workspace.exists("data/processed/features.parquet"))
      #expect(workspace.exists("reports/eval_metrics.json") && workspace.exists("data/rejects/dt=2013-01-03.parquet"))
      #expect(try workspace.run().ran == [])
      // The files beside the outputs hold it too.
      try workspace.remove(".martlet")
      let rebuilt = try workspace.run()
      #expect(rebuilt.ran == [], "\(rebuilt)")
      #expect(rebuilt.status == 3)
      try workspace.edit("config/train.yaml", "auc: {warn: 0.45", "auc: {warn: 0.44")
      let run = try workspace.run("eval")
      #expect(run.status == 0, "\(run)")
      #expect(run.ran == (Flights.days.map { "ingest dt=\($0)" } + ["clean", "eval", "ingest gather", "train"]).sorted())
      #expect(try run.entry("clean").reasons == ["output collected: data/processed/features.parquet"])
      #expect(workspace.exists("models/model.pkl"))
      #expect(try workspace.run("eval").ran == [])
    }

    @Test func whatIsYoungStaysAndWhatIsCurrentTheWayBackOrShownNeverGoes() throws {
      let workspace = try Flights.finished()
      #expect(workspace.martlet("approve", "promote").status == 0)
      let first = try workspace.link("artifact/current")
      // A second release is promoted, a third is never; a fourth waits at the gate.
      var releases = [first]
      for (index, rate) in ["0.05", "0.06", "0.07"].enumerated() {
        try workspace.shell("sed -i 's/learning_rate: .*/learning_rate: \(rate)/' config/train.yaml")
        #expect(try workspace.run().status == 3)
        let known = releases
        releases += try workspace.paths("artifact/model_v*").map { String($0.dropFirst("artifact/".count)) }.filter {
          !known.contains($0)
        }
        if index == 0 { #expect(workspace.martlet("approve", "promote").status == 0) }
      }
      #expect(releases.count == 4)
      #expect(workspace.martlet("gc").out == "nothing to remove; \(try kept(workspace)) that could go stay, for now\n")
      let gone = try workspace.document("gc", "--older-than", "0s")
      #expect(
        gone["removed"].list.filter { $0["kind"].text == "release" }.map { $0["path"].text } == ["artifact/\(releases[2])/"])
      #expect(try workspace.paths("artifact/model_v*").count == 3)
      #expect(try workspace.link("artifact/current") == releases[1])
      #expect(workspace.martlet("rollback", "-m", "back").status == 0)
      #expect(try workspace.link("artifact/current") == first)
      // Each task's newest log is still there.
      #expect(workspace.martlet("logs", "train").status == 0)
      #expect(workspace.martlet("runs").status == 0)
    }

    @Test func whatHasLostItsSourceStays() throws {
      let workspace = try Flights.finished()
      try workspace.remove("data/raw/dt=2013-01-12")
      #expect(try workspace.run("report").status == 0)
      let part = "data/ingested/parts/dt=2013-01-12/part.parquet"
      #expect(workspace.exists(part))
      let gone = try workspace.document("gc", "--intermediates", "--older-than", "0d")
      let paths = gone["removed"].list.compactMap { $0["path"].text }
      #expect(paths.contains("data/ingested/parts/dt=2013-01-11/part.parquet"), "\(gone)")
      #expect(workspace.exists(part), "\(gone)")
    }

    @Test func whereTheHistoryIsGoneNoReleaseIsRemoved() throws {
      let workspace = try Flights.finished()
      #expect(workspace.martlet("approve", "promote").status == 0)
      let current = try workspace.link("artifact/current")
      // The next release is recorded, and the one in production is not any more.
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.05")
      #expect(try workspace.run().status == 3)
      try workspace.remove("artifact/history.jsonl")
      let gone = workspace.martlet("gc", "--older-than", "0s")
      #expect(gone.status == 0 && gone.err.contains("artifact/history.jsonl lacks entries that were known"), "\(gone)")
      #expect(workspace.exists("artifact/\(current)/manifest.json"), "\(gone)")
      // Nor where the store went with it and knows nothing.
      try workspace.remove(".martlet")
      let again = workspace.martlet("gc", "--older-than", "0s")
      #expect(again.status == 0, "\(again)")
      #expect(workspace.exists("artifact/current/manifest.json"), "\(again)")
    }

    private func kept(_ workspace: Workspace) throws -> String {
      let text = workspace.martlet("gc", "--dry-run").out
      return String(text.split(separator: ";")[1].split(separator: " that")[0].dropFirst())
    }

    @Test func attemptsGoAfterThirtyDaysAndTheOldestWhenThereIsNoRoom() throws {
      let workspace = try Flights.finished()
      _ = try workspace.run("--force")
      let attempts = try workspace.paths(".martlet/attempts/*").sorted()
      try workspace.shell("find \(attempts[0]) -exec touch -d '31 days ago' {} +")
      let old = try workspace.document("gc")
      #expect(old["removed"].list.map { $0["path"].text } == [attempts[0]])
      #expect(try workspace.paths(".martlet/attempts/*").count == attempts.count - 1)
      let kept = try #require(old["kept"].integer)
      let pressed = try workspace.document("gc", "--max-size", "\(kept - 1)")
      #expect(pressed["removed"].list.count == 1, "\(pressed)")
      #expect((pressed["kept"].integer ?? .max) < kept)
      let wrong = workspace.martlet("gc", "--max-size", "much")
      #expect(wrong.status == 2)
      #expect(wrong.err == "error: --max-size takes a size\n  given  much\n  hint: --max-size 10GB, or 512MiB\n")
    }
  }
}
