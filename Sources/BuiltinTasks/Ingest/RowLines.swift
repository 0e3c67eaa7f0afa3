/// On which line of its file the n-th row stands.

import DuckDB

/// Maps row numbers to lines. DuckDB numbers the rows that it took apart; this finds them again by walking the file.
struct RowLines {
  let source: SourceFile
  let table: TableDeclaration
  /// Offsets of records that DuckDB set aside and did not number.
  let passedOver: Set<Int>
  private let plain: PlainBytes

  init(_ source: SourceFile, _ table: TableDeclaration, _ passedOver: Set<Int>, _ connection: Connection) {
    plain = PlainBytes(connection: connection)
    self.source = source
    self.table = table
    self.passedOver = passedOver
  }

  /// The lines of rows, whose numbers count from 1 and ascend. Of a compressed file that nothing here unpacks a line is the record's
  /// number, the header being the first. A Parquet file has rows, not lines.
  func lines(of numbers: [Int]) throws -> [Int] {
    if source.format == .parquet { return numbers }
    return try plain.read(source) { bytes in
      guard let bytes else { return numbers.map { source.format == .jsonl ? $0 : $0 + 1 } }
      return source.format == .jsonl ? jsonLines(numbers, in: bytes) : recordLines(numbers, in: bytes)
    }
  }

  private func recordLines(_ numbers: [Int], in bytes: UnsafeRawBufferPointer) -> [Int] {
    let scanner = RecordScanner(table, source.format)
    var lines: [Int] = []
    lines.reserveCapacity(numbers.count)
    var number = 0
    scanner.places(in: bytes, keepsBlankLines: source.columns.count == 1) { place in
      guard !passedOver.contains(place.offset) else { return }
      number += 1
      if lines.count < numbers.count, numbers[lines.count] == number { lines.append(place.line) }
    }
    // Where quotes do not match, the two readings of the file can part: then the record's number has to do.
    while lines.count < numbers.count { lines.append(numbers[lines.count] + 1) }
    return lines
  }

  private func jsonLines(_ numbers: [Int], in bytes: UnsafeRawBufferPointer) -> [Int] {
    var lines: [Int] = []
    var (line, number, isBlank) = (1, 0, true)
    for index in 0...bytes.count {
      guard index == bytes.count || bytes[index] == UInt8(ascii: "\n") else {
        isBlank = isBlank && bytes[index] == UInt8(ascii: "\r")
        continue
      }
      if !isBlank { number += 1 }
      if !isBlank, lines.count < numbers.count, numbers[lines.count] == number { lines.append(line) }
      line += 1
      isBlank = true
    }
    return lines
  }
}
