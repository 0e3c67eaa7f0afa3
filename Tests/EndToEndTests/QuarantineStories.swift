// Rows set aside: counted and shown with their source, and brought back once the rule or the data was mended.

import Testing

extension Stories {
  @Suite struct Quarantine {
    private let path = "data/raw/dt=2013-01-03/flights.csv"

    /// Two broken rows behind the last one of 3 January: one without columns, one whose month is no number.
    private func broken() throws -> (workspace: Workspace, lines: Int) {
      let workspace = try Flights.finished()
      let lines = try workspace.read(path).split(separator: "\n").count
      try workspace.append(path, "2013,1,3,too,few\n")
      // Another flight's number, so that the row is nobody's double once it is mended.
      try workspace.shell("awk -F, -v OFS=, 'NR == 2 {$2 = \"one\"; $11 = 9999; print}' \(path) >> \(path)")
      let run = try workspace.run("clean")
      #expect(run.status == 0, "\(run)")
      return (workspace, lines)
    }

    @Test func rowsAreCountedByPartitionAndReasonAndShownWithTheirLine() throws {
      let (workspace, lines) = try broken()
      let listed = workspace.martlet("quarantine", "list", "-p", "dt=2013-01-03")
      #expect(listed.status == 0, "\(listed)")
      #expect(
        listed.out == """
          PARTITION   TASK    CODE             COLUMN  ROWS  IN
          2013-01-03  ingest  not an integer   month      1  data/rejects/dt=2013-01-03.parquet
          2013-01-03  ingest  too few columns             1  data/rejects/dt=2013-01-03.parquet
          2013-01-03  clean   no_label                   14  data/quarantine/clean.parquet

          """)
      let shown = workspace.martlet("-C", ".", "quarantine", "-q", "show", "--code", "too few columns")
      #expect(
        shown.out == """
          SOURCE                                  TASK    CODE             ROW
          \(path):\(lines + 1)  ingest  too few columns  2013,1,3,too,few

          """, "\(shown)")
      // What clean set aside stands on the line that is shown, rejects before it or not.
      let document = try workspace.document("quarantine", "show", "--code", "no_label")
      #expect((document["total"].integer ?? 0) > 90)
      for row in document["rows"].list {
        let file = try #require(row["file"].text)
        let line = try workspace.shell("sed -n \(row["line"].integer ?? 0)p \(file)").out
        let flight = row["row"]["flight"].integer ?? 0
        #expect(line.contains(",\(flight),"), "\(file):\(row["line"].integer ?? 0) is \(line)")
      }
    }

    @Test func aMendedRowComesBackAndTheOthersAreNamed() throws {
      let (workspace, lines) = try broken()
      let unchanged = workspace.martlet("quarantine", "replay")
      #expect(unchanged.status == 0, "\(unchanged)")
      #expect(unchanged.out == "")
      #expect(unchanged.err.hasPrefix("rule and data are unchanged: nothing to run, "), "\(unchanged)")
      try workspace.shell("sed -i 's/^2013,one,3,/2013,1,3,/' \(path)")
      let replay = workspace.martlet("quarantine", "replay", "-p", "dt=2013-01-03")
      #expect(replay.status == 0, "\(replay)")
      #expect(
        replay.out.hasPrefix(
          """
          1 row came back
            \(path):\(lines + 2)  was not an integer (month)
          15 rows still set aside
            \(path):\(lines + 1)  too few columns

          """), "\(replay)")
      #expect(workspace.martlet("quarantine", "replay").err.hasPrefix("rule and data are unchanged"))
    }

    @Test func whereLinesWereTakenOutTheRestIsFoundByItsContent() throws {
      let (workspace, _) = try broken()
      try workspace.shell("sed -i -e '2d' -e '/too,few/d' -e '/^2013,one,/d' \(path)")
      let replay = workspace.martlet("quarantine", "replay", "-p", "dt=2013-01-03")
      #expect(replay.status == 0, "\(replay)")
      #expect(replay.out.contains("\n14 rows still set aside\n"), "\(replay)")
      #expect(!replay.out.contains("newly set aside"), "\(replay)")
    }

    @Test func daysThatThePipelineDoesNotHaveAreNamed() throws {
      let workspace = try Flights.fresh()
      for command in ["list", "show", "replay"] {
        let ending = workspace.martlet("quarantine", command, "-p", "dt=2014-02-01..2014-02-03")
        #expect(ending.status == 2, "\(ending)")
        for part in ["no partition of the pipeline lies in the range", "dt=2014-02-01..2014-02-03", "dt=2013-01-01..2013-01-12"] {
          #expect(ending.err.contains(part), "\(part)\n\(ending)")
        }
        let garbled = workspace.martlet("quarantine", command, "-p", "2013-01-01")
        #expect(garbled.status == 2 && garbled.err.contains("hint: -p dt=2013-01-31, or -p dt="), "\(garbled)")
        let wide = workspace.martlet("quarantine", command, "-p", "dt=2013-01-10..2013-01-13")
        #expect(wide.status == 0, "\(wide)")
        #expect(wide.err.hasPrefix("note: 1 day of the range lies outside the pipeline's dt=2013-01-01..2013-01-12\n"), "\(wide)")
      }
    }

    @Test func aMendedRuleBringsItsRowsBack() throws {
      let workspace = try Flights.finished()
      try workspace.edit("config/schema.yaml", "distance / air_time > 10.5", "distance / air_time > 8.8")
      #expect(try workspace.run("clean").status == 0)
      let rows = try workspace.document("quarantine", "show", "--code", "speed_implausible")
      let count = try #require(rows["total"].integer)
      #expect(count > 0)
      try workspace.edit("config/schema.yaml", "distance / air_time > 8.8", "distance / air_time > 10.5")
      let replay = try workspace.document("quarantine", "replay")
      #expect(replay["ran"].isTrue)
      #expect(replay["back"].list.count == count)
      #expect(replay["back"].list.allSatisfy { $0["reasons"].list.map(\.text) == ["speed_implausible"] })
      #expect(replay["new"].list.isEmpty)
    }

    /// Nothing of a failed attempt is published, but its rows are what has to be mended.
    @Test func theRowsOfAFailedCleanAreThereToo() throws {
      let workspace = try Flights.finished()
      try workspace.edit("config/schema.yaml", "distance / air_time > 10.5", "distance / air_time > 5")
      let run = try workspace.run("clean")
      #expect(try run.entry("clean").failureClass == "data")
      let listed = try workspace.document("quarantine", "list")
      let groups = listed["groups"].list.filter { $0["code"].text == "speed_implausible" }
      #expect(!groups.isEmpty)
      #expect(groups.allSatisfy { $0["attempt"].text != nil })
      let held = workspace.martlet("quarantine", "replay")
      #expect(held.status == 1, "\(held)")
      #expect(held.err.hasPrefix("clean: failed before (data) and nothing changed since: nothing to run, "), "\(held)")
      try workspace.edit("config/schema.yaml", "distance / air_time > 5", "distance / air_time > 10.5")
      let replay = try workspace.document("quarantine", "replay")
      #expect(replay["back"].list.count == groups.reduce(0) { $0 + ($1["rows"].integer ?? 0) })
    }
  }
}
