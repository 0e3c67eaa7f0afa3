/// Finds the records of a delimited text: where each begins and on which line, quotes respected.

/// Reads CSV's outer structure only, and as DuckDB does. DuckDB reads the values; this tells a person where they stand.
struct RecordScanner {
  let delimiter: UInt8
  /// What encloses a field; `nil` for nothing.
  let quote: UInt8?
  /// What lets a quote stand in an enclosed field; `nil` for the quote itself.
  let escape: UInt8?
  /// Lines at the beginning that are no records.
  let skippedLines: Int
  let hasHeader: Bool

  /// A record's place: byte offset, and line counted from 1.
  struct Place: Equatable {
    var offset: Int
    var line: Int
  }

  /// How a line ends.
  enum LineEnd: Hashable {
    case lineFeed
    case carriageReturn
    case both
  }

  /// A record as it lies in the file.
  struct Record {
    enum Kind {
      /// One of the lines at the beginning that are no records.
      case skipped
      /// Without anything in it.
      case blank
      case header
      case row
    }

    let kind: Kind
    let place: Place
    /// Without its line end.
    let content: Range<Int>
    /// `nil` for a last record without one.
    let lineEnd: LineEnd?
  }

  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let space = UInt8(ascii: " ")

  /// The file's first bytes as far as they decide how it is read.
  struct Head {
    /// The fields of the header or, without one, of the first row, unquoted; none where there is no record.
    var fields: [String] = []
    /// Lines before it.
    var skippedLines = 0
    /// Whether the lines up to its end differ in how they end, those in quotes included.
    var isUneven = false
    /// Whether the header holds a NUL byte, which no text has.
    var holdsNul = false
  }

  /// Looks at the first bytes of a file, which should hold its header.
  func head(of bytes: [UInt8]) -> Head {
    var head = Head()
    var ends: Set<LineEnd> = []
    bytes.withUnsafeBytes { bytes in
      records(in: bytes) { record in
        if let end = record.lineEnd { ends.insert(end) }
        guard record.kind == .header || record.kind == .row else {
          head.skippedLines += 1
          return true
        }
        let content = UnsafeRawBufferPointer(rebasing: bytes[record.content])
        ends.formUnion(lineEnds(in: content))
        head.fields = fields(of: content)
        head.holdsNul = hasHeader && content.contains(0)
        return false
      }
    }
    head.isUneven = ends.count > 1
    return head
  }

  private func fields(of bytes: UnsafeRawBufferPointer) -> [String] {
    var fields: [String] = []
    var field: [UInt8] = []
    var state = FieldState(self)
    for byte in bytes {
      switch state.step(byte) {
      case .content: field.append(byte)
      case .structure: break
      // Spaces before an opening quote are no part of the field.
      case .opening: field = []
      case .delimiter:
        fields.append(String(decoding: field, as: UTF8.self))
        field = []
      }
    }
    return fields + [String(decoding: field, as: UTF8.self)]
  }

  /// The places of all records after the header, blank lines left out unless `keepsBlankLines`.
  func places(in bytes: UnsafeRawBufferPointer, keepsBlankLines: Bool = false, _ visit: (Place) -> Void) {
    var isBehindHeader = false
    records(in: bytes) { record in
      if record.kind == .header || record.kind == .row { isBehindHeader = true }
      if record.kind == .row || (record.kind == .blank && keepsBlankLines && isBehindHeader) { visit(record.place) }
      return true
    }
  }

  /// Whether the lines of a file differ in how they end; line ends in quotes count in the first record only, by which DuckDB goes.
  func isUneven(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var ends: Set<LineEnd> = []
    var isFirst = true
    records(in: bytes) { record in
      if let end = record.lineEnd { ends.insert(end) }
      if isFirst, record.kind == .header || record.kind == .row {
        isFirst = false
        ends.formUnion(lineEnds(in: UnsafeRawBufferPointer(rebasing: bytes[record.content])))
      }
      return ends.count <= 1
    }
    return ends.count > 1
  }

  private func lineEnds(in bytes: UnsafeRawBufferPointer) -> Set<LineEnd> {
    var ends: Set<LineEnd> = []
    for index in bytes.indices {
      let follows = index + 1 < bytes.count && bytes[index + 1] == Self.lineFeed
      if bytes[index] == Self.carriageReturn { ends.insert(follows ? .both : .carriageReturn) }
      if bytes[index] == Self.lineFeed, index == 0 || bytes[index - 1] != Self.carriageReturn { ends.insert(.lineFeed) }
    }
    return ends
  }

  /// All records from the first, blank ones and the header among them, until `visit` gives false.
  func records(in bytes: UnsafeRawBufferPointer, _ visit: (Record) -> Bool) {
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var line = 1
    var isHeader = hasHeader
    while index < bytes.count {
      let place = Place(offset: index, line: line)
      let isSkipped = line <= skippedLines
      let end = skipRecord(bytes, &index, &line, hasQuotes: !isSkipped)
      let content = place.offset..<(index - (end == nil ? 0 : end == .both ? 2 : 1))
      let kind: Record.Kind = isSkipped ? .skipped : content.isEmpty ? .blank : isHeader ? .header : .row
      if kind == .header { isHeader = false }
      guard visit(Record(kind: kind, place: place, content: content, lineEnd: end)) else { return }
    }
  }

  /// Moves past a record and its line end.
  private func skipRecord(_ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ line: inout Int, hasQuotes: Bool) -> LineEnd? {
    var state = FieldState(self, hasQuotes: hasQuotes)
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == Self.lineFeed || byte == Self.carriageReturn else {
        _ = state.step(byte)
        continue
      }
      let isBoth = byte == Self.carriageReturn && index < bytes.count && bytes[index] == Self.lineFeed
      // The line feed of a pair counts the line, within quotes as well.
      if state.isQuoted {
        if !isBoth { line += 1 }
        _ = state.step(byte)
        continue
      }
      if isBoth { index += 1 }
      line += 1
      return isBoth ? .both : byte == Self.lineFeed ? .lineFeed : .carriageReturn
    }
    return nil
  }

  /// Where in a record a byte stands.
  private struct FieldState {
    enum Meaning {
      case content
      case structure
      /// The quote that a field begins with.
      case opening
      case delimiter
    }

    private let delimiter: UInt8
    private let quote: UInt8?
    private let escape: UInt8?
    private var isEscaped = false
    private(set) var isQuoted = false
    /// Whether a quote would open a field; spaces behind a delimiter change nothing of that.
    private var mayOpen = true
    private var isBehindDelimiter = false
    /// Whether the byte before was a quote that closes the field, unless another follows.
    private var mayGoOn = false

    init(_ scanner: RecordScanner, hasQuotes: Bool = true) {
      (delimiter, quote, escape) = (scanner.delimiter, hasQuotes ? scanner.quote : nil, scanner.escape)
    }

    mutating func step(_ byte: UInt8) -> Meaning {
      if isQuoted {
        if isEscaped || byte == escape {
          isEscaped.toggle()
          return isEscaped ? .structure : .content
        }
        guard byte == quote else { return .content }
        (isQuoted, mayGoOn) = (false, escape == nil)
        return .structure
      }
      if byte == quote, mayGoOn {
        (isQuoted, mayGoOn) = (true, false)
        return .content
      }
      mayGoOn = false
      if byte == quote, mayOpen {
        (isQuoted, mayOpen, isBehindDelimiter) = (true, false, false)
        return .opening
      }
      if byte == delimiter {
        (mayOpen, isBehindDelimiter) = (true, true)
        return .delimiter
      }
      isBehindDelimiter = isBehindDelimiter && byte == RecordScanner.space
      mayOpen = isBehindDelimiter
      return .content
    }
  }

  /// The places of byte offsets, which ascend; line ends at an offset itself are passed over, since DuckDB's offsets of a record may point
  /// at the line end before it.
  static func places(ofOffsets offsets: [Int], in bytes: UnsafeRawBufferPointer) -> [Place] {
    var (index, line) = (0, 1)
    return offsets.map { offset in
      var target = min(offset, bytes.count)
      while target < bytes.count, bytes[target] == lineFeed || bytes[target] == carriageReturn { target += 1 }
      while index < target {
        let isLoneReturn = bytes[index] == carriageReturn && !(index + 1 < bytes.count && bytes[index + 1] == lineFeed)
        if bytes[index] == lineFeed || isLoneReturn { line += 1 }
        index += 1
      }
      return Place(offset: target, line: line)
    }
  }
}

extension RecordScanner {
  init(_ table: TableDeclaration, _ format: FileFormat) {
    self.init(
      delimiter: SourceFile.delimiter(table, format).utf8.first!, quote: table.quote.utf8.first,
      escape: table.escape == table.quote ? nil : table.escape?.utf8.first, skippedLines: table.skippedLines,
      hasHeader: table.hasHeader)
  }
}
