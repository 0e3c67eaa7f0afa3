// Batches, joins and gathers.

import BuiltinTasks
import MartletModel
import Testing

struct BatchTests {
  static let schema = """
    columns:
      flights:
        fields: {tail: string, hour: {type: integer, required: true}}
      weather:
        on_added: ignore
        fields: {hour: integer, temp: number}
      planes:
        fields: {tail: string, year: integer}
    join:
      from: flights
      left:
        - {table: weather, on: {hour: "hour - 1"}, columns: {temp: temp}}
        - {table: planes, on: {tail: tail}, columns: {built: year}}
    """

  private func workspace() throws -> TaskWorkspace {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", Self.schema)
    try workspace.write("planes.csv", "tail,year\nN1,1999\nN2,2004\nN1,1900\n")
    return workspace
  }

  private func item(_ workspace: TaskWorkspace, _ day: String, flights: String, weather: String) throws -> TaskWorkspace.Item {
    try workspace.write("raw/\(day)/flights.csv", flights)
    try workspace.write("raw/\(day)/weather.csv", weather)
    return .init(
      partition: day,
      inputs: [
        "flights": workspace.input("raw/\(day)/flights.csv"), "weather": workspace.input("raw/\(day)/weather.csv"),
        "planes": workspace.input("planes.csv"), "schema": workspace.input("schema.yaml", keys: ["columns", "join"]),
      ], outputs: ["part": "parts/\(day)/part.parquet", "rejects": "rejects/\(day).parquet"])
  }

  private func days(_ workspace: TaskWorkspace) throws -> [TaskWorkspace.Item] {
    [
      try item(workspace, "2013-01-01", flights: "tail,hour\nN2,6\nN1,5\nN9,5\n", weather: "hour,temp\n4,39.5\n5,40\n"),
      try item(workspace, "2013-01-02", flights: "tail,hour\nN1,8\n", weather: "hour,temp,wind\n7,1,2\n"),
    ]
  }

  @Test("a batch writes a record for each partition, and a file that cannot be read costs only its own")
  func records() throws {
    let workspace = try workspace()
    var items = try days(workspace)
    items.insert(try item(workspace, "2013-01-03", flights: "", weather: "hour,temp\n"), at: 1)
    let ending = try workspace.run("ingest@1", items)
    #expect(ending.status == 65)
    #expect(ending.records.map { $0["partition"]?.display } == ["2013-01-01", "2013-01-03", "2013-01-02"])
    #expect(ending.records.map { $0["status"]?.display } == ["succeeded", "failed", "succeeded"])
    #expect(try workspace.rows("SELECT * FROM {parts/2013-01-02/part.parquet}") == ["N1|8|1.0|1999"])
  }

  @Test("a join keeps the main table's rows and order, takes the first of rows with one key, and says so")
  func join() throws {
    let workspace = try workspace()
    let ending = try workspace.run("ingest@1", try days(workspace))
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(
      try workspace.rows("SELECT * FROM {parts/2013-01-01/part.parquet}") == ["N2|6|40.0|2004", "N1|5|39.5|1999", "N9|5|39.5|∅"])
    let record = try workspace.rows(
      "SELECT decode(value) FROM parquet_kv_metadata({parts/2013-01-01/part.parquet}) WHERE decode(key) = 'martlet.ingest'")[0]
    #expect(record.contains("\"duplicates\":[{\"partition\":\"2013-01-01\",\"rows\":1,\"table\":\"planes\"}]"))
  }

  @Test("the gather has all parts in the partitions' order under the partition's column, and one record of all files")
  func gather() throws {
    let workspace = try workspace()
    _ = try workspace.run("ingest@1", try days(workspace))
    let names = ["2013-01-02", "2013-01-01"]
    let parts = workspace.input("parts/2013-01-02/part.parquet", "parts/2013-01-01/part.parquet", partitions: names)
    let ending = try workspace.run("ingest@1", [.init(inputs: ["part": parts], outputs: ["all": "all.parquet"])], mode: "gather")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(ending.record["figures"]?["rows"] == .integer(4))
    #expect(
      try workspace.rows("SELECT dt, tail FROM {all.parquet}") == [
        "2013-01-02|N1", "2013-01-01|N2", "2013-01-01|N1", "2013-01-01|N9",
      ])
    let files = try workspace.rows(
      "SELECT json_extract_string(decode(value), '$.files[*].name')::VARCHAR FROM parquet_kv_metadata({all.parquet}) WHERE decode(key) = 'martlet.ingest'"
    )[0]
    #expect(files.components(of: "planes.csv") == 1)
    #expect(files.components(of: "flights.csv") == 2)
  }

  @Test("a partition's bytes do not depend on what else is in its batch")
  func batchComposition() throws {
    let together = try workspace()
    let days = ["2013-01-01", "2013-01-02", "2013-01-03"]
    let flights = ["tail,hour\nN1,5\nN2,6\n", "tail,hour\n,5\nN2,\n", "tail,hour\nN1,x\nN2,7\n"]
    func items(_ workspace: TaskWorkspace) throws -> [TaskWorkspace.Item] {
      try zip(days, flights).map { try item(workspace, $0, flights: $1, weather: "hour,temp\n4,39.5\n5,40\n") }
    }
    // The record in the metadata names the files, so that both have to read the same ones.
    let shared = try items(together)
    #expect(try together.run("ingest@1", shared).status == 0)
    let first = try days.map { try together.bytes("parts/\($0)/part.parquet") }
    for item in shared { #expect(try together.run("ingest@1", [item]).status == 0) }
    #expect(try days.map { try together.bytes("parts/\($0)/part.parquet") } == first)
    #expect(try together.rows("SELECT line, value FROM {rejects/2013-01-03.parquet}") == ["2|x"])
  }

  @Test("in a batch each partition is joined with its own rows, the first of each key", arguments: [1, 2])
  func ownRows(cpu: Int) throws {
    let workspace = try workspace()
    let rows = (0..<3000).map { "N\($0 % 3),\($0 % 2 + 5)\n" }.joined()
    let items = [
      try item(workspace, "2013-01-01", flights: "tail,hour\nN1,5\nN2,6\n", weather: "hour,temp\n4,1\n5,2\n4,9\n"),
      try item(workspace, "2013-01-02", flights: "tail,hour\n" + rows, weather: "hour,temp\n5,3\n4,4\n"),
      try item(workspace, "2013-01-03", flights: "tail,hour\n", weather: "hour,temp\n"),
      try item(workspace, "2013-01-04", flights: "tail,hour\nN2,5\nN1,5\n", weather: "hour,temp\n"),
    ]
    #expect(try workspace.run("ingest@1", items, cpu: cpu).status == 0)
    let parts = (1...4).map { "parts/2013-01-0\($0)/part.parquet" }
    #expect(try workspace.rows("SELECT * FROM {\(parts[0])}") == ["N1|5|1.0|1999", "N2|6|2.0|2004"])
    #expect(
      try workspace.rows("SELECT * FROM {\(parts[1])}").prefix(4) == [
        "N0|5|4.0|∅", "N1|6|3.0|1999", "N2|5|4.0|2004", "N0|6|3.0|∅",
      ])
    #expect(try workspace.rows("SELECT count(*) FROM {\(parts[2])}") == ["0"])
    #expect(try workspace.rows("SELECT * FROM {\(parts[3])}") == ["N2|5|∅|2004", "N1|5|∅|1999"])
    let first = try parts.map { try workspace.bytes($0) }
    for item in items { #expect(try workspace.run("ingest@1", [item]).status == 0) }
    #expect(try parts.map { try workspace.bytes($0) } == first)
  }

  @Test("a batch of a single table, without a join")
  func singleTable() throws {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", "columns:\n  t:\n    fields: {a: integer}\n")
    let days = ["2013-01-01", "2013-01-02"]
    let items = try days.enumerated().map { index, day in
      try workspace.write("\(day).csv", "a\n\(index)\n7\n")
      return TaskWorkspace.Item(
        partition: day, inputs: ["t": workspace.input("\(day).csv"), "schema": workspace.input("schema.yaml")],
        outputs: ["part": "\(day).parquet", "rejects": "rejects-\(day).parquet"])
    }
    let ending = try workspace.run("ingest@1", items)
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try days.map { try workspace.rows("SELECT * FROM {\($0).parquet}") } == [["0", "7"], ["1", "7"]])
  }

  @Test("one thread or two: the same bytes", arguments: [1, 2])
  func deterministic(cpu: Int) throws {
    let workspace = try workspace()
    let tails = (0..<30_000).map { "N\($0 % 7),\($0 % 24)\n" }.joined()
    let items = [try item(workspace, "2013-01-01", flights: "tail,hour\n" + tails, weather: "hour,temp\n4,39.5\n5,40\n")]
    _ = try workspace.run("ingest@1", items, cpu: 1)
    let first = try workspace.bytes("parts/2013-01-01/part.parquet")
    let ending = try workspace.run("ingest@1", items, cpu: cpu)
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.bytes("parts/2013-01-01/part.parquet") == first)
  }
}

extension String {
  fileprivate func components(of needle: String) -> Int { ranges(of: needle).count }
}
