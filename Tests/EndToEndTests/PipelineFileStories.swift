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
  }
}
