// The keys that say how a table's files are written, beside what Python makes of the same bytes.

import BuiltinTasks
import MartletModel
import Testing

struct DialectKeyTests {
  /// A file that Python wrote, and the records that Python reads from it.
  struct Sample: Decodable {
    let bytes: [UInt8]
    let rows: [[String?]]
  }

  /// What Martlet makes of it: rows and rejects, values joined by `|`.
  private func ingest(
    _ bytes: [UInt8], _ keys: String, file: String = "t.csv", fields: String = "{a: integer, b: string, c: string}"
  )
    throws -> (rows: [String], rejects: [String])
  {
    let workspace = try TaskWorkspace()
    // Keys, or the whole table as a map.
    let table = keys.hasPrefix("{") ? keys : "\n    \(keys)\n    fields: \(fields)"
    try workspace.write("schema.yaml", "columns:\n  t: \(table)\n")
    try workspace.write(file, bytes: bytes)
    let ending = try workspace.run(
      "ingest@1",
      [
        .init(
          inputs: ["t": workspace.input(file), "schema": workspace.input("schema.yaml", keys: ["columns", "join"])],
          outputs: ["part": "part.parquet", "rejects": "rejects.parquet"])
      ])
    try #require(ending.status == 0, "\(ending.complaint)")
    return (
      try workspace.rows("SELECT * FROM {part.parquet}"),
      try workspace.rows("SELECT line, \"column\", reason FROM {rejects.parquet} ORDER BY line")
    )
  }

  private func sample(_ script: String) throws -> Sample {
    try Python.answer("import csv, io, pandas as pd\n" + script, input: [Int]())
  }

  private func text(_ rows: [[String?]]) -> [String] { rows.map { $0.map { $0 ?? "∅" }.joined(separator: "|") } }

  @Test(
    "encodings: the text of Python's encoders comes back",
    arguments: [
      ("latin-1", "latin-1", "é ÿ £ \u{85}"), ("windows-1252", "cp1252", "é € “Žž” ™"), ("utf-16", "utf-16", "é 漢 𝄞 €"),
      ("utf-16", "utf-16-le", "é 漢 𝄞 €"), ("utf-8", "utf-8-sig", "é 漢 𝄞 €"),
    ])
  func encodings(key: String, codec: String, word: String) throws {
    let sample = try sample(
      """
      text = "a,b,c\\r\\n1,\(word),x\\r\\nbad,y,z\\r\\n2,\\"\(word)\\r\\n\\",\\r\\n"
      data = text.encode("\(codec)")
      rows = list(csv.reader(io.StringIO(data.decode("\(codec)").removeprefix("\\ufeff"), newline="")))
      answer = {"bytes": list(data), "rows": [[v or None for v in row] for row in rows[1:]]}
      """)
    let (rows, rejects) = try ingest(sample.bytes, "encoding: \(key)")
    #expect(rows == text(sample.rows.filter { $0[0] != "bad" }))
    #expect(rejects == ["3|a|not an integer"])
  }

  @Test("a byte or half of a pair that an encoding does not have rejects its row", arguments: ["windows-1252", "utf-16"])
  func undecodable(encoding: String) throws {
    let lines = ["a,b,c", "1,x,", "2,?,", "3,y,"]
    var bytes: [UInt8] = []
    for line in lines {
      for byte in (line + "\n").utf8 {
        let isMark = byte == UInt8(ascii: "?")
        if encoding == "utf-16" { bytes += isMark ? [0x00, 0xD8] : [byte, 0] } else { bytes.append(isMark ? 0x81 : byte) }
      }
    }
    let (rows, rejects) = try ingest(bytes, "encoding: \(encoding)")
    #expect(rows == ["1|x|∅", "3|y|∅"])
    #expect(rejects == ["3|∅|not UTF-8"])
  }

  @Test("a backslash as escape, where quotes are not doubled")
  func escape() throws {
    let sample = try sample(
      """
      rows = [["1", 'say "hello"', "back\\\\\\\\slash"], ["2", "two\\nlines", 'end"'], ["3", '"', "\\\\"]]
      out = io.StringIO()
      writer = csv.writer(out, quoting=csv.QUOTE_ALL, escapechar="\\\\", doublequote=False, lineterminator="\\n")
      writer.writerows([["a", "b", "c"]] + rows)
      data = out.getvalue()
      read = list(csv.reader(io.StringIO(data, newline=""), escapechar="\\\\", doublequote=False))
      answer = {"bytes": list(data.encode()), "rows": read[1:]}
      """)
    #expect(sample.rows.count == 3)
    let (rows, rejects) = try ingest(sample.bytes, "escape: \"\\\\\"")
    #expect(rows == text(sample.rows))
    #expect(rejects == [])
  }

  @Test("no quotes at all: each is a character of its value")
  func noQuotes() throws {
    let sample = try sample(
      """
      data = 'a,b,c\\n1,"x,y"\\n2,5" pipe,"\\n'
      rows = list(csv.reader(io.StringIO(data), quoting=csv.QUOTE_NONE))
      answer = {"bytes": list(data.encode()), "rows": rows[1:]}
      """)
    let (rows, _) = try ingest(sample.bytes, "quote: \"\"")
    #expect(rows == text(sample.rows))
  }

  @Test(
    "lines above the header, no header, and both, with line ends of two kinds, too",
    arguments: [(0, false, "\n"), (2, true, "\n"), (2, false, "\r\n"), (3, true, "\r\n"), (3, false, "\n")])
  func skippedLines(skip: Int, header: Bool, lineEnd: String) throws {
    let end = lineEnd == "\n" ? "\\n" : "\\r\\n"
    let sample = try sample(
      """
      lines = ['An "export', "of, many, fields, today", ""][:\(skip)] + ["a,b,c"] * \(header ? 1 : 0) + ['1,"x,y",z', 'bad,"two\\nlines",z', "2,v,w"]
      data = "\(end)".join(lines) + "\\n"
      table = pd.read_csv(io.StringIO(data, newline=""), skiprows=\(skip), header=\(header ? "0" : "None"), dtype=str, keep_default_na=False)
      answer = {"bytes": list(data.encode()), "rows": table.values.tolist()}
      """)
    #expect(sample.rows.count == 3)
    let (rows, rejects) = try ingest(
      sample.bytes, "{skip_lines: \(skip), header: \(header), fields: {a: integer, b: string, c: string}}")
    #expect(rows == text([sample.rows[0], sample.rows[2]]))
    #expect(rejects == ["\(skip + (header ? 3 : 2))|a|not an integer"])
  }

  @Test("without a header columns count in their order: more are left out, fewer are missing")
  func columnsWithoutHeader() throws {
    #expect(try ingest(Array("1,x,y,z\n2,v,w,u\n".utf8), "header: false").rows == ["1|x|y", "2|v|w"])
    #expect(try ingest([], "header: false").rows == [])
    #expect(try ingest(Array("1,x\n2,v\n".utf8), "header: false").rows == ["1|x|∅", "2|v|∅"])
    #expect(
      try ingest(Array("\n\"1\r\n\",x,\n2,v,\n".utf8), "header: false", fields: "{a: string, b: string}").rows == [
        "1\r\n|x", "2|v",
      ])
  }

  @Test("spaces and tabs around values are dropped before null tokens are looked for")
  func trim() throws {
    let bytes = Array("a,b,c\n 1 ,  x y\t, NA \n2,\" q \",\n".utf8)
    #expect(
      try ingest(bytes, "{trim: true, null_tokens: [\"\", NA], fields: {a: integer, b: string, c: string}}").rows == [
        "1|x y|∅", "2|q|∅",
      ])
    #expect(try ingest(bytes, "null_tokens: [\"\", NA]").rows == ["1|  x y\t| NA ", "2| q |∅"])
  }

  @Test(
    "a sign between thousands, as pandas reads it, and only between thousands",
    arguments: [(",", "."), (".", ","), (" ", ","), ("'", ".")])
  func thousands(sign: String, decimal: String) throws {
    let numbers = ["1\(sign)234\(sign)567", "-12\(sign)345", "7", "999", "1234567"]
    let doubles = ["1\(sign)234\(decimal)5", "0\(decimal)25", "-1\(sign)000\(sign)000", "3\(decimal)5e2", "12"]
    let sample = try sample(
      """
      numbers, doubles = \(numbers), \(doubles)
      data = "a;b\\n" + "".join(f"{n};{d}\\n" for n, d in zip(numbers, doubles))
      table = pd.read_csv(io.StringIO(data), sep=";", thousands="\(sign)", decimal="\(decimal)")
      answer = {"bytes": list((data + "1\(sign)23;1\\n1\(sign)2345;1\\n5;1\(sign)23\(decimal)5\\n6;1\(sign)\(sign)123\\n7;1\(decimal)123\(sign)456\\n").encode()),
          "rows": [[str(n), repr(d)] for n, d in zip(table.a.tolist(), table.b.tolist())]}
      """)
    let (rows, rejects) = try ingest(
      sample.bytes, "{delimiter: \";\", decimal: \"\(decimal)\", thousands: \"\(sign)\", fields: {a: integer, b: number}}")
    #expect(rows == text(sample.rows))
    #expect(
      rejects == [
        "7|a|not an integer", "8|a|not an integer", "9|b|not a number", "10|b|not a number", "11|b|not a number",
      ])
  }
}
