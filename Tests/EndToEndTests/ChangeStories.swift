// Something changes, and exactly what depends on it runs again; the plan said so beforehand.

import Testing

extension Stories {
  @Suite struct Changes {
    @Test func aLearnersParameterTrainsAgain() throws {
      let workspace = try Flights.finished()
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.05")
      let plan = workspace.martlet("plan")
      #expect(plan.out.contains("parameter learning_rate 0.1 -> 0.05"), "\(plan)")
      #expect(workspace.martlet("plan", "--exit-code").status == 5)
      let planned = try workspace.document("plan")["tasks"].list.filter { $0["action"].text == "run" }
      #expect(planned.compactMap { $0["task"].text } == ["train"])
      let run = try workspace.run()
      #expect(run.ran == Flights.belowClean, "\(run)")
      #expect(try run.entry("train").reasons == ["parameter learning_rate 0.1 -> 0.05"])
      #expect(run.status == 3)
      #expect(try workspace.run().ran == [])
    }

    @Test func aThresholdJudgesAgainAndDoesNotTrain() throws {
      let workspace = try Flights.finished()
      try workspace.edit("config/train.yaml", "fail: 0.4}", "fail: 0.41}")
      let plan = workspace.martlet("plan")
      #expect(plan.out.contains("0.4 -> 0.41"), "\(plan)")
      let run = try workspace.run()
      // The model keeps the new limit as it kept the old one, so the metrics are the same bytes.
      #expect(run.ran == ["eval"], "\(run)")
    }

    @Test func aThresholdThatTheModelMissesStopsBeforePackage() throws {
      let workspace = try Flights.finished()
      try workspace.edit("config/train.yaml", "warn: 0.45, fail: 0.4}", "warn: 0.995, fail: 0.99}")
      let run = try workspace.run()
      #expect(run.ran == ["eval", "report"], "\(run)")
      #expect(try run.entry("eval").verdict == "fail")
      #expect(run.names("blocked") == ["package", "promote"], "\(run)")
      #expect(run.status == 3, "\(run)")
      #expect(workspace.martlet("approve", "promote").status != 0)
      try workspace.edit("config/train.yaml", "warn: 0.995, fail: 0.99}", "warn: 0.45, fail: 0.4}")
      let back = try workspace.run()
      #expect(back.ran == ["eval", "report"], "\(back)")
      #expect(back.names("waiting") == ["promote"])
    }

    @Test func aCommentChangesNothing() throws {
      let workspace = try Flights.finished()
      for file in ["config/train.yaml", "config/schema.yaml", "martlet.yaml"] { try workspace.append(file, "# a comment\n") }
      #expect(workspace.martlet("plan", "--exit-code").status != 5)
      let run = try workspace.run()
      #expect(run.ran == [], "\(run)")
    }

    @Test func oneChangedDayIsIngestedAgainAlone() throws {
      let workspace = try Flights.finished()
      try workspace.makeFlightsLate(on: "2013-01-05")
      let run = try workspace.run()
      #expect(
        run.ran == (["clean", "ingest dt=2013-01-05", "ingest gather", "validate"] + Flights.belowClean).sorted(), "\(run)")
    }

    @Test func aChangeOfNoConsequenceStopsAtTheIngestedBytes() throws {
      let workspace = try Flights.finished()
      // The weather's temperature is no declared column: ingest reads the file again and writes the same bytes.
      let path = "data/raw/dt=2013-01-05/weather.csv"
      let column = try workspace.read(path).split(separator: "\n")[0].split(separator: ",").firstIndex(of: "temp")! + 1
      try workspace.shell("awk -F, -v OFS=, 'NR == 2 {$\(column) = 99} 1' \(path) > fresh.csv && mv fresh.csv \(path)")
      let run = try workspace.run()
      #expect(run.ran == ["ingest dt=2013-01-05"], "\(run)")
      #expect(try run.entry("ingest dt=2013-01-05").reasons.contains { $0.hasPrefix("input weather changed") })
    }

    @Test func aChangeThatReachesNoFeatureStopsAtTheFeatures() throws {
      let workspace = try Flights.finished()
      // A flight number is profiled and ingested, but it is no feature.
      let path = "data/raw/dt=2013-01-05/flights.csv"
      let column = try workspace.read(path).split(separator: "\n")[0].split(separator: ",").firstIndex(of: "dep_time")! + 1
      try workspace.shell("awk -F, -v OFS=, 'NR == 2 {$\(column) = 1} 1' \(path) > fresh.csv && mv fresh.csv \(path)")
      let run = try workspace.run()
      #expect(run.ran == ["clean", "ingest dt=2013-01-05", "ingest gather", "package", "report", "validate"], "\(run)")
    }

    @Test func aDeletedOutputIsRebuilt() throws {
      let workspace = try Flights.finished()
      let before = try workspace.digests(["data/processed/features.parquet"])
      try workspace.remove("data/processed/features.parquet")
      #expect(workspace.martlet("plan").out.contains("output missing: data/processed/features.parquet"))
      let run = try workspace.run()
      #expect(run.ran == ["clean"], "\(run)")
      #expect(try workspace.digests(["data/processed/features.parquet"]) == before)
    }

    @Test func anEditedOutputIsSetAsideAndRebuilt() throws {
      let workspace = try Flights.finished()
      let before = try workspace.read("reports/train_metrics.json")
      let edited = before + "an edit behind our back\n"
      try workspace.write("reports/train_metrics.json", edited)
      #expect(workspace.martlet("plan").out.contains("output modified: reports/train_metrics.json"))
      let run = try workspace.run()
      #expect(run.ran == ["train"], "\(run)")
      #expect(try workspace.read("reports/train_metrics.json") == before)
      let aside = run.ending.err.firstMatch(of: /\.martlet\/aside\/\S+/).map { String($0.output) }
      #expect(try workspace.read(aside ?? "nothing said where") == edited, "\(run)")
    }
  }
}

extension Workspace {
  /// Every third flight of the day arrives an hour late.
  func makeFlightsLate(on day: String) throws {
    let path = "data/raw/dt=\(day)/flights.csv"
    let column = try read(path).split(separator: "\n")[0].split(separator: ",").firstIndex(of: "arr_delay")! + 1
    try shell("awk -F, -v OFS=, 'NR > 1 && NR % 3 == 0 {$\(column) = 60} 1' \(path) > fresh.csv && mv fresh.csv \(path)")
  }
}
