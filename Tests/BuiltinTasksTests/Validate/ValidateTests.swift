// Validate: verdicts, the summary's lines, the profile.

import BuiltinTasks
import MartletModel
import Testing

struct ValidateTests {
  private func schema(checks: String = "", columns: String = "") -> String {
    """
    columns:
      orders:
        \(columns)
        null_tokens: [NA]
        fields: {id: {type: integer, required: true}, price: number, shop: string}
    \(checks.isEmpty ? "" : "checks:\n  quality:\n" + checks)
    """
  }

  static let orders = "id,price,shop\n1,1,a\n2,2,a\n3,4,b\n4,NA,c\n"

  private func validate(
    _ schema: String, _ orders: String = orders, parameters: [String: Any] = [:], baseline: String? = nil, cpu: Int = 1
  ) throws -> (TaskWorkspace, TaskWorkspace.Ending) {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", schema)
    try workspace.write("orders.csv", orders)
    let ingest = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: [
            "orders": workspace.input("orders.csv"), "schema": workspace.input("schema.yaml", keys: ["columns", "join"]),
          ],
          outputs: ["part": "all.parquet", "rejects": "rejects.parquet"])
      ])
    try #require(ingest.status == 0, "\(ingest.complaint)")
    var inputs: [String: Any] = [
      "data": workspace.input("all.parquet"), "schema": workspace.input("schema.yaml", keys: ["columns", "checks"]),
    ]
    if let baseline {
      try workspace.write("baseline/data_profile.json", baseline)
      inputs["baseline"] = workspace.input("baseline/data_profile.json")
    }
    let ending = try workspace.run(
      "validate@1", [.init(inputs: inputs, outputs: ["profile": "profile.json", "summary": "summary.md"])],
      parameters: parameters, cpu: cpu)
    return (workspace, ending)
  }

  private func summary(_ workspace: TaskWorkspace) throws -> String { try TaskFile.text(workspace.path("summary.md")) }

  @Test("good data pass")
  func pass() throws {
    let (workspace, ending) = try validate(schema(checks: "    - {metric: rowCount, mustBe: 4}\n"), parameters: ["min_rows": 4])
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(ending.record["verdict"] == .text("pass"))
    #expect(try summary(workspace).hasPrefix("# Validation: pass\n\n0 failed, 0 warned, 3 passed.\n\n- 4 rows, 3 columns\n"))
  }

  @Test("a missing column: verdict fail, and the summary says which column, file and what was expected")
  func missingColumn() throws {
    let (workspace, ending) = try validate(schema(), "id,shop\n1,a\n")
    #expect(ending.status == 0)
    #expect(ending.record["verdict"] == .text("fail"))
    let file = workspace.path("orders.csv")
    #expect(ending.message == "column `price` of `orders`: expected a number, observed missing in \(file)")
    #expect(try summary(workspace).contains("| ✗ fail | column `price` of `orders` | a number | missing in \(file) |"))
  }

  @Test("a changed type: verdict fail, naming column and file")
  func changedType() throws {
    let (workspace, ending) = try validate(schema(), "id,price,shop\n1,cheap,a\n2,dear,a\n3,4,b\n")
    #expect(ending.record["verdict"] == .text("fail"))
    let file = workspace.path("orders.csv")
    #expect(
      try summary(workspace).contains("| ✗ fail | type of `price` of `orders` | a number | 2 of 3 values unreadable in \(file) |")
    )
    #expect(try summary(workspace).contains("| \(file) | `price` | not a number | 2 |"))
  }

  @Test("an added column and a few unreadable rows warn")
  func warnings() throws {
    let (workspace, ending) = try validate(schema(), "id,price,shop,colour\n1,1,a,red\nx,2,a,red\n3,4,b,red\n")
    #expect(ending.record["verdict"] == .text("warn"))
    #expect(
      try summary(workspace).contains(
        "| ! warn | column `colour` of `orders` | not declared | added in \(workspace.path("orders.csv")) |"))
    #expect(try summary(workspace).contains("| ! warn | unreadable rows | 0 | 1 in \(workspace.path("orders.csv")) |"))
  }

  @Test("policies decide what a missing or added column means")
  func policies() throws {
    let (_, missing) = try validate(schema(columns: "on_missing: warn"), "id,shop\n1,a\n")
    #expect(missing.record["verdict"] == .text("warn"))
    let (_, added) = try validate(schema(columns: "on_added: fail"), "id,price,shop,x\n1,1,a,b\n")
    #expect(added.record["verdict"] == .text("fail"))
  }

  @Test("a null in a required column fails")
  func required() throws {
    let (_, ending) = try validate(schema(), "id,price,shop\nNA,1,a\n2,1,a\n")
    #expect(ending.message == "`id` is required: expected no nulls, observed 1 null")
  }

  @Test(
    "each metric, operator and unit",
    arguments: [
      ("{column: price, metric: nullValues, mustBe: 1}", "pass"),
      ("{column: price, metric: nullValues, unit: percent, mustBeLessThan: 25}", "fail"),
      ("{column: price, metric: nullValues, unit: percent, mustBeLessOrEqualTo: 25}", "pass"),
      ("{column: shop, metric: missingValues, arguments: {missingValues: [null, c]}, mustBe: 1}", "pass"),
      ("{column: shop, metric: invalidValues, arguments: {validValues: [a, b]}, mustBe: 0, severity: warning}", "warn"),
      ("{column: id, metric: invalidValues, arguments: {validValues: [1, 2, 3, 4]}, mustBe: 0}", "pass"),
      ("{column: shop, metric: invalidValues, arguments: {pattern: '[ab]'}, mustBe: 1}", "pass"),
      ("{column: shop, metric: duplicateValues, mustBe: 1}", "pass"),
      ("{metric: duplicateValues, arguments: {properties: [id, shop]}, mustBe: 0}", "pass"),
      ("{metric: rowCount, mustBeBetween: [4, 9]}", "fail"),
      ("{metric: rowCount, mustBeBetween: [3, 9]}", "pass"),
      ("{metric: rowCount, mustNotBe: 4}", "fail"),
      ("{type: sql, query: 'SELECT max(price) FROM {object}', mustBeGreaterThan: 3}", "pass"),
      ("{type: sql, column: price, query: 'SELECT sum({property}) FROM {object}', mustBe: 8}", "fail"),
    ])
  func checks(check: String, verdict: String) throws {
    let (_, ending) = try validate(schema(checks: "    - \(check)\n"))
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(ending.record["verdict"] == .text(verdict), "\(ending.message)")
  }

  @Test("a check of a column that is not there is a mistake in the schema")
  func unknownColumn() throws {
    let (workspace, ending) = try validate(schema(checks: "    - {column: prize, metric: nullValues, mustBe: 0}\n"))
    #expect(ending.status == 78)
    #expect(
      ending.message
        == "\(workspace.path("schema.yaml")): a check is about the column `prize`, which the data do not have, did you mean `price`?"
    )
  }

  @Test("a null spike and a jump in volume against the baseline warn")
  func baseline() throws {
    let (first, _) = try validate(schema(), "id,price,shop\n1,1,a\n2,2,a\n")
    let (workspace, ending) = try validate(schema(), baseline: try TaskFile.text(first.path("profile.json")))
    #expect(ending.record["verdict"] == .text("warn"))
    #expect(try summary(workspace).contains("| ! warn | rows | 2, within 50 % | 4 (+100 %) |"))
    #expect(try summary(workspace).contains("| ! warn | nulls in `price` | 0 %, at most 10 points more | 25 % |"))
  }

  @Test("the profile of a column of numbers, and of one of texts")
  func profile() throws {
    let (workspace, _) = try validate(schema())
    let profile = try DataProfile.read(workspace.path("profile.json"))
    #expect(profile.rows == 4)
    let price = try #require(profile.column("price"))
    #expect((price.kind, price.nulls, price.distinct) == (.number, 1, 3))
    #expect(price.mean.map { abs($0 - 7.0 / 3) < 1e-12 } == true)
    #expect(price.standardDeviation.map { abs($0 - 1.527525231651947) < 1e-12 } == true)
    #expect(price.quantiles?["p50"] == 2)
    #expect(price.quantiles?["p75"] == 3)
    #expect(price.histogram?.counts == [1, 0, 0, 0, 0, 0, 1] + Array(repeating: 0, count: 12) + [1])
    let shop = try #require(profile.column("shop"))
    #expect((shop.min, shop.max, shop.distinct) == ("a", "c", 3))
    #expect(shop.top.map { "\($0.value) \($0.count)" } == ["a 2", "b 1", "c 1"])
  }

  @Test("one thread or two: the same profile, byte for byte")
  func deterministic() throws {
    let rows = (0..<50_000).map { "\($0),\(Double($0 % 1009) * 0.1),s\($0 % 11)\n" }.joined()
    let (one, _) = try validate(schema(), "id,price,shop\n" + rows, cpu: 1)
    let (two, _) = try validate(schema(), "id,price,shop\n" + rows, cpu: 2)
    #expect(try one.bytes("profile.json") == two.bytes("profile.json"))
  }
}
