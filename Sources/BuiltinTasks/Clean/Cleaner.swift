/// The SQL of clean: one pass that finds each row's code, one for the quarantine, one for the features.

import DuckDB
import MartletModel

struct Cleaner {
  let connection: Connection
  let schemaPath: String
  let data: String
  /// The partition's column; `nil` for data without partitions.
  let partition: String?
  let rules: RowRules
  let features: FeatureDeclaration

  /// The names of a data file's columns.
  static func columns(of data: String, _ connection: Connection) throws -> [String] {
    let file = SQL.literal(data)
    let rows = try connection.rows(
      "SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(\(file), hive_partitioning = false))")
    return rows.compactMap { $0[0].string }
  }

  private var source: String { "read_parquet(\(SQL.literal(data)), file_row_number = true, hive_partitioning = false)" }

  /// Checks all expressions against the data's columns and computes each row's code, null for a good one.
  ///
  /// - Returns: the label's kind.
  /// - Throws: `TaskFailure` of class `config` naming the expression that DuckDB refuses.
  func examine() throws -> LabelKind {
    for rule in rules.rules { _ = try type(of: rule.condition, "the rule `\(rule.code)`") }
    let all = [features.time, features.label] + features.keep + features.numeric + features.categorical
    for column in all { _ = try type(of: column.sql, "`\(column.name)`") }
    if let partition, all.contains(where: { $0.name == partition }) {
      throw TaskFailure(.config, "\(schemaPath): the name `\(partition)` is the partition's, give the feature another")
    }
    let label = LabelKind(sqlType: try type(of: features.label.sql, "`\(features.label.name)`"))
    var cases = rules.rules.map { "WHEN (\($0.condition)) THEN \(SQL.literal($0.code))" }
    cases.append("WHEN (\(features.time.sql)) IS NULL THEN 'no_time'")
    cases.append("WHEN (\(features.label.sql)) IS NULL THEN 'no_label'")
    try running("the row rules") {
      try connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE martlet_codes AS
        SELECT file_row_number AS number, CASE \(cases.joined(separator: " ")) END AS code FROM \(source)
        """)
    }
    return label
  }

  /// How many rows there are and how many have which code.
  func codes() throws -> (rows: Int, byCode: [String: Int]) {
    var byCode: [String: Int] = [:]
    var rows = 0
    for row in try connection.rows("SELECT code, count(*) FROM martlet_codes GROUP BY code ORDER BY code") {
      rows += row[1].int
      if let code = row[0].string { byCode[code] = row[1].int }
    }
    return (rows, byCode)
  }

  /// The rows with a code: the code, why, the row's number within its partition (from 1), and the row itself.
  func writeQuarantine(_ columns: [String], to path: String) throws {
    let whys = rules.rules.compactMap { rule in rule.why.map { "WHEN \(SQL.literal(rule.code)) THEN \(SQL.literal($0))" } }
    let reasons = whys + ["WHEN 'no_time' THEN 'no time'", "WHEN 'no_label' THEN 'no outcome to learn from'"]
    let first = partition.map {
      "(SELECT \(SQL.identifier($0)) AS value, min(file_row_number) AS first FROM \(source) GROUP BY 1)"
    }
    let join = first.map { " LEFT JOIN \($0) AS start ON start.value = data.\(SQL.identifier(partition!))" } ?? ""
    try connection.execute(
      """
      COPY (
        SELECT codes.code AS reason_code, CASE codes.code \(reasons.joined(separator: " ")) END AS reason,
          data.file_row_number \(first == nil ? "" : "- start.first ")+ 1 AS source_row, \(columns.map { "data.\(SQL.identifier($0))" }.joined(separator: ", "))
        FROM \(source) AS data JOIN (SELECT * FROM martlet_codes WHERE code IS NOT NULL) AS codes ON codes.number = data.file_row_number\(join)
        ORDER BY data.file_row_number
      ) TO \(SQL.literal(path)) \(ParquetOptions.text())
      """)
  }

  /// The good rows' features, ordered by time, then as ingested; roles go into the metadata.
  func writeFeatures(_ label: LabelKind, to path: String) throws {
    var columns = partition.map { [SQL.identifier($0)] } ?? []
    columns.append("CAST((\(features.time.sql)) AS TIMESTAMP) AS \(SQL.identifier(features.time.name))")
    columns.append("CAST((\(features.label.sql)) AS \(label.sqlType)) AS \(SQL.identifier(features.label.name))")
    columns += features.keep.map { "(\($0.sql)) AS \(SQL.identifier($0.name))" }
    columns += features.numeric.map { "CAST((\($0.sql)) AS DOUBLE) AS \(SQL.identifier($0.name))" }
    columns += features.categorical.map { "CAST((\($0.sql)) AS VARCHAR) AS \(SQL.identifier($0.name))" }
    let roles = FeatureRoles(
      partition: partition, time: features.time.name, label: .init(name: features.label.name, type: label),
      keep: features.keep.map(\.name),
      features: features.numeric.map { .init(name: $0.name, kind: .numeric) }
        + features.categorical.map { .init(name: $0.name, kind: .categorical) })
    let good = "SELECT number FROM martlet_codes WHERE code IS NULL"
    try running("the features") {
      try connection.execute(
        """
        COPY (
          SELECT * EXCLUDE (file_row_number) FROM (
            SELECT \(columns.joined(separator: ", ")), file_row_number FROM \(source) AS data WHERE file_row_number IN (\(good)))
          ORDER BY \(SQL.identifier(features.time.name)), file_row_number
        ) TO \(SQL.literal(path)) \(ParquetOptions.text([(FeatureRoles.key, try roles.json)]))
        """)
    }
  }

  private func type(of sql: String, _ what: String) throws -> String {
    try running("\(what): \(sql)") {
      try connection.rows(
        "SELECT column_type FROM (DESCRIBE SELECT (\(sql)) AS value FROM read_parquet(\(SQL.literal(data)), hive_partitioning = false))"
      )[0][0].string ?? ""
    }
  }

  /// What DuckDB says against the user's own SQL is a mistake in the schema.
  @discardableResult
  private func running<Result>(_ what: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DuckDBError where !error.isOutOfMemory && !error.isInputOutput {
      throw TaskFailure(.config, "\(schemaPath), \(what): \(error.message)")
    }
  }
}
