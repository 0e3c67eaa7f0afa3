/// On which line of its file the n-th row stands.

/// Maps row numbers to lines. DuckDB numbers the rows that it took apart; this finds them again by walking the file.
struct RowLines {
  let source: SourceFile
  let table: TableDeclaration
  /// Offsets of records that DuckDB set aside and did not number.
  let passedOver: Set<Int>

  init(_ source: SourceFile, _ table: TableDeclaration, _ passedOver: Set<Int>) {
    self.source = source
    self.table = table
    self.passedOver = passedOver
  }

  /// The lines of rows, whose numbers count from 1 and ascend. A compressed file is not walked: there a line is the record's number, the
  /// header being the first. A Parquet file has rows, not lines.
  func lines(of numbers: [Int]) throws -> [Int] {
    if source.format == .parquet { return numbers }
    if source.isCompressed { return numbers.map { source.format == .jsonl ? $0 : $0 + 1 } }
    if source.format == .jsonl { return try jsonLines(numbers) }
    let scanner = RecordScanner(delimiter: SourceFile.delimiter(table, source.format).utf8.first!, quote: table.quote.utf8.first!)
    return try MappedFile.read(source.path) { bytes in
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
  }

  private func jsonLines(_ numbers: [Int]) throws -> [Int] {
    try MappedFile.read(source.path) { bytes in
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
}
