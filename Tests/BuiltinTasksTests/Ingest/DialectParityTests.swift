// Delimited files of every shape beside Python's csv module: the same records, each read or rejected on its line.

import BuiltinTasks
import MartletFiles
import MartletModel
import Testing

struct DialectParityTests {
  /// How a file is written.
  struct Shape: CustomTestStringConvertible, Sendable {
    var lineEnds = ["\n"]
    var delimiter = ","
    var hasMark = false
    var isQuoted = false
    var endsOpen = false
    var blankLines = 0
    var headerName = "note"
    var suffix = ""

    var testDescription: String {
      let ends = lineEnds.map { $0.replacing("\r", with: "CR").replacing("\n", with: "LF") }.joined(separator: "+")
      return
        "\(ends) \(delimiter)\(hasMark ? " mark" : "")\(isQuoted ? " quoted" : "")\(endsOpen ? " open" : "")\(blankLines > 0 ? " blank" : "")\(suffix)"
    }

    static let all: [Shape] = {
      var shapes: [Shape] = []
      for lineEnds in [["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\r\n", "\n", "\r"]] {
        for isQuoted in [false, true] {
          for (index, delimiter) in [",", ";", "\t"].enumerated() {
            let number = shapes.count
            shapes.append(
              Shape(
                lineEnds: lineEnds, delimiter: delimiter, hasMark: number % 2 == 0, isQuoted: isQuoted, endsOpen: number % 3 == 0,
                blankLines: index, headerName: number % 4 == 1 ? "no\nte" : "note"))
          }
        }
      }
      shapes.append(Shape(lineEnds: ["\n", "\r\n"], suffix: ".gz"))
      shapes.append(Shape(lineEnds: ["\r\n", "\n"], isQuoted: true, headerName: "no\r\nte", suffix: ".gz"))
      return shapes
    }()

    /// A file of records, good and bad.
    func text(seed: UInt64) -> String {
      var numbers = SeededNumbers(seed: seed)
      func end() -> String { lineEnds[min(lineEnds.count - 1, Int(numbers.uniform() * Double(lineEnds.count)))] }
      func field(_ text: String) -> String {
        let special = text.contains { $0.isNewline || $0 == "\"" || String($0) == delimiter }
        return isQuoted || special ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
      }
      var text = hasMark ? "\u{FEFF}" : ""
      for _ in 0..<blankLines { text += end() }
      text += [field("id"), field("word"), field(headerName)].joined(separator: delimiter) + end()
      for row in 0..<80 {
        var fields = ["\(row)", "word \(row)", ""]
        switch row % 16 {
        case 2: fields[2] = "two\nlines"
        case 4: fields[2] = "two\r\nlines, \"quoted\""
        case 5: fields[2] = "old\rlines"
        case 6: fields.removeLast()
        case 8: fields.append("one more")
        case 9: fields[0] = "x\(row)"
        case 11: fields[1] = "nul \0 byte"
        case 13: text += end()
        case 14: fields[2] = "é 漢 𝄞"
        case 15: fields[1] = "a\(delimiter)b"
        default: break
        }
        text += fields.map(field).joined(separator: delimiter) + (endsOpen && row == 79 ? "" : end())
      }
      return text
    }
  }

  /// A record as Python reads it, with the line that it begins on.
  struct Record: Decodable {
    let line: Int
    let fields: [String]
  }

  static let reference = """
    import csv, io
    reader = csv.reader(io.StringIO(data["text"].removeprefix("\\ufeff"), newline=""), delimiter=data["delimiter"])
    answer, line, header = [], 1, None
    for fields in reader:
      if fields and header is None: header = fields
      elif fields: answer.append({"line": line, "fields": fields})
      line = reader.line_num + 1
    """

  struct Input: Encodable {
    let text: String
    let delimiter: String
  }

  @Test("every record is read or rejected on its line, as Python's csv module finds it", arguments: Shape.all)
  func records(shape: Shape) throws {
    let text = shape.text(seed: 5)
    let records: [Record] = try Python.answer(Self.reference, input: Input(text: text, delimiter: shape.delimiter))
    #expect(records.count == 80)
    let workspace = try TaskWorkspace()
    try workspace.write(
      "schema.yaml",
      "columns:\n  t:\n    delimiter: \"\(shape.delimiter == "\t" ? "\\t" : shape.delimiter)\"\n    on_missing: ignore\n    fields: {id: integer, word: string, note: string, \"no\\nte\": string, \"no\\r\\nte\": string}\n"
    )
    let bytes = Array(text.utf8)
    let packed = shape.suffix.isEmpty ? bytes : try HelperProgram.run(["gzip", "-c"], input: bytes).standardOutput
    try workspace.write("t.csv\(shape.suffix)", bytes: packed)
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: [
            "t": workspace.input("t.csv\(shape.suffix)"), "schema": workspace.input("schema.yaml", keys: ["columns", "join"]),
          ],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    try #require(ending.status == 0, "\(ending.complaint)")
    let good = records.filter { $0.fields.count == 3 && Int($0.fields[0]) != nil && !$0.fields.joined().contains("\0") }
    let note = shape.headerName.replacing("\n", with: "\\n").replacing("\r", with: "\\r")
    let rows = try workspace.rows("SELECT id, hex(word), hex(coalesce(\"no\nte\", \"no\r\nte\", note, '')) FROM {part.parquet}")
    let expected = good.map { record in
      ([record.fields[0]]
        + record.fields.dropFirst().map { $0.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined() })
        .joined(separator: "|")
    }
    #expect(rows == expected, "\(note)")
    let bad = records.filter { record in !good.contains { $0.line == record.line } }
    #expect(bad.count == 20)
    #expect(try workspace.rows("SELECT line FROM {rejects.parquet} ORDER BY line") == bad.map { String($0.line) })
    #expect(ending.record["figures"] == .map(["rows": .integer(60), "rejected": .integer(20)]))
  }

  @Test("files whose lines end differently cost a batch nothing: each has its rows", arguments: [1, 2])
  func batch(cpu: Int) throws {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", "columns:\n  t:\n    fields: {a: integer, b: string}\n")
    let texts = [
      "a,b\n1,x\n2,y\n", "a,b\n3,x\r\n4,y\n", "a,b\r\n5,\"x\"\n6,y\r\n", "a,b\r\n7,x\r\n8,y\r\n", "\na,b\n9,x\n10,y\n",
      "a,b\n11,x\n12,y\n",
    ]
    let items = try texts.enumerated().map { index, text in
      try workspace.write("\(index).csv", text)
      return TaskWorkspace.Item(
        partition: "2013-01-0\(index + 1)",
        inputs: ["t": workspace.input("\(index).csv"), "schema": workspace.input("schema.yaml", keys: ["columns", "join"])],
        outputs: ["part": "part\(index).parquet", "rejects": "rejects\(index).parquet"])
    }
    let ending = try workspace.run("ingest@1", items, cpu: cpu)
    #expect(ending.status == 0, "\(ending.complaint)")
    for index in texts.indices {
      #expect(try workspace.rows("SELECT * FROM {part\(index).parquet}") == ["\(2 * index + 1)|x", "\(2 * index + 2)|y"])
    }
  }

  @Test("several files of one table, each with rejects: each keeps its own rows and counts")
  func severalFiles() throws {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", "columns:\n  t:\n    fields: {a: integer, b: string}\n")
    for index in 0..<4 { try workspace.write("\(index).csv", "a,b\n\(index)1,x\r\nbad,y\n\(index)2,z\nshort\n") }
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["t": workspace.input("0.csv", "1.csv", "2.csv", "3.csv"), "schema": workspace.input("schema.yaml")],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    #expect(ending.status == 0, "\(ending.complaint)")
    #expect(try workspace.rows("SELECT a FROM {part.parquet}") == ["1", "2", "11", "12", "21", "22", "31", "32"])
    #expect(
      try workspace.rows("SELECT right(file, 5), string_agg(line, ',') FROM {rejects.parquet} GROUP BY ALL ORDER BY 1")
        == (0..<4).map { "\($0).csv|3,5" })
    #expect(ending.record["figures"] == .map(["rows": .integer(8), "rejected": .integer(8)]))
  }
}
