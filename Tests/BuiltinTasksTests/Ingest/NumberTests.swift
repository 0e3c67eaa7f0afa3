// Which texts ingest takes for numbers, and which it rejects.

import BuiltinTasks
import MartletModel
import Testing

struct NumberTests {
  /// Ingests a file with one column `n` and gives its values, and the rejects as `line|reason|value`.
  private func ingest(_ texts: [String], _ type: String, table: String = "null_tokens: [\"\"]") throws -> (
    values: [String], rejects: [String]
  ) {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", "columns:\n  t:\n    \(table)\n    fields: {n: \(type), id: string}\n")
    try workspace.write("t.csv", "n,id\n" + texts.map { "\"\($0)\",x\n" }.joined())
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["t": workspace.input("t.csv"), "schema": workspace.input("schema.yaml", keys: ["columns", "join"])],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    try #require(ending.status == 0, "\(ending.complaint)")
    return (
      try workspace.rows("SELECT n FROM {part.parquet}"),
      try workspace.rows("SELECT line, reason, value FROM {rejects.parquet} ORDER BY line")
    )
  }

  @Test("numbers are finite and in decimal digits; anything else is rejected with its line and reason")
  func numbers() throws {
    let good = ["1.5", "-3e2", "+.5", "5.", " 7 ", "1e308", "1e-400", "-0"]
    let (values, rejects) = try ingest(
      good + ["inf", "-Infinity", "nan", "1e400", "-1e400", "0x10", "1_000", "abc", "1,5"], "number")
    #expect(values == ["1.5", "-300.0", "0.5", "5.0", "7.0", "1e+308", "0.0", "-0.0"])
    #expect(
      rejects == [
        "10|not a finite number|inf", "11|not a finite number|-Infinity", "12|not a finite number|nan",
        "13|not a finite number|1e400", "14|not a finite number|-1e400", "15|not a number|0x10", "16|not a number|1_000",
        "17|not a number|abc", "18|not a number|1,5",
      ])
  }

  @Test("a declared token is null, also where it would be a number")
  func tokens() throws {
    let (values, rejects) = try ingest(["1.5", "nan", "inf", "NaN"], "number", table: "null_tokens: [nan, inf]")
    #expect(values == ["1.5", "∅", "∅"])
    #expect(rejects == ["5|not a finite number|NaN"])
  }

  @Test("with a decimal comma a point is no decimal sign")
  func decimalComma() throws {
    let (values, rejects) = try ingest(["1,5", "2", "1.5", "1.234,5"], "number", table: "decimal: \",\"")
    #expect(values == ["1.5", "2.0"])
    #expect(rejects == ["4|not a number|1.5", "5|not a number|1.234,5"])
  }

  @Test("integers are whole, in decimal digits and exact to 64 bits")
  func integers() throws {
    let good = ["12", " -7 ", "+3", "12.0", "1e3", "1.5e18", "9007199254740993", "9007199254740993.0", "-9223372036854775808"]
    let (values, rejects) = try ingest(
      good + ["12.5", "9007199254740993.5", "0x10", "0b11", "1_000", "1e400", "inf", "9223372036854775808"], "integer")
    #expect(
      values == [
        "12", "-7", "3", "12", "1000", "1500000000000000000", "9007199254740993", "9007199254740993", "-9223372036854775808",
      ])
    #expect(
      rejects == [
        "11|not an integer|12.5", "12|not an integer|9007199254740993.5", "13|not an integer|0x10", "14|not an integer|0b11",
        "15|not an integer|1_000", "16|not an integer|1e400", "17|not an integer|inf", "18|not an integer|9223372036854775808",
      ])
  }

  @Test("days without end are no dates", arguments: [("date", "a date"), ("timestamp", "a timestamp")])
  func infiniteDates(type: String, phrase: String) throws {
    let (values, rejects) = try ingest(["2013-01-31", "infinity", "-infinity"], type)
    #expect(values.map { $0.prefix(10) } == ["2013-01-31"])
    #expect(rejects == ["3|not \(phrase)|infinity", "4|not \(phrase)|-infinity"])
  }

  @Test("Parquet and JSON lines: what is not finite is rejected alike", arguments: ["parquet", "jsonl"])
  func otherFormats(suffix: String) throws {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", "columns:\n  t:\n    null_tokens: [inf]\n    fields: {n: number}\n")
    try workspace.write("t.jsonl", "{\"n\":1.5}\n{\"n\":NaN}\n{\"n\":\"inf\"}\n{\"n\":-1e400}\n")
    try TaskWorkspace.connect().execute(
      "COPY (SELECT unnest(['1.5', 'nan', 'inf', '-inf']::DOUBLE[]) AS n) TO '\(workspace.path("t.parquet"))'")
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["t": workspace.input("t.\(suffix)"), "schema": workspace.input("schema.yaml")],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT n FROM {part.parquet}") == ["1.5", "∅"])
    #expect(
      try workspace.rows("SELECT line, \"column\", reason FROM {rejects.parquet}") == [
        "2|n|not a finite number", "4|n|not a finite number",
      ])
  }
}
