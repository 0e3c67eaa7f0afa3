/// Copies of text files whose lines all end alike, for DuckDB, which reads no others.

import DuckDB

/// DuckDB takes the first line end of a file for that of all. What it then makes of another is an error, or rows that run into each other.
/// A copy has as many lines as its file, so that the lines of rejects are those of the file.
struct EvenLines {
  let connection: Connection
  let table: TableDeclaration

  /// A copy of a file with one kind of line end; `nil` where its lines end alike already, or where it cannot be unpacked.
  func copy(of source: SourceFile) throws -> ScratchFile? {
    try PlainBytes(connection: connection).read(source) { bytes in
      guard let bytes else { return nil }
      switch source.format {
      case .parquet, .jsonl: return nil
      case .csv, .tsv:
        let scanner = RecordScanner(table, source.format)
        return scanner.isUneven(bytes) ? try copyOfRecords(bytes, scanner) : nil
      }
    }
  }

  /// Line ends within quotes belong to the value and stay.
  private func copyOfRecords(_ bytes: UnsafeRawBufferPointer, _ scanner: RecordScanner) throws -> ScratchFile {
    let copy = try ScratchFile(connection)
    var failure: (any Error)?
    scanner.records(in: bytes) { record in
      do {
        try copy.append(UnsafeRawBufferPointer(rebasing: bytes[record.content]))
        if record.lineEnd != nil { try copy.append(UInt8(ascii: "\n")) }
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    try copy.finish()
    return copy
  }

  /// A copy of a file of JSON lines, whatever its lines end with. A carriage return in a line is white space. A line that is no
  /// UTF-8 or holds the separator that DuckDB is given is no JSON; it is marked by a control character, which JSON does not allow either, so that it costs no more than its own row.
  func copy(ofLinesIn path: String) throws -> ScratchFile { try MappedFile.read(path, copyOfLines) }

  private func copyOfLines(_ bytes: UnsafeRawBufferPointer) throws -> ScratchFile {
    let copy = try ScratchFile(connection)
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
      var line = bytes[start..<end]
      while line.last == UInt8(ascii: "\r") { line = line.dropLast() }
      let separator = SourceFile.wholeLine.utf8.first!
      let text = String(validating: line, as: UTF8.self) ?? "\u{1}" + String(decoding: line, as: UTF8.self)
      try copy.append(text.utf8.lazy.map { $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 == separator ? 1 : $0 })
      if end < bytes.endIndex { try copy.append(UInt8(ascii: "\n")) }
      start = end < bytes.endIndex ? end + 1 : end
    }
    try copy.finish()
    return copy
  }
}
