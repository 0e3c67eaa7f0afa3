// Files that are not what their names say, or not quite: a clear error each, or their good rows.

import BuiltinTasks
import MartletModel
import Testing

struct MistakenFileTests {
  private func ingest(_ bytes: [UInt8], _ name: String, fields: String = "{a: integer, b: string}") throws -> (
    TaskWorkspace, TaskWorkspace.Ending
  ) {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", "columns:\n  t:\n    fields: \(fields)\n")
    try workspace.write(name, bytes: bytes)
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["t": workspace.input(name), "schema": workspace.input("schema.yaml")],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    return (workspace, ending)
  }

  @Test(
    "the first bytes tell what a file is",
    arguments: [
      ("t.csv", [0x1F, 0x8B, 8, 0], "is packed with gzip: name it t.csv.gz"),
      ("t.jsonl", [0x28, 0xB5, 0x2F, 0xFD], "is packed with zstd: name it t.jsonl.zst"),
      ("t.csv.gz", Array("a,b\n1,x\n".utf8), "is not packed with gzip: if it is plain text, name it t.csv"),
      ("t.csv.gz", [0x28, 0xB5, 0x2F, 0xFD], "is not packed with gzip: it is packed with zstd: name it t.csv.zst"),
      ("t.csv", Array("PK\u{3}\u{4}".utf8), "is a ZIP archive or an Excel workbook: unpack it, or save it as CSV"),
      (
        "t.csv", Array("PAR1".utf8),
        "is Parquet: name it t.parquet, and let `format` be parquet where the schema says it"
      ),
      ("t.tsv", [0xFF, 0xFE, 97, 0], "is UTF-16: say `encoding: utf-16` for its table in the schema"),
      ("t.parquet", Array("SQLite format 3\0".utf8), "is an SQLite database: export it as CSV, JSON lines or Parquet"),
      ("t.csv", Array("\n\r\n".utf8), "is empty: it has not even a header"),
      ("t.csv", Array("a,\0\n1,x\n".utf8), "is no text file, whatever its name says"),
    ])
  func signatures(name: String, bytes: [UInt8], complaint: String) throws {
    let (workspace, ending) = try ingest(bytes, name)
    #expect(ending.record["class"] == .text("data"))
    #expect(ending.message == "\(workspace.path(name)) \(complaint)")
  }

  @Test("a name that two columns have: class data, and both are named")
  func twins() throws {
    let (workspace, ending) = try ingest(Array("a,b,c,b\n1,x,y,z\n".utf8), "t.csv")
    #expect(ending.record["class"] == .text("data"))
    #expect(ending.message == "\(workspace.path("t.csv")) has 2 columns `b`, the columns 2 and 4: name them differently")
  }

  @Test("names that two columns have do no harm where nothing reads them")
  func undeclaredTwins() throws {
    let (workspace, ending) = try ingest(Array("a,b,,\n1,x,y,z\n".utf8), "t.csv")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT * FROM {part.parquet}") == ["1|x"])
  }

  @Test("a NUL byte costs its row only")
  func nulBytes() throws {
    let (workspace, ending) = try ingest(Array("a,b\n1,x\n2,y\0\n3\0,z\n4,w\n\0\0\0\0".utf8), "t.csv")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT * FROM {part.parquet}") == ["1|x", "4|w"])
    #expect(
      try workspace.rows("SELECT line, \"column\", reason FROM {rejects.parquet}") == [
        "3|b|holds a NUL byte", "4|a|not an integer", "6|∅|too few columns",
      ])
  }

  @Test("no JSON lines are no rows, and no column is missing", arguments: ["", "\u{FEFF}", "\n\r\n"])
  func noLines(text: String) throws {
    let (workspace, ending) = try ingest(Array(text.utf8), "t.jsonl")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT count(*) FROM {part.parquet}") == ["0"])
    let record = try workspace.rows(
      "SELECT decode(value) FROM parquet_kv_metadata({part.parquet}) WHERE decode(key) = 'martlet.ingest'")[0]
    #expect(record.contains("\"missing\":[]"), "\(record)")
  }

  @Test(
    "JSON lines with line ends of all kinds, a byte order mark, bytes that are no UTF-8 and control characters: good lines are read"
  )
  func unevenLines() throws {
    let bytes =
      Array("\u{FEFF}{\"a\":1}\r\n{\"a\":2}\n{\"a\":\r3}\n\r\n{\"b\":\"".utf8) + [0xFF]
      + Array("\"}\n{\"b\":\"\u{1F}\"}\n{\"a\":4,\"b\":\"\\u0000\"}\n{\"a\":\"x\"}".utf8)
    let (workspace, ending) = try ingest(bytes, "t.jsonl")
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT a FROM {part.parquet}") == ["1", "2", "3", "4"])
    #expect(
      try workspace.rows("SELECT line, \"column\", reason FROM {rejects.parquet}") == [
        "5|∅|not a JSON object", "6|∅|not a JSON object", "8|a|not an integer",
      ])
  }
}
