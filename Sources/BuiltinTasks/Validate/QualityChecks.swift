/// Runs the declared checks: all metrics in one pass over the data, each SQL check on its own.

import DuckDB
import MartletModel

struct QualityChecks {
  let connection: Connection
  let path: String
  let schemaPath: String
  let profile: DataProfile
  let checks: [CheckDeclaration]

  private var source: String { "read_parquet(\(SQL.literal(path)), hive_partitioning = false)" }

  /// - Throws: `TaskFailure` of class `config` for a check of a column that is not there or SQL that DuckDB refuses.
  func findings() throws -> [Finding] {
    for check in checks { try knowsColumns(of: check) }
    let metrics = checks.compactMap(aggregate)
    let row =
      metrics.isEmpty
      ? [] : try running("checks") { try connection.rows("SELECT \(metrics.joined(separator: ", ")) FROM \(source)")[0] }
    var values = row[...]
    return try checks.map { check in
      let observed: Double
      switch check.subject {
      case .metric(.rowCount): observed = Double(profile.rows)
      case .metric: observed = values.popFirst()?.double ?? 0
      case .sql(let query): observed = try run(query, check)
      }
      return finding(check, observed)
    }
  }

  private func finding(_ check: CheckDeclaration, _ count: Double) -> Finding {
    let percent = check.unit == .percent
    let observed = percent ? (profile.rows > 0 ? count * 100 / Double(profile.rows) : 0) : count
    let suffix = percent ? " %" : ""
    return Finding(
      .quality, title(check), expected: check.condition.phrase(check.limits.map(NumberText.short)) + suffix,
      observed: NumberText.short(observed) + suffix, check.severity.verdict(holds: check.condition.holds(observed, check.limits)))
  }

  private func title(_ check: CheckDeclaration) -> String {
    if let name = check.name { return name }
    switch check.subject {
    case .sql(let query): return "`\(query)`"
    case .metric(let metric):
      if !check.properties.isEmpty {
        return "\(metric.rawValue) of \(check.properties.map { "`\($0)`" }.joined(separator: ", "))"
      }
      return metric.rawValue + (check.column.map { " of `\($0)`" } ?? "")
    }
  }

  /// The aggregate that counts what a metric is about; `nil` where none is needed.
  private func aggregate(_ check: CheckDeclaration) -> String? {
    guard case .metric(let metric) = check.subject, metric != .rowCount else { return nil }
    let columns = (check.properties.isEmpty ? check.column.map { [$0] } ?? [] : check.properties).map(SQL.identifier)
    let column = columns[0]
    switch metric {
    case .rowCount: return nil
    case .nullValues: return "count(*) FILTER (\(column) IS NULL)"
    case .missingValues:
      let texts = check.missingValues.compactMap { $0 }
      var conditions = check.missingValues.contains(nil) ? ["\(column) IS NULL"] : []
      if !texts.isEmpty { conditions.append("CAST(\(column) AS VARCHAR) IN (\(texts.map(SQL.literal).joined(separator: ", ")))") }
      return "count(*) FILTER (\(conditions.joined(separator: " OR ")))"
    case .invalidValues:
      var valid: [String] = []
      if let values = check.validValues {
        valid.append("CAST(\(column) AS VARCHAR) IN (\(values.map(SQL.literal).joined(separator: ", ")))")
      }
      if let pattern = check.pattern { valid.append("regexp_full_match(CAST(\(column) AS VARCHAR), \(SQL.literal(pattern)))") }
      return "count(*) FILTER (NOT (\(valid.joined(separator: " AND "))))"
    case .duplicateValues where columns.count > 1:
      return "count(*) - count(DISTINCT (\(columns.joined(separator: ", "))))"
    case .duplicateValues:
      return "count(\(column)) - count(DISTINCT \(column))"
    }
  }

  private func run(_ query: String, _ check: CheckDeclaration) throws -> Double {
    var sql = query.replacing("{object}", with: source)
    if let column = check.column { sql = sql.replacing("{property}", with: SQL.identifier(column)) }
    let value = try running("the check \(title(check))") { try connection.value("SELECT CAST((\(sql)) AS DOUBLE)") }
    guard let number = value.double else {
      throw TaskFailure(.config, "\(schemaPath): the check \(title(check)) gives no number")
    }
    return number
  }

  private func knowsColumns(of check: CheckDeclaration) throws {
    for name in check.properties + (check.column.map { [$0] } ?? []) where profile.column(name) == nil {
      let hint = Suggestion.nearest(to: name, among: profile.columns.map(\.name)).map { ", did you mean `\($0)`?" } ?? ""
      throw TaskFailure(.config, "\(schemaPath): a check is about the column `\(name)`, which the data do not have\(hint)")
    }
  }

  private func running<Result>(_ what: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DuckDBError where !error.isOutOfMemory && !error.isInputOutput {
      throw TaskFailure(.config, "\(schemaPath), \(what): \(error.message)")
    }
  }
}
