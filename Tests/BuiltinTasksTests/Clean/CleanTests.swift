// Clean: quarantine, budget, features.

import BuiltinTasks
import MartletModel
import Testing

struct CleanTests {
  private func schema(rows: String = "max_bad_percent: 50") -> String {
    """
    columns:
      orders:
        null_tokens: [NA]
        fields: {at: timestamp, price: number, shop: string, late: boolean}
    rows:
      rules:
        - {code: free, when: price = 0, why: nothing is free}
        - {code: cheap, when: price < 1}
      \(rows)
    features:
      time: {at: at}
      label: {late: late}
      keep: {hour: 'hour("at")'}
      numeric: {cents: "price * 100"}
      categorical: {shop: "upper(shop)"}
    """
  }

  static let orders = """
    at,price,shop,late
    2013-01-01T03:00:00Z,5,a,true
    2013-01-01T02:00:00Z,0,a,true
    2013-01-01T02:00:00Z,0.5,b,false
    2013-01-01T01:00:00Z,2,b,NA
    NA,2,b,true
    2013-01-01T01:00:00Z,7,b,false
    """

  private func clean(_ schema: String, orders: String = orders, cpu: Int = 1) throws -> (TaskWorkspace, TaskWorkspace.Ending) {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", schema)
    try workspace.write("orders.csv", orders + "\n")
    let ingest = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["orders": workspace.input("orders.csv"), "schema": workspace.input("schema.yaml", keys: ["columns"])],
          outputs: ["part": "all.parquet", "rejects": "rejects.parquet"])
      ])
    try #require(ingest.status == 0, "\(ingest.complaint)")
    let ending = try workspace.run(
      "clean@1",
      [
        .init(
          inputs: [
            "data": workspace.input("all.parquet"), "schema": workspace.input("schema.yaml", keys: ["rows", "features"]),
          ],
          outputs: ["features": "features.parquet", "quarantine": "quarantine.parquet"])
      ], cpu: cpu)
    return (workspace, ending)
  }

  @Test("a bad row is set aside under its first rule's code with its source row; rows without a label count as no bad rows")
  func quarantine() throws {
    let (workspace, ending) = try clean(schema())
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(ending.message == "2 rows kept, 3 bad (1 cheap, 1 free, 1 no_time), 1 without a label")
    #expect(
      try workspace.rows("SELECT reason_code, reason, source_row, price FROM {quarantine.parquet}") == [
        "free|nothing is free|2|0.0", "cheap|∅|3|0.5", "no_label|no outcome to learn from|4|2.0", "no_time|no time|5|2.0",
      ])
  }

  @Test("features are ordered by time, and say in the metadata which is what")
  func features() throws {
    let (workspace, _) = try clean(schema())
    #expect(
      try workspace.rows("SELECT * FROM {features.parquet}") == [
        "2013-01-01 01:00:00|0|1|700.0|B", "2013-01-01 03:00:00|1|3|500.0|A",
      ])
    let roles = try FeatureRoles.read(workspace.path("features.parquet"), try TaskWorkspace.connect())
    #expect(
      roles
        == FeatureRoles(
          partition: nil, time: "at", label: .init(name: "late", type: .binary), keep: ["hour"],
          features: [.init(name: "cents", kind: .numeric), .init(name: "shop", kind: .categorical)]))
  }

  @Test("more bad rows than allowed: class data, the counts, and the quarantine stays to be looked at")
  func overBudget() throws {
    let (workspace, ending) = try clean(schema(rows: "max_bad_percent: 10"))
    #expect(ending.status == 65)
    #expect(ending.record["class"] == .text("data"))
    let quarantine = workspace.path("quarantine.parquet")
    #expect(
      ending.message
        == "3 of 6 rows are bad (50.0 percent), and max_bad_percent allows 10.0: 1 cheap, 1 free, 1 no_time; see \(quarantine)")
    #expect(try workspace.rows("SELECT count(*) FROM {quarantine.parquet}") == ["4"])
    #expect(!TaskFile.exists(workspace.path("features.parquet")))
  }

  @Test("rows that ingest rejected are part of the budget")
  func rejectsCount() throws {
    let rows = (1...8).map { "2013-01-01T0\($0):00:00Z,5,a,true" }.joined(separator: "\n")
    let orders = "at,price,shop,late\n\(rows)\n2013-01-01T02:00:00Z,five,a,true\n2013-01-01T02:00:00Z,six,a,true"
    let (_, ending) = try clean(schema(rows: "max_bad_rows: 1\n  max_bad_percent: 100"), orders: orders)
    #expect(
      ending.message.hasPrefix("2 of 10 rows are bad (20.0 percent), and max_bad_rows allows 1: 2 rejected by ingest; see "))
  }

  @Test("SQL that DuckDB refuses is a mistake in the schema, named")
  func badSQL() throws {
    let (workspace, ending) = try clean(schema().replacing("price * 100", with: "prize * 100"))
    #expect(ending.status == 78)
    #expect(ending.message.hasPrefix("\(workspace.path("schema.yaml")), `cents`: prize * 100: "))
  }

  @Test("one thread or two: the same bytes")
  func deterministic() throws {
    let rows = (0..<20_000).map { "2013-01-\(10 + $0 % 20)T03:00:00Z,\($0 % 97 + 1),s\($0 % 5),\($0 % 3 == 0)" }.joined(
      separator: "\n")
    let (one, _) = try clean(schema(), orders: "at,price,shop,late\n" + rows, cpu: 1)
    let (two, ending) = try clean(schema(), orders: "at,price,shop,late\n" + rows, cpu: 2)
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try one.bytes("features.parquet") == two.bytes("features.parquet"))
    #expect(try one.bytes("quarantine.parquet") == two.bytes("quarantine.parquet"))
  }
}
