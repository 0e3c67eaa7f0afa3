// Ingest on small files: what is read, what is rejected, and what is written down about it.

import BuiltinTasks
import MartletModel
import Testing

struct IngestTests {
  static let schema = """
    columns:
      orders:
        null_tokens: ["", NA]
        fields:
          id: {type: integer, required: true}
          price: number
          day: date
          note: string
    """

  /// Ingests one file of orders.
  private func ingest(bytes: [UInt8], file: String, schema: String = schema, cpu: Int = 1) throws -> (
    TaskWorkspace, TaskWorkspace.Ending
  ) {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", schema)
    try workspace.write(file, bytes: bytes)
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["orders": workspace.input(file), "schema": workspace.input("schema.yaml", keys: ["columns", "join"])],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ], cpu: cpu)
    return (workspace, ending)
  }

  private func ingest(_ text: String, file: String = "orders.csv", schema: String = schema) throws -> (
    TaskWorkspace, TaskWorkspace.Ending
  ) {
    try ingest(bytes: Array(text.utf8), file: file, schema: schema)
  }

  @Test("values are read by their declared types, in the file's order")
  func types() throws {
    let (workspace, ending) = try ingest(
      "id,price,day,note\n2,1.5,2013-01-31,\"a \"\"b\"\", c\"\n1,NA,,\n12.0,-3e2,2013-02-01,NA\n")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(ending.record["figures"] == .map(["rows": .integer(3), "rejected": .integer(0)]))
    #expect(
      try workspace.rows("SELECT * FROM {part.parquet}") == ["2|1.5|2013-01-31|a \"b\", c", "1|∅|∅|∅", "12|-300.0|2013-02-01|∅"])
    #expect(try workspace.rows("SELECT * FROM {rejects.parquet}") == [])
  }

  @Test("columns are found by name, whatever their order; a byte order mark and carriage returns do no harm")
  func order() throws {
    let (workspace, ending) = try ingest("\u{FEFF}note,day,extra,id,price\r\nx,2013-01-01,?,7,2\r\n")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT * FROM {part.parquet}") == ["7|2.0|2013-01-01|x"])
  }

  @Test("each row that cannot be read is in rejects with its line, column and reason, and nothing else is lost")
  func rejects() throws {
    let text = """
      id,price,day,note
      1,1,2013-01-01,"two
      lines"
      x,1,2013-01-01,bad id

      3,abc,2013-99-01,two bad values
      4,1
      5,1,2013-01-01,one,too many
      6.5,1,2013-01-01,no whole number
      7,1,2013-01-01,good
      """
    let (workspace, ending) = try ingest(text + "\n")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(ending.record["figures"] == .map(["rows": .integer(2), "rejected": .integer(5)]))
    #expect(try workspace.rows("SELECT id FROM {part.parquet}") == ["1", "7"])
    #expect(
      try workspace.rows("SELECT line, \"column\", reason, value FROM {rejects.parquet}") == [
        "4|id|not an integer|x", "6|day|not a date|2013-99-01", "6|price|not a number|abc", "7|∅|too few columns|4,1",
        "8|∅|too many columns|5,1,2013-01-01,one,too many", "9|id|not an integer|6.5",
      ])
    #expect(try workspace.rows("SELECT DISTINCT file FROM {rejects.parquet}") == [workspace.path("orders.csv")])
  }

  @Test("bytes that are no UTF-8 and quotes that do not match are rejected with their line")
  func encoding() throws {
    let bytes = Array("id,price,day,note\n1,1,,ok\n2,1,,".utf8) + [0xFF, 0xFE] + Array("\n3,1,,ok\n4,1,,\"open\n5,1,,x\n".utf8)
    let (workspace, ending) = try ingest(bytes: bytes, file: "orders.csv")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT id FROM {part.parquet}") == ["1", "3"])
    #expect(try workspace.rows("SELECT line, reason FROM {rejects.parquet}") == ["3|not UTF-8", "5|quotes do not match"])
  }

  @Test("a missing column becomes nulls, an added one is left out, and both are noted")
  func drift() throws {
    let (workspace, ending) = try ingest("id,day,note,colour\n1,2013-01-01,x,red\n")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT * FROM {part.parquet}") == ["1|∅|2013-01-01|x"])
    let record = try workspace.rows(
      "SELECT decode(value) FROM parquet_kv_metadata({part.parquet}) WHERE decode(key) = 'martlet.ingest'")[0]
    #expect(record.contains("\"added\":[\"colour\"]"))
    #expect(record.contains("\"missing\":[\"price\"]"))
  }

  @Test("a column whose type changed rejects its rows and is noted by file and column")
  func changedType() throws {
    let (workspace, ending) = try ingest("id,price,day,note\nA1,1,,\nA2,2,,\n3,3,,\n")
    #expect(ending.status == 0, "\(ending.complaint)")
    let record = try workspace.rows(
      "SELECT decode(value) FROM parquet_kv_metadata({part.parquet}) WHERE decode(key) = 'martlet.ingest'")[0]
    #expect(record.contains("\"rejects\":[{\"column\":\"id\",\"reason\":\"not an integer\",\"rows\":2}]"))
  }

  @Test("an empty file cannot be read at all: class data, and the file is named")
  func empty() throws {
    let (workspace, ending) = try ingest("")
    #expect(ending.status == 65)
    #expect(ending.record["class"] == .text("data"))
    #expect(ending.message == "\(workspace.path("orders.csv")) is empty: it has not even a header")
  }

  @Test("a header alone gives a part without rows")
  func headerOnly() throws {
    let (workspace, ending) = try ingest("id,price,day,note\n")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT count(*) FROM {part.parquet}") == ["0"])
  }

  @Test("a file that is not what its name says: class data")
  func notParquet() throws {
    let (_, ending) = try ingest("id,price\n1,2\n", file: "orders.parquet")
    #expect(ending.record["class"] == .text("data"))
    #expect(ending.message.contains("orders.parquet cannot be read"))
  }

  @Test("JSON lines: values by key, a line that is no object is rejected with its line")
  func jsonLines() throws {
    let text =
      "{\"id\":1,\"note\":\"x\",\"price\":2.5}\n\nnot json\n{\"id\":\"x\"}\n{\"day\":\"2013-01-01\",\"id\":4,\"note\":null}\n"
    let (workspace, ending) = try ingest(text, file: "orders.jsonl")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT * FROM {part.parquet}") == ["1|2.5|∅|x", "4|∅|2013-01-01|∅"])
    #expect(
      try workspace.rows("SELECT line, \"column\", reason FROM {rejects.parquet}") == [
        "3|∅|not a JSON object", "4|id|not an integer",
      ])
  }

  @Test("Parquet: types are converted, and what does not fit is rejected by row")
  func parquet() throws {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", Self.schema)
    let connection = try TaskWorkspace.connect()
    try connection.execute(
      "COPY (SELECT * FROM (VALUES (1.0, 2, DATE '2013-01-01', 'a'), (1.5, 3, NULL, 'b')) AS t(id, price, day, note)) TO '\(workspace.path("orders.parquet"))'"
    )
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["orders": workspace.input("orders.parquet"), "schema": workspace.input("schema.yaml")],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT * FROM {part.parquet}") == ["1|2.0|2013-01-01|a"])
    #expect(try workspace.rows("SELECT line, value FROM {rejects.parquet}") == ["2|1.5"])
  }

  @Test("other dialects: delimiter, decimal comma, tokens for true and false, formats of dates and times")
  func dialect() throws {
    let schema = """
      columns:
        orders:
          delimiter: ";"
          decimal: ","
          fields:
            price: number
            paid: {type: boolean, true_tokens: [ja], false_tokens: [nein]}
            day: {type: date, format: "%d.%m.%Y"}
            at: timestamp
      """
    let text =
      "price;paid;day;at\n1,5;ja;31.01.2013;2013-01-31T10:00:00+02:00\n2;nein;01.02.2013;2013-02-01 08:30:00\n3;x;2013-02-03;gestern\n"
    let (workspace, ending) = try ingest(text, schema: schema)
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(
      try workspace.rows("SELECT * FROM {part.parquet}") == [
        "1.5|true|2013-01-31|2013-01-31 08:00:00", "2.0|false|2013-02-01|2013-02-01 08:30:00",
      ])
    let rejects = try workspace.rows("SELECT line, reason FROM {rejects.parquet}")
    #expect(rejects == ["4|not a timestamp", "4|not a date as %d.%m.%Y", "4|not a boolean"])
  }
}
