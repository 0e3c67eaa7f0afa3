// What is done stays done: after a second run, a touch, a move, a lost store or an approval, nothing runs.

import Testing

extension Stories {
  @Suite struct NothingToDo {
    @Test func theFirstRunDoesEverythingAndWaitsForAPerson() throws {
      let run = try Flights.firstRun()
      #expect(run.status == 3, "\(run)")
      #expect(run.result == "waiting")
      #expect(
        run.ran
          == (["clean", "eval", "ingest gather", "package", "report", "train", "validate"]
          + Flights.days.map { "ingest dt=\($0)" })
          .sorted())
      #expect(run.counts == ["ran": 7, "reused": 0, "failed": 0, "blocked": 0, "waiting": 1])
      #expect(run.ending.err.contains("martlet approve promote"))
    }

    @Test func everyFileOfTheWorkspaceIsThere() throws {
      let workspace = try Flights.finished()
      let release = try workspace.paths("artifact/model_v*")
      #expect(release.count == 1)
      for path in [
        "data/ingested/data_ingested.parquet", "data/ingested/parts/dt=2013-01-01/part.parquet",
        "data/rejects/dt=2013-01-01.parquet",
        "data/processed/features.parquet", "data/quarantine/clean.parquet", "reports/data_profile.json",
        "reports/validation_summary.md", "reports/train_metrics.json", "reports/eval_metrics.json", "reports/drift_report.md",
        "models/model.pkl", "models/model.txt", "\(release.first ?? "artifact")/manifest.json", "deliverables/report.md",
        "logs/train.log", "checkpoints/train.ok", "checkpoints/ingest.ok", "checkpoints/ingest/dt=2013-01-01.ok",
      ] {
        #expect(workspace.exists(path), "\(path)")
      }
      for picture in ["graph", "roc", "calibration", "importance", "drift"] {
        #expect(try !workspace.paths("deliverables/images/*\(picture)*").isEmpty, "\(picture)")
      }
    }

    @Test func aSecondRunExecutesNothing() throws {
      let workspace = try Flights.finished()
      let run = try workspace.run()
      #expect(run.ran == [], "\(run)")
      #expect(run.counts == ["ran": 0, "reused": 7, "failed": 0, "blocked": 0, "waiting": 1])
      #expect(run.status == 3)
      #expect(workspace.martlet("run", "--allow-waiting").status == 0)
    }

    @Test func touchingEveryFileChangesNothing() throws {
      let workspace = try Flights.finished()
      try workspace.shell("find . -exec touch {} +")
      let run = try workspace.run()
      #expect(run.ran == [], "\(run)")
      #expect(run.counts["reused"] == 7)
    }

    @Test func withoutTheStoreTheCheckpointsStillCount() throws {
      let workspace = try Flights.finished()
      try workspace.remove(".martlet")
      let run = try workspace.run()
      #expect(run.ran == [], "\(run)")
      #expect(run.counts["reused"] == 7)
      // Reasons survive too: the old value is known from the checkpoint's file.
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.05")
      #expect(workspace.martlet("plan").out.contains("parameter learning_rate 0.1 -> 0.05"))
    }

    @Test func aMovedWorkspaceIsTheSame() throws {
      let workspace = try Flights.finished()
      _ = try workspace.run()
      try workspace.move()
      let run = try workspace.run()
      #expect(run.ran == [], "\(run)")
      #expect(run.counts["reused"] == 7)
    }

    @Test func aRemovedCheckpointRunsItsTaskAloneWhereTheBytesStayTheSame() throws {
      let workspace = try Flights.finished()
      try workspace.remove("checkpoints/train.ok")
      #expect(workspace.martlet("plan").out.contains("checkpoint removed"))
      let run = try workspace.run()
      #expect(run.ran == ["train"], "\(run)")
      #expect(workspace.exists("checkpoints/train.ok"))
      #expect(try workspace.run().ran == [])
    }
  }
}
