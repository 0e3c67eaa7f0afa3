/// Profiles a Parquet file: one pass for counts and bounds, then one ordered pass for each column.

import DuckDB
import MartletModel

struct Profiler {
  let connection: Connection
  let path: String

  private var source: String { "read_parquet(\(SQL.literal(path)), hive_partitioning = false)" }

  /// Profiles all columns.
  ///
  /// - Parameters:
  ///   - report: what ingest noted, for the partitions.
  ///   - progress: told after each column.
  func profile(_ report: IngestReport?, _ progress: ProgressReporter) throws -> DataProfile {
    let described = try connection.rows("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM \(source))")
    let columns = try described.map { row in
      let name = row[0].string ?? ""
      guard let kind = Self.kind(row[1].string ?? "") else {
        throw TaskFailure(.config, "\(path): column `\(name)` has the type \(row[1].string ?? ""), which has no profile")
      }
      return (name: name, kind: kind)
    }
    let bounds = try connection.rows("SELECT count(*), \(columns.map(Self.bounds).joined(separator: ", ")) FROM \(source)")[0]
    let rows = bounds[0].int
    var profile = DataProfile(rows: rows, partitions: partitions(report), columns: [])
    for (index, column) in columns.enumerated() {
      profile.columns.append(try self.column(column, rows, Array(bounds[(1 + index * 4)..<(5 + index * 4)])))
      progress.report(done: index + 1, total: columns.count, unit: "columns", message: "profiling \(column.name)")
    }
    return profile
  }

  private func column(_ column: (name: String, kind: DataProfile.Kind), _ rows: Int, _ bounds: [Value]) throws
    -> DataProfile.Column
  {
    let count = bounds[0].int
    let name = SQL.identifier(column.name)
    var (finite, low, high) = (count, bounds[2], bounds[3])
    if bounds[1] == .boolean(false) {
      // Counting the finite values takes longer than all bounds together: only a column that needs it is asked.
      let row = try connection.rows("SELECT count(*), \(Self.extremes(column)) FROM \(source) WHERE \(Self.isCounted(column))")[0]
      (finite, low, high) = (row[0].int, row[1], row[2])
    }
    var result = DataProfile.Column(
      name: column.name, kind: column.kind, nulls: rows - count, nonFinite: finite < count ? count - finite : nil, distinct: 0,
      top: [])
    var accumulator = ColumnAccumulator(count: finite, low: Self.number(low), high: Self.number(high))
    let stream = try connection.query(
      "SELECT \(name) AS value, count(*) AS times FROM \(source) WHERE \(Self.isCounted(column)) GROUP BY value ORDER BY value")
    var last: String?
    while let chunk = try stream.next() {
      let (values, times) = (chunk.columns[0], chunk.columns[1].int64s)
      for row in 0..<chunk.rowCount {
        let text = { Self.text(values, row, column.kind) }
        if result.min == nil { result.min = text() }
        if row == chunk.rowCount - 1 { last = text() }
        switch column.kind {
        case .integer: accumulator.add(DoubleDouble(values.int64s[row]), times: Int(times[row]), text: text())
        case .number: accumulator.add(DoubleDouble(values.doubles[row]), times: Int(times[row]), text: text())
        default: accumulator.add(times: Int(times[row]), text: text())
        }
      }
    }
    result.max = last
    result.distinct = accumulator.distinct
    result.top = accumulator.top.map { .init(value: $0.value, count: $0.count) }
    if column.kind == .integer || column.kind == .number { accumulator.describe(&result) }
    if column.kind == .boolean { (result.min, result.max) = (nil, nil) }
    return result
  }

  private static func kind(_ type: String) -> DataProfile.Kind? {
    switch type {
    case "BIGINT": .integer
    case "DOUBLE": .number
    case "BOOLEAN": .boolean
    case "VARCHAR": .string
    case "DATE": .date
    case "TIMESTAMP": .timestamp
    default: nil
    }
  }

  /// The number of values, whether all are finite, and for numbers the bounds. NaN is larger than infinity to DuckDB, so that the bounds
  /// tell.
  private static func bounds(_ column: (name: String, kind: DataProfile.Kind)) -> String {
    let name = SQL.identifier(column.name)
    switch column.kind {
    case .number, .date, .timestamp:
      return "count(\(name)), isfinite(min(\(name))) AND isfinite(max(\(name))), \(extremes(column))"
    case .integer, .boolean, .string: return "count(\(name)), true, \(extremes(column))"
    }
  }

  private static func extremes(_ column: (name: String, kind: DataProfile.Kind)) -> String {
    let name = SQL.identifier(column.name)
    return column.kind == .integer || column.kind == .number ? "min(\(name)), max(\(name))" : "NULL, NULL"
  }

  /// SQL that is true for values that are neither null nor infinite nor NaN. Dates and timestamps have infinities, too.
  private static func isCounted(_ column: (name: String, kind: DataProfile.Kind)) -> String {
    let name = SQL.identifier(column.name)
    switch column.kind {
    case .number, .date, .timestamp: return "isfinite(\(name))"
    case .integer, .boolean, .string: return "\(name) IS NOT NULL"
    }
  }

  private static func number(_ value: Value) -> DoubleDouble {
    if case .integer(let integer) = value { return DoubleDouble(integer) }
    return DoubleDouble(value.double ?? 0)
  }

  private static func text(_ vector: Vector, _ row: Int, _ kind: DataProfile.Kind) -> String {
    switch kind {
    case .string: return vector.string(at: row)
    case .integer: return String(vector.int64s[row])
    case .number:
      // Zero and minus zero are one value: which of them a group shows depends on the threads.
      return "\(vector.doubles[row] == 0 ? 0 : vector.doubles[row])"
    case .date: return CalendarDay(ordinal: Int(vector.dates[row])).description
    case .timestamp: return TimestampText.text(microseconds: Int(vector.timestamps[row]))
    case .boolean: return vector.booleans[row] ? "true" : "false"
    }
  }

  private func partitions(_ report: IngestReport?) -> DataProfile.Partitions? {
    guard let report, let name = report.partition else { return nil }
    let values = report.parts.compactMap(\.partition)
    guard let first = values.first, let last = values.last else { return nil }
    let rows = report.parts.map(\.rows)
    return .init(name: name, count: values.count, first: first, last: last, minRows: rows.min() ?? 0, maxRows: rows.max() ?? 0)
  }
}

/// A timestamp as ISO 8601.
enum TimestampText {
  /// `2013-01-01T10:00:00Z`, with microseconds where there are any.
  static func text(microseconds: Int) -> String {
    let (seconds, fraction) = microseconds.quotientAndRemainder(flooredBy: 1_000_000)
    let (day, time) = seconds.quotientAndRemainder(flooredBy: 86_400)
    let clock = [time / 3600, time / 60 % 60, time % 60].map { padded($0, 2) }.joined(separator: ":")
    return "\(CalendarDay(ordinal: day))T\(clock)\(fraction == 0 ? "" : "." + padded(fraction, 6))Z"
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int {
  /// Quotient rounded down, and the remainder, which is never negative.
  fileprivate func quotientAndRemainder(flooredBy divisor: Int) -> (Int, Int) {
    let remainder = ((self % divisor) + divisor) % divisor
    return ((self - remainder) / divisor, remainder)
  }
}
