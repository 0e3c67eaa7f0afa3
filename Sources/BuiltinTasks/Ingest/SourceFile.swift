/// A file of a table as it is found: how it is written and which columns it has.

import DuckDB

/// A source file, opened far enough to know its columns.
struct SourceFile {
  let path: String
  let format: FileFormat
  let isCompressed: Bool
  /// The names of its columns, in the file's order.
  let columns: [String]

  /// The separator of a file of lines that are taken whole: a control character that text does not hold.
  static let wholeLine = "\u{1F}"

  /// Looks at a file.
  ///
  /// - Throws: `TaskFailure` of class `io` if it cannot be opened, `data` if it is not what its name says.
  init(_ path: String, _ table: TableDeclaration, _ connection: Connection) throws {
    self.path = path
    let lower = path.lowercased()
    isCompressed = lower.hasSuffix(".gz") || lower.hasSuffix(".zst")
    let plain = isCompressed ? String(lower[..<lower.lastIndex(of: ".")!]) : lower
    format = try table.format ?? Self.format(ofName: plain, path)
    guard try TaskFile.size(path) > 0 else { throw Self.emptiness(path) }
    if lower.hasSuffix(".zst"), try !MappedFile.read(path, ZstandardFrames.areWhole) {
      throw TaskFailure(.data, "\(path) cannot be read: it is cut off, or no zstd file at all")
    }
    switch format {
    case .csv, .tsv:
      columns = try Self.header(path, isCompressed, Self.delimiter(table, format), table.quote, connection)
    case .jsonl:
      let keys =
        "SELECT DISTINCT unnest(json_keys(line)) AS name FROM \(Self.lines(path, isCompressed)) WHERE json_valid(line) AND json_type(line) = 'OBJECT'"
      columns = try Self.reading(path) {
        try connection.rows("SELECT name FROM (\(keys)) ORDER BY name").compactMap { $0[0].string }
      }
    case .parquet:
      columns = try Self.reading(path) {
        try connection.rows(
          "SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(\(SQL.literal(path)), hive_partitioning = false))"
        ).compactMap {
          $0[0].string
        }
      }
    }
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
  var lines: String { Self.lines(path, isCompressed) }

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

  private static func firstLine(ofCompressed path: String, _ connection: Connection) throws -> String {
    let query = "SELECT line FROM \(lines(path, true)) LIMIT 1"
    let rows: [[Value]]
    do {
      rows = try connection.rows(query)
    } catch let error as DuckDBError
      where error.message.contains("Error on Line: ") && !error.message.contains("Error on Line: 1\n")
    {
      // Bytes further down that are no UTF-8 are found again, and rejected, when the rows are read.
      rows = try connection.rows(query.replacing("auto_detect=false", with: "auto_detect=false, ignore_errors=true"))
    }
    guard let line = rows.first?[0].string else { throw emptiness(path) }
    return line
  }

  private static func emptiness(_ path: String) -> TaskFailure {
    TaskFailure(.data, "\(path) is empty: it has not even a header")
  }

  private static func header(
    _ path: String, _ isCompressed: Bool, _ delimiter: String, _ quote: String, _ connection: Connection
  ) throws -> [String] {
    var bytes: [UInt8]
    if isCompressed {
      bytes = Array(try reading(path) { try firstLine(ofCompressed: path, connection) }.utf8)
    } else {
      bytes = try TaskFile.read(path, atMost: 1 << 18)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw TaskFailure(.data, "\(path) is UTF-16: convert it to UTF-8, for instance with iconv -f UTF-16 -t UTF-8")
    }
    if bytes.starts(with: [0x50, 0x41, 0x52, 0x31]) || bytes.prefix(1024).contains(0) {
      throw TaskFailure(.data, "\(path) is no text file, whatever its name says")
    }
    let scanner = RecordScanner(delimiter: delimiter.utf8.first!, quote: quote.utf8.first!)
    return scanner.fields(ofFirstRecord: bytes)
  }
}
