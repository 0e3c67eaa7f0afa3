// Ingest on compressed files: read as if they were plain, down to the line of each reject.

import BuiltinTasks
import MartletFiles
import MartletModel
import Testing

struct CompressedTests {
  private static let text = """
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

  private static let lines = "{\"id\":1,\"note\":\"x\"}\n\nnot json\n{\"id\":\"x\"}\n{\"id\":4,\"note\":null}\n"

  /// Ingests `bytes`, packed, as the file `name`, and gives the rows, the rejects and what is written down about the file.
  private func ingest(_ bytes: [UInt8], as name: String) throws -> (parts: [String], rejects: [String], record: String) {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", IngestTests.schema)
    try workspace.write("plain", bytes: bytes)
    let program = name.hasSuffix(".gz") ? "gzip" : name.hasSuffix(".zst") ? "zstd" : "cat"
    let packed = try HelperProgram.run(program == "cat" ? [program] : [program, "-c"], input: bytes)
    try #require(packed.status == 0, "\(String(decoding: packed.standardError, as: UTF8.self))")
    try workspace.write(name, bytes: packed.standardOutput)
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["orders": workspace.input(name), "schema": workspace.input("schema.yaml", keys: ["columns", "join"])],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    try #require(ending.status == 0, "\(ending.complaint)")
    let record = try workspace.rows(
      "SELECT decode(value) FROM parquet_kv_metadata({part.parquet}) WHERE decode(key) = 'martlet.ingest'")[0]
    return (
      try workspace.rows("SELECT * FROM {part.parquet}"),
      try workspace.rows("SELECT line, \"column\", reason, value FROM {rejects.parquet}"),
      record.replacing(workspace.path(name), with: "FILE")
    )
  }

  @Test(
    "gzip and zstd: the rows, the rejects with their lines and the record are those of the plain file", arguments: ["gz", "zst"])
  func likePlain(suffix: String) throws {
    for (text, name) in [
      (Self.text, "orders.csv"), (Self.text.replacing("\n", with: "\r\n"), "orders.csv"), ("\u{FEFF}" + Self.text, "orders.csv"),
      (Self.text.replacing(",", with: "\t"), "orders.TSV"), (Self.lines, "orders.jsonl"),
    ] {
      let plain = try ingest(Array(text.utf8), as: name)
      let packed = try ingest(Array(text.utf8), as: "\(name).\(suffix)")
      #expect(packed == plain, "\(text)")
      #expect(plain.rejects.count > 1)
    }
  }

  @Test("gzip: the rows of several members, one behind the other, are all read")
  func members() throws {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", IngestTests.schema)
    let members = try ["id,price,day,note\n1,1,,\n", "2,x,,\n3,3,,\n"].flatMap { text in
      try HelperProgram.run(["gzip", "-c"], input: Array(text.utf8)).standardOutput
    }
    try workspace.write("orders.csv.gz", bytes: members)
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["orders": workspace.input("orders.csv.gz"), "schema": workspace.input("schema.yaml")],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT id FROM {part.parquet}") == ["1", "3"])
    #expect(try workspace.rows("SELECT line, value FROM {rejects.parquet}") == ["3|x"])
  }

  @Test("bytes that are no UTF-8 are rejected with their line", arguments: ["csv", "csv.gz", "csv.zst"])
  func encoding(suffix: String) throws {
    let bytes = Array("id,price,day,note\n1,1,,ok\n2,1,,".utf8) + [0xFF, 0xFE] + Array("\n3,1,,ok\n".utf8)
    let (parts, rejects, _) = try ingest(bytes, as: "orders.\(suffix)")
    #expect(parts.count == 2)
    #expect(rejects.map { $0.prefix(14) } == ["3|∅|not UTF-8|"])
  }

  @Test("a file that is cut off cannot be read: class data, and the file is named", arguments: ["gz", "zst"])
  func cutOff(suffix: String) throws {
    let rows = (0..<5000).map { "\($0),\($0 * 7919 % 1000),2013-01-01,\($0 * 104_729 % 99_991)\n" }.joined()
    let packed = try pack("id,price,day,note\n" + rows, suffix)
    let (ending, path) = try failure(Array(packed.prefix(packed.count / 2)), suffix)
    #expect(ending.record["class"] == .text("data"), "\(ending.complaint)")
    #expect(ending.message.hasPrefix("\(path) cannot be read"), "\(ending.message)")
  }

  @Test("nothing, packed, is as empty as an empty file", arguments: ["gz", "zst"])
  func empty(suffix: String) throws {
    let (ending, path) = try failure(try pack("", suffix), suffix)
    #expect(ending.message == "\(path) is empty: it has not even a header")
  }

  private func pack(_ text: String, _ suffix: String) throws -> [UInt8] {
    try HelperProgram.run([suffix == "gz" ? "gzip" : "zstd", "-c"], input: Array(text.utf8)).standardOutput
  }

  private func failure(_ bytes: [UInt8], _ suffix: String) throws -> (ending: TaskWorkspace.Ending, path: String) {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", IngestTests.schema)
    let name = "orders.csv.\(suffix)"
    try workspace.write(name, bytes: bytes)
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["orders": workspace.input(name), "schema": workspace.input("schema.yaml")],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    return (ending, workspace.path(name))
  }
}
