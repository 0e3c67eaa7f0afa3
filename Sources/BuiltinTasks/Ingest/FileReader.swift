/// The SQL that reads one file by one table's declaration.

import DuckDB

/// Builds `SELECT`s over a source file. Every source gives texts, so that one set of rules converts them, whatever the format.
struct FileReader {
  let source: SourceFile
  let table: TableDeclaration
  /// Files with the same header as `source` that are read in the same statement, `source` among them; empty for `source` alone.
  var batch: [String] = []

  /// Whether DuckDB's reader itself sets rows aside: those that do not have the header's number of fields, and the like.
  var isDelimited: Bool { source.format == .csv || source.format == .tsv }

  /// The declared columns that the file has.
  var conversions: [ColumnConversion] {
    table.fields.compactMap { field in
      guard let index = source.columns.firstIndex(of: field.name) else { return nil }
      return ColumnConversion(field: field, table: table, isDelimited: isDelimited, raw: raw(index))
    }
  }

  /// The declared columns in order, nulls for those that the file lacks, and `martlet_bad`.
  func select(exactly: Bool) -> String {
    let present = conversions
    let columns = table.fields.map { field in
      let value = present.first { $0.field.name == field.name }?.value(exactly: exactly) ?? "CAST(NULL AS \(field.kind.sqlType))"
      return "\(value) AS \(SQL.identifier(field.name))"
    }
    return "SELECT \(columns.joined(separator: ", ")), \(bad(exactly: exactly)) AS martlet_bad\(item) FROM \(rows)"
  }

  /// In a batch each row says which item it is of.
  private var item: String { batch.isEmpty ? "" : ", getvariable(\(SQL.literal(BatchLoader.items)))[filename] AS martlet_item" }

  /// SQL that is true for a row to be passed over; without `exactly` also for one that has to be looked at again.
  private func bad(exactly: Bool) -> String {
    var conditions = conversions.compactMap { $0.isUnreadable(exactly: exactly) }
    if !exactly, let suspects = ColumnConversion.suspects(conversions) { conditions.append(suspects) }
    if source.format == .jsonl { conditions.insert("json_type(line) IS DISTINCT FROM 'OBJECT'", at: 0) }
    return conditions.isEmpty ? "false" : "coalesce(\(conditions.joined(separator: " OR ")), false)"
  }

  /// One row for each text that cannot be read: `number` (of the row, from 1), `column`, `reason`, `value`.
  var unreadable: String {
    var cases = conversions.compactMap { conversion in
      conversion.isUnreadable(exactly: true).map { condition in
        "CASE WHEN \(condition) THEN {'column': \(SQL.literal(conversion.field.name)), 'reason': \(conversion.reason), 'value': \(conversion.raw)} END"
      }
    }
    if source.format == .jsonl {
      cases.append(
        "CASE WHEN json_type(line) IS DISTINCT FROM 'OBJECT' THEN {'column': NULL::VARCHAR, 'reason': 'not a JSON object', 'value': line_text} END"
      )
    }
    return """
      SELECT number, problem.column, problem.reason, problem.value FROM (
        SELECT number, unnest(list_filter([\(cases.joined(separator: ", "))], lambda problem: problem IS NOT NULL)) AS problem
        FROM (SELECT row_number() OVER () AS number, * FROM \(rows))
        WHERE \(bad(exactly: true)))
      """
  }

  /// The rows of the file, each column as a text.
  private var rows: String {
    switch source.format {
    case .csv, .tsv: delimited
    case .jsonl:
      // A line that is no JSON would end the statement once a value is asked of it.
      "(SELECT CASE WHEN json_valid(text.line) THEN text.line END AS line, text.line AS line_text FROM \(source.lines) AS text WHERE text.line IS NOT NULL)"
    case .parquet: "read_parquet(\(SQL.literal(source.path)), hive_partitioning = false)"
    }
  }

  private var delimited: String {
    let columns = source.columns.indices.map { "'c\($0)': 'VARCHAR'" }.joined(separator: ", ")
    // Where the lines of a copy end is known: DuckDB would go by the first line end in quotes, too.
    let lineEnd = source.isEven ? "new_line='\\n', " : ""
    return """
      read_csv(\(SQL.list(batch.isEmpty ? [source.readPath] : batch)), auto_detect=false, header=\(table.hasHeader), skip=\(source.skippedLines), \(lineEnd)delim=\(SQL.literal(SourceFile.delimiter(table, source.format))), \
      quote=\(SQL.literal(table.quote)), escape=\(SQL.literal(table.escape ?? table.quote)), columns={\(columns)}, nullstr=\(SQL.list(table.nullTokens)), null_padding=false, strict_mode=true, \
      store_rejects=true, rejects_limit=0, rejects_table='martlet_reject_errors', rejects_scan='martlet_reject_scans', \
      \(source.limits), hive_partitioning=false\(batch.isEmpty ? "" : ", filename=true"))
      """
  }

  private func raw(_ index: Int) -> String {
    switch source.format {
    case .csv, .tsv: return table.trims ? nullable("trim(c\(index), ' ' || chr(9))") : "c\(index)"
    case .jsonl: return nullable("(line ->> \(SQL.literal("$.\"\(source.columns[index])\"")))")
    case .parquet: return nullable("CAST(\(SQL.identifier(source.columns[index])) AS VARCHAR)")
    }
  }

  private func nullable(_ text: String) -> String {
    let tokens = table.nullTokens
    guard !tokens.isEmpty else { return text }
    return "CASE WHEN \(text) NOT IN (\(tokens.map(SQL.literal).joined(separator: ", "))) THEN \(text) END"
  }
}
