// Files with broken rows, without a column, with another type: told by file, line and reason, and never published as if all were well.

import Testing

extension Stories {
  @Suite struct BrokenData {
    @Test func brokenRowsAreListedAndTheRunGoesOn() throws {
      let workspace = try Flights.finished()
      let path = "data/raw/dt=2013-01-03/flights.csv"
      let lines = try workspace.read(path).split(separator: "\n").count
      try workspace.append(path, "2013,1,3,too,few\n")
      try workspace.shell("sed -n 2p \(path) | sed 's/^2013,1,3,/2013,one,3,/' >> \(path)")
      let run = try workspace.run("clean")
      #expect(run.status == 0, "\(run)")
      #expect(run.ran.filter { $0.hasPrefix("ingest dt") } == ["ingest dt=2013-01-03"], "\(run)")
      let rejects = try workspace.python(
        """
        import duckdb
        for row in duckdb.sql("SELECT file, line, \\"column\\", reason FROM 'data/rejects/dt=2013-01-03.parquet' ORDER BY line").fetchall():
          print(*row, sep="|")
        """)
      #expect(
        rejects == """
          \(path)|\(lines + 1)|None|too few columns
          \(path)|\(lines + 2)|month|not an integer
          """)
      #expect(try workspace.read("reports/validation_summary.md").contains("| \(path) | `month` |"))
    }

    @Test func tooManyBrokenRowsStopWithClassData() throws {
      let workspace = try Flights.finished()
      let outputs = ["data/processed/features.parquet", "data/quarantine/clean.parquet", "models/model.pkl"]
      let before = try workspace.digests(outputs)
      // More than one in a hundred of all rows, and less than half of this file's.
      try workspace.shell("sed -i '2,251s/^2013,1,3,/2013,one,3,/' data/raw/dt=2013-01-03/flights.csv")
      let run = try workspace.run("train")
      #expect(run.status == 1, "\(run)")
      #expect(run.result == "failed")
      #expect(try run.entry("clean").failureClass == "data")
      #expect(run.names("failed") == ["clean"])
      #expect(run.names("blocked") == ["train"])
      #expect(try workspace.digests(outputs) == before)
      let attempts = try workspace.document("show")["attempts"].list.filter { $0["task"].text == "clean" }
      #expect(attempts.map { $0["class"].text } == ["data", "data"])
      // Nothing changed since: the failure stands, and nothing runs again.
      let again = try workspace.run("train")
      #expect(again.ran == [])
      #expect(again.status == 1, "\(again)")
      // Mended, the bytes are those of before.
      try workspace.shell("sed -i '2,251s/^2013,one,3,/2013,1,3,/' data/raw/dt=2013-01-03/flights.csv")
      let mended = try workspace.run("train")
      #expect(mended.status == 0)
      #expect(mended.ran == ["ingest dt=2013-01-03", "ingest gather", "validate"], "\(mended)")
      #expect(try workspace.digests(outputs) == before)
    }

    @Test func aMissingColumnStopsBehindValidateAndGoesOnOnceMended() throws {
      let workspace = try Flights.fresh()
      let path = "data/raw/dt=2013-01-04/flights.csv"
      let whole = try workspace.read(path)
      let column = whole.split(separator: "\n")[0].split(separator: ",").firstIndex(of: "air_time")! + 1
      try workspace.shell("cut -d, -f\(column) --complement \(path) > fresh.csv && mv fresh.csv \(path)")
      let run = try workspace.run()
      #expect(run.status == 1, "\(run)")
      #expect(try run.entry("validate").verdict == "fail")
      #expect(run.ran == (Flights.days.map { "ingest dt=\($0)" } + ["ingest gather", "report", "validate"]).sorted(), "\(run)")
      #expect(run.names("blocked") == ["clean", "eval", "package", "promote", "train"])
      let expected = "| ✗ fail | column `air_time` of `flights` | a number | missing in \(path) |"
      #expect(try workspace.read("reports/validation_summary.md").contains(expected))
      #expect(try workspace.read("deliverables/report.md").contains("column `air_time` of `flights`"))
      try workspace.write(path, whole)
      let mended = try workspace.run()
      #expect(
        mended.ran == (["clean", "ingest dt=2013-01-04", "ingest gather", "validate"] + Flights.belowClean).sorted(), "\(mended)")
      #expect(mended.status == 3)
    }

    @Test func aChangedTypeStopsBehindValidate() throws {
      let workspace = try Flights.finished()
      let path = "data/raw/dt=2013-01-04/flights.csv"
      let whole = try workspace.read(path)
      let column = whole.split(separator: "\n")[0].split(separator: ",").firstIndex(of: "distance")! + 1
      try workspace.shell(
        "awk -F, -v OFS=, 'NR > 1 {$\(column) = $\(column) \" mi\"} 1' \(path) > fresh.csv && mv fresh.csv \(path)")
      let release = try workspace.paths("artifact/model_v*")
      let run = try workspace.run()
      #expect(run.status == 1, "\(run)")
      #expect(run.ran == ["ingest dt=2013-01-04", "ingest gather", "report", "validate"], "\(run)")
      let summary = try workspace.read("reports/validation_summary.md")
      #expect(summary.contains("type of `distance` of `flights` | a number |"), "\(summary)")
      #expect(summary.contains("values unreadable in \(path)"))
      #expect(try workspace.read("deliverables/report.md").contains("type of `distance` of `flights`"))
      #expect(try workspace.paths("artifact/model_v*") == release)
      try workspace.write(path, whole)
      let mended = try workspace.run()
      #expect(mended.ran == ["ingest dt=2013-01-04", "ingest gather", "report", "validate"], "\(mended)")
      #expect(mended.status == 3)
    }
  }
}
