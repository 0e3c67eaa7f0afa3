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
    guard try TaskFile.size(path) > 0 else { throw TaskFailure(.data, "\(path) is empty: it has not even a header") }
    switch format {
    case .csv, .tsv:
      columns = try Self.header(path, isCompressed, Self.delimiter(table, format), table.quote, connection)
    case .jsonl:
      let keys =
        "SELECT DISTINCT unnest(json_keys(line)) AS name FROM \(Self.lines(path, skip: 0)) WHERE json_valid(line) AND json_type(line) = 'OBJECT'"
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

  /// The lines of a text file, each as a row with one column `line`.
  static func lines(_ path: String, skip: Int) -> String {
    """
    read_csv(\(SQL.literal(path)), auto_detect=false, header=false, skip=\(skip), delim=\(SQL.literal(wholeLine)), quote='', escape='', \
    columns={'line': 'VARCHAR'}, max_line_size=67108864)
    """
  }

  /// Runs what reads a file; what DuckDB cannot read is the data's fault, since the file is there and was opened.
  static func reading<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DuckDBError where !error.isOutOfMemory {
      throw TaskFailure(.data, "\(path) cannot be read: \(error.summary)")
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

  private static func header(
    _ path: String, _ isCompressed: Bool, _ delimiter: String, _ quote: String, _ connection: Connection
  ) throws -> [String] {
    var bytes: [UInt8]
    if isCompressed {
      let first = try reading(path) { try connection.rows("SELECT line FROM \(lines(path, skip: 0)) LIMIT 1") }
      bytes = Array((first.first?[0].string ?? "").utf8)
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
