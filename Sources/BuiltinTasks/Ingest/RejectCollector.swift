/// Gathers what could not be read, with file, line, column and reason, for the `rejects` output.

import DuckDB
import MartletModel

/// Collects the rejects of one item in a temporary table.
struct RejectCollector {
  /// What one file's rejects come to.
  struct Summary {
    /// Rows rejected.
    var rows: Int
    var rejects: [IngestReport.File.Rejects]
    /// Where rejected records begin, for counting the accepted ones.
    var offsets: Set<Int> = []

    static var none: Summary { Summary(rows: 0, rejects: []) }
  }

  private static let longestValue = 4096
  let connection: Connection

  /// Begins a new item.
  func reset() throws {
    try connection.execute(
      """
      CREATE OR REPLACE TEMP TABLE martlet_rejects (file VARCHAR, line BIGINT, "column" VARCHAR, reason VARCHAR, value VARCHAR)
      """)
  }

  /// Writes the rejects as Parquet, by file, line and column.
  func write(to path: String) throws {
    try connection.execute(
      "COPY (SELECT * FROM martlet_rejects ORDER BY file, line, \"column\", reason, value) TO \(SQL.literal(path)) (FORMAT parquet, COMPRESSION zstd)"
    )
  }

  /// Forgets what DuckDB's reader set aside.
  func clearStructural() throws {
    try connection.execute("DROP TABLE IF EXISTS martlet_reject_errors; DROP TABLE IF EXISTS martlet_reject_scans")
  }

  /// The files of which DuckDB's reader set rows aside.
  func filesWithStructural() throws -> Set<String> {
    let rows = try connection.rows(
      "SELECT DISTINCT file_path FROM martlet_reject_errors JOIN martlet_reject_scans USING (scan_id, file_id)")
    return Set(rows.compactMap { $0[0].string })
  }

  /// Whether DuckDB's reader met quotes that do not match.
  func haveUnmatchedQuotes() throws -> Bool {
    try connection.value("SELECT count(*) FROM martlet_reject_errors WHERE error_type::VARCHAR = 'UNQUOTED VALUE'").int > 0
  }

  /// Takes over what DuckDB's reader set aside: one reject for each record and kind of error.
  func takeStructural(_ reader: FileReader) throws -> Summary {
    let errors = try connection.rows(
      """
      SELECT line_byte_position - 1, any_value(line), error_type::VARCHAR, any_value(csv_line[:\(Self.longestValue)]), min(column_idx)
      FROM martlet_reject_errors GROUP BY line_byte_position, error_type ORDER BY line_byte_position, error_type::VARCHAR
      """)
    guard !errors.isEmpty else { return .none }
    var summary = Summary.none
    let offsets = errors.map { $0[0].int }
    let places = try PlainBytes(connection: connection).read(reader.source) { bytes in
      bytes.map { RecordScanner.places(ofOffsets: offsets, in: $0) }
    }
    var counts: [String: Int] = [:]
    for (index, error) in errors.enumerated() {
      let place = places?[index] ?? RecordScanner.Place(offset: error[0].int, line: error[1].int)
      let reason = Self.reason(error[2].string ?? "")
      summary.offsets.insert(place.offset)
      counts[reason, default: 0] += 1
      let text = (error[3].string ?? "").trimmingLineEnds
      _ = try connection.rows(
        "INSERT INTO martlet_rejects VALUES ($1, $2, NULL, $3, $4)",
        [.text(reader.source.path), .integer(Int64(place.line)), .text(reason), .text(text)])
    }
    summary.rows = summary.offsets.count
    summary.rejects = counts.sorted { $0.key < $1.key }.map { .init(column: nil, reason: $0.key, rows: $0.value) }
    return summary
  }

  /// Takes over the values that could not be converted.
  func takeUnreadable(_ reader: FileReader, _ structural: Summary) throws -> Summary {
    try connection.execute(
      """
      CREATE OR REPLACE TEMP TABLE martlet_unreadable AS SELECT number, "column", reason, value[:\(Self.longestValue)] AS value FROM (\(reader.unreadable))
      """)
    let numbers = try connection.rows("SELECT DISTINCT number FROM martlet_unreadable ORDER BY number").map { $0[0].int }
    guard !numbers.isEmpty else { return .none }
    let lines = try RowLines(reader.source, reader.table, structural.offsets, connection).lines(of: numbers)
    try connection.execute("CREATE OR REPLACE TEMP TABLE martlet_lines (number BIGINT, line BIGINT)")
    for start in stride(from: 0, to: numbers.count, by: 10_000) {
      let range = start..<min(start + 10_000, numbers.count)
      let values = range.map { "(\(numbers[$0]), \(lines[$0]))" }.joined(separator: ", ")
      try connection.execute("INSERT INTO martlet_lines VALUES \(values)")
    }
    try connection.execute(
      """
      INSERT INTO martlet_rejects
      SELECT \(SQL.literal(reader.source.path)), line, "column", reason, value FROM martlet_unreadable JOIN martlet_lines USING (number)
      """)
    let groups = try connection.rows(
      "SELECT \"column\", reason, count(*) FROM martlet_unreadable GROUP BY ALL ORDER BY 1 NULLS FIRST, 2")
    return Summary(
      rows: numbers.count, rejects: groups.map { .init(column: $0[0].string, reason: $0[1].string ?? "", rows: $0[2].int) })
  }

  /// DuckDB's kinds of error in a person's words.
  private static func reason(_ kind: String) -> String {
    switch kind {
    case "MISSING COLUMNS": "too few columns"
    case "TOO MANY COLUMNS": "too many columns"
    case "UNQUOTED VALUE": "quotes do not match"
    case "INVALID ENCODING", "INVALID UNICODE": "not UTF-8"
    case "LINE SIZE OVER MAXIMUM": "line too long"
    default: kind.lowercased()
    }
  }
}

extension String {
  /// Without line ends on either side.
  fileprivate var trimmingLineEnds: String {
    var text = self[...]
    while let first = text.first, first.isNewline { text.removeFirst() }
    while let last = text.last, last.isNewline { text.removeLast() }
    return String(text)
  }
}
