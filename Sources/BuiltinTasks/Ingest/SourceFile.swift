/// A file of a table as it is found: how it is written and which columns it has.

import DuckDB

/// A source file, opened far enough to know its columns.
struct SourceFile {
  /// Its name, as a person knows it.
  let path: String
  let format: FileFormat
  /// Whether what is read is compressed.
  let isCompressed: Bool
  /// The names of its columns, in the file's order.
  let columns: [String]
  /// Lines before the header, which DuckDB has to be told of.
  let skippedLines: Int
  /// Whether its lines are known to end differently, before DuckDB has read any.
  let isUneven: Bool
  /// What is read in its place.
  private let copy: ScratchFile?
  /// Whether that is a copy whose lines all end alike.
  let isEven: Bool

  /// The separator of a file of lines that are taken whole: a control character that text does not hold.
  static let wholeLine = "\u{1F}"

  /// Where the bytes to be read are.
  var readPath: String { copy?.path ?? path }

  /// Whether a copy is read in place of the file.
  var isCopy: Bool { copy != nil }

  /// Looks at a file.
  ///
  /// - Throws: `TaskFailure` of class `io` if it cannot be opened, `data` if it is not what its name says.
  init(_ path: String, _ table: TableDeclaration, _ connection: Connection) throws {
    self.path = path
    let lower = path.lowercased()
    let isPacked = lower.hasSuffix(".gz") || lower.hasSuffix(".zst")
    let plain = isPacked ? String(lower[..<lower.lastIndex(of: ".")!]) : lower
    format = try table.format ?? Self.format(ofName: plain, path)
    isEven = false
    let isDelimited = format == .csv || format == .tsv
    let start = try TaskFile.read(path, atMost: isDelimited && !isPacked ? Self.longestHeader : FileSignature.length)
    let mayBeEmpty = format == .jsonl || (isDelimited && !table.hasHeader)
    if start.isEmpty, isPacked || !mayBeEmpty { throw Self.emptiness(path) }
    if let complaint = FileSignature.complaint(path, format, table.encoding, start) { throw TaskFailure(.data, complaint) }
    if lower.hasSuffix(".zst"), try !MappedFile.read(path, ZstandardFrames.areWhole) {
      throw TaskFailure(.data, "\(path) cannot be read: it is cut off, or no zstd file at all")
    }
    let decoded =
      format == .parquet || table.encoding == .utf8 ? nil : try Self.decoded(path, isPacked, table.encoding, connection)
    let isStillPacked = isPacked && decoded == nil
    switch format {
    case .csv, .tsv:
      var (start, copy) = (try decoded.map { try TaskFile.read($0.path, atMost: Self.longestHeader) } ?? start, decoded)
      if isStillPacked { (start, copy) = try Self.reading(path) { try Self.start(ofPacked: path, table, connection) } }
      let head = RecordScanner(table, format).head(of: start)
      if head.holdsNul { throw TaskFailure(.data, "\(path) is no text file, whatever its name says") }
      if table.hasHeader, head.fields.isEmpty { throw Self.emptiness(path) }
      columns = table.hasHeader ? head.fields : Self.names(head.fields.isEmpty ? table.fields.count : head.fields.count, table)
      (skippedLines, isUneven) = (head.skippedLines, head.isUneven)
      try Self.tellTwins(path, columns, table)
      self.copy = copy
      isCompressed = isStillPacked && copy == nil
    case .jsonl:
      let opened = try Self.reading(path) { try Self.keys(decoded?.path ?? path, isStillPacked, table, connection) }
      // Without an object nothing tells which columns are missing.
      columns = opened.keys.isEmpty ? table.fields.map(\.name) : opened.keys
      copy = opened.copy ?? decoded
      isCompressed = isStillPacked && opened.copy == nil
      (skippedLines, isUneven) = (0, false)
    case .parquet:
      columns = try Self.reading(path) {
        try connection.rows(
          "SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(\(SQL.literal(path)), hive_partitioning = false))"
        ).compactMap {
          $0[0].string
        }
      }
      (copy, isCompressed, skippedLines, isUneven) = (nil, false, 0, false)
    }
  }

  /// `source`, of which `copy` is read from now on.
  private init(_ source: SourceFile, _ copy: ScratchFile) {
    path = source.path
    format = source.format
    columns = source.columns
    skippedLines = source.skippedLines
    (isCompressed, isUneven, isEven, self.copy) = (false, false, true, copy)
  }

  /// The same file with lines that end alike; `nil` where they did before.
  func evened(_ table: TableDeclaration, _ connection: Connection) throws -> SourceFile? {
    guard !isEven else { return nil }
    return try EvenLines(connection: connection, table: table).copy(of: self).map { SourceFile(self, $0) }
  }

  static func delimiter(_ table: TableDeclaration, _ format: FileFormat) -> String {
    table.delimiter ?? (format == .tsv ? "\t" : ",")
  }

  /// Options of `read_csv`: how long a line may be. DuckDB takes memory for sixteen lines of the longest kind, or for the whole file where
  /// that is smaller; of a compressed file it cannot know.
  var limits: String { Self.limits(isCompressed) }

  private static func limits(_ isCompressed: Bool) -> String {
    isCompressed ? "max_line_size=16777216, buffer_size=33554432" : "max_line_size=67108864"
  }

  /// The lines of the text file, each as a row with one column `line`.
  var lines: String { Self.lines(readPath, isCompressed) }

  private static func lines(_ path: String, _ isCompressed: Bool) -> String {
    """
    read_csv(\(SQL.literal(path)), auto_detect=false, header=false, delim=\(SQL.literal(wholeLine)), quote='', escape='', \
    columns={'line': 'VARCHAR'}, \(limits(isCompressed)))
    """
  }

  /// Runs what reads a file; what DuckDB cannot read is the data's fault, since the file is there and was opened, unless the system says
  /// why.
  static func reading<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DuckDBError where !error.isOutOfMemory {
      throw TaskFailure(error.isOfTheSystem ? .io : .data, "\(path) cannot be read: \(error.summary)")
    }
  }

  private static func format(ofName name: String, _ path: String) throws -> FileFormat {
    for (suffix, format) in [
      (".csv", FileFormat.csv), (".tsv", .tsv), (".jsonl", .jsonl), (".ndjson", .jsonl), (".parquet", .parquet),
    ]
    where name.hasSuffix(suffix) {
      return format
    }
    throw TaskFailure(
      .config, "\(path) has no known suffix: say `format:` (csv, tsv, jsonl or parquet) for its table in the schema")
  }

  /// A copy in UTF-8.
  private static func decoded(_ path: String, _ isPacked: Bool, _ encoding: TextEncoding, _ connection: Connection) throws
    -> ScratchFile
  {
    let unpacked = isPacked ? try PlainBytes(connection: connection).unpack(path) : nil
    guard !isPacked || unpacked != nil else {
      throw TaskFailure(.data, "\(path) cannot be read: it is damaged, or nothing here unpacks it")
    }
    let copy = try ScratchFile(connection)
    try MappedFile.read(unpacked?.path ?? path) { try encoding.write($0, to: copy) }
    try copy.finish()
    return copy
  }

  /// The names of columns that have no header: those of the declaration, then numbers.
  private static func names(_ count: Int, _ table: TableDeclaration) -> [String] {
    (0..<count).map { $0 < table.fields.count ? table.fields[$0].name : "column \($0 + 1)" }
  }

  /// The keys of a file of JSON lines, and the copy that they were read from where the file itself cannot be read.
  private static func keys(_ path: String, _ isPacked: Bool, _ table: TableDeclaration, _ connection: Connection) throws -> (
    keys: [String], copy: ScratchFile?
  ) {
    func keys(_ lines: String) throws -> [String] {
      let keys =
        "SELECT DISTINCT unnest(json_keys(line)) AS name FROM \(lines) WHERE json_valid(line) AND json_type(line) = 'OBJECT'"
      return try connection.rows("SELECT name FROM (\(keys)) ORDER BY name").compactMap { $0[0].string }
    }
    do {
      return (try keys(lines(path, isPacked)), nil)
    } catch let error as DuckDBError where error.mayLieInTheFile {
      let unpacked = isPacked ? try PlainBytes(connection: connection).unpack(path) : nil
      guard !isPacked || unpacked != nil else { throw error }
      let copy = try EvenLines(connection: connection, table: table).copy(ofLinesIn: unpacked?.path ?? path)
      return (try keys(lines(copy.path, false)), copy)
    }
  }

  /// The first lines of a packed file, or an unpacked copy with its start where DuckDB cannot read them.
  private static func start(ofPacked path: String, _ table: TableDeclaration, _ connection: Connection) throws -> (
    [UInt8], ScratchFile?
  ) {
    let query = "SELECT line FROM \(lines(path, true)) LIMIT \(table.skippedLines + 100)"
    var rows: [[Value]]
    do {
      rows = try connection.rows(query)
    } catch let error as DuckDBError where error.mayLieInTheFile {
      if error.message.contains("Error on Line: "), !error.message.contains("Error on Line: 1\n") {
        // Bytes further down that are no UTF-8 are found again, and rejected, when the rows are read.
        rows = try connection.rows(query.replacing("auto_detect=false", with: "auto_detect=false, ignore_errors=true"))
      } else if let unpacked = try PlainBytes(connection: connection).unpack(path) {
        return (try TaskFile.read(unpacked.path, atMost: longestHeader), unpacked)
      } else {
        throw error
      }
    }
    return (Array(rows.map { $0[0].string ?? "" }.joined(separator: "\n").utf8), nil)
  }

  /// A column that is read by its name must have it alone.
  private static func tellTwins(_ path: String, _ columns: [String], _ table: TableDeclaration) throws {
    for field in table.fields {
      let places = columns.indices.filter { columns[$0] == field.name }
      guard places.count > 1 else { continue }
      let numbers = places.map { String($0 + 1) }
      throw TaskFailure(
        .data,
        "\(path) has \(places.count) columns `\(field.name)`, the columns \(numbers.dropLast().joined(separator: ", ")) and \(numbers.last!): name them differently"
      )
    }
  }

  private static func emptiness(_ path: String) -> TaskFailure {
    TaskFailure(.data, "\(path) is empty: it has not even a header")
  }

  /// How much of a file is read for its header.
  private static let longestHeader = 1 << 18
}

extension DuckDBError {
  /// Whether what the file holds may be at fault, so that a closer look at it, or a copy, may help.
  var mayLieInTheFile: Bool { !isOutOfMemory && !isOfTheSystem }
}
