// A pipeline file with mistakes: all of them at once, each with its place and a suggestion, and nothing runs.

import Testing

extension Stories {
  @Suite struct PipelineFile {
    @Test func everyMistakeIsToldAtOnceAndNothingRuns() throws {
      let workspace = try Flights.fresh()
      try workspace.edit("martlet.yaml", "    batch: 64 ", "    bacth: 64 ")
      try workspace.edit("martlet.yaml", "data: ingest.all", "data: ingest.al")
      try workspace.edit("martlet.yaml", "min_rows: 1000 ", "min_rows: 1000\n  min_rows: 2000 ")
      try workspace.edit("martlet.yaml", "resources: {cpu: 2, memory: 4GiB}", "resources: {cpu: two, memory: 4GiB}")
      try workspace.append(
        "martlet.yaml",
        """

          copy:
            run: cp ${{ in.a }} ${{ out.b }}
            in: {a: data/reference/planes.csv}
            out: {b: data/processed/features.parquet}
          chicken:
            run: cp ${{ in.a }} ${{ out.b }}
            in: {a: egg.b}
            out: {b: data/chicken.txt}
          egg:
            run: cp ${{ in.a }} ${{ out.b }}
            in: {a: chicken.b}
            out: {b: data/egg.txt}

        """)
      func line(_ text: String) throws -> Int {
        try workspace.read("martlet.yaml").split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
          $0.contains(text)
        }! + 1
      }
      for command in ["check", "plan", "run"] {
        let ending = workspace.martlet(command)
        #expect(ending.status == 2, "\(ending)")
        for (place, message) in [
          ("martlet.yaml:\(try line("bacth:")):5: error", "did you mean \"batch\"?"),
          ("martlet.yaml:\(try line("data: ingest.al")):13: error", "did you mean \"ingest.all\"?"),
          ("martlet.yaml:\(try line("min_rows: 2000")):3: error", "min_rows"),
          ("martlet.yaml:\(try line("cpu: two")):18: error", "cpu"),
          ("martlet.yaml:\(try line("out: {b: data/processed/features.parquet}")):14: error", "data/processed/features.parquet"),
          ("martlet.yaml:\(try line("egg.b}")):13: error", "chicken needs egg, egg needs chicken"),
        ] {
          #expect(ending.err.contains(place), "\(place)\n\(ending)")
          #expect(ending.err.contains(message), "\(message)\n\(ending)")
        }
      }
      #expect(!workspace.exists(".martlet"))
      #expect(!workspace.exists("data/ingested"))
    }

    @Test func whatTheBuiltInTasksWouldNotTakeIsToldBeforeAnythingRuns() throws {
      let workspace = try Flights.fresh()
      try workspace.edit("config/train.yaml", "rounds: 30", "rounds: -30")
      try workspace.edit("config/train.yaml", "num_leaves: 15", "num_leafes: 15")
      try workspace.edit("config/train.yaml", "seeds: [2013, 7]", "seeds: []")
      try workspace.edit("config/train.yaml", "  verdict: warn\n  score", "  verdict: worn\n  score")
      try workspace.edit("config/schema.yaml", "month: {type: integer,", "month: {type: intger,")
      try workspace.append("templates/report.md.mustache", "{{#open}}\n")
      func place(_ file: String, _ text: String) throws -> String {
        let lines = try workspace.read(file).split(separator: "\n", omittingEmptySubsequences: false)
        return "\(file):\(lines.firstIndex { $0.contains(text) }! + 1):"
      }
      for command in [["check"], ["plan"], ["run"], ["backfill", "dt=2013-01-01"]] {
        let ending = workspace.start(command).end()
        #expect(ending.status == 2, "\(ending)")
        #expect(ending.err.contains("\(try place("config/schema.yaml", "intger"))21: error[E108]"), "\(ending)")
        #expect(ending.err.contains("did you mean \"integer\"?"), "\(ending)")
        // A backfill runs the tasks with partitions alone.
        guard command[0] != "backfill" else { continue }
        for (start, message) in [
          ("\(try place("config/train.yaml", "rounds: -30"))11: error[E108]", "\"rounds\" is -30"),
          ("\(try place("config/train.yaml", "num_leafes"))3: error[E106]", "did you mean \"num_leaves\"?"),
          ("\(try place("config/train.yaml", "seeds: []"))8: error[E108]", "must have at least one seed"),
          ("\(try place("config/train.yaml", "worn"))12: error[E108]", "did you mean \"warn\"?"),
          ("martlet.yaml:", "report: templates/report.md.mustache:"),
        ] {
          #expect(ending.err.components(separatedBy: start).count == 2, "\(start)\n\(ending)")
          #expect(ending.err.contains(message), "\(message)\n\(ending)")
        }
      }
      #expect(!workspace.exists("data/ingested"))
      #expect(workspace.martlet("runs").err.hasPrefix("nothing ran here yet"))
      // What a run has no need of stops it not.
      try workspace.edit("config/schema.yaml", "intger", "integer")
      #expect(workspace.martlet("run", "ingest", "-p", "dt=2013-01-01").status == 0)
    }
  }
}
