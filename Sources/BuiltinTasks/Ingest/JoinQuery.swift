/// The SQL that joins the loaded tables into the part.

import DuckDB

/// One row for each row of the main table, in its order.
struct JoinQuery {
  let join: JoinDeclaration

  /// SQL for the part's rows.
  var select: String {
    let main = TableLoader.name(join.from)
    guard !join.lefts.isEmpty else { return "SELECT * EXCLUDE (martlet_bad) FROM \(main) WHERE NOT martlet_bad" }
    // The main table's columns stand by their own names in the conditions, so the others' must not: they are renamed first.
    var columns = join.from.fields.map { "martlet_main.\(SQL.identifier($0.name)) AS \(SQL.identifier($0.name))" }
    var joins = ""
    for (index, entry) in join.lefts.enumerated() {
      let side = "martlet_\(index)"
      let keys = entry.left.on.indices.map { "k\($0)" }
      joins += " LEFT JOIN (\(uniqueRows(index))) AS \(side) ON "
      joins += keys.indices.map { "martlet_main.\"martlet_\(index)_\($0)\" = \(side).k\($0)" }.joined(separator: " AND ")
      columns += entry.left.columns.indices.map { "\(side).v\($0) AS \(SQL.identifier(entry.left.columns[$0].name))" }
    }
    let keyColumns = join.lefts.enumerated().flatMap { index, entry in
      entry.left.on.enumerated().map { "(\(sql($1.sql))) AS \"martlet_\(index)_\($0)\"" }
    }
    return """
      SELECT \(columns.joined(separator: ", ")) FROM \
      (SELECT *, \(keyColumns.joined(separator: ", ")), rowid AS martlet_row FROM \(main) WHERE NOT martlet_bad) AS martlet_main\(joins) \
      ORDER BY martlet_main.martlet_row
      """
  }

  /// SQL that is nothing but a column's name means that column, also if it is a word of SQL.
  private func sql(_ text: String) -> String {
    join.from.fields.contains { $0.name == text } ? SQL.identifier(text) : text
  }

  /// SQL for the number of rows of a joined table beyond the first of each key.
  func duplicates(_ index: Int) -> String {
    let entry = join.lefts[index]
    let keys = entry.left.on.map { SQL.identifier($0.column) }.joined(separator: ", ")
    let complete = entry.left.on.map { "\(SQL.identifier($0.column)) IS NOT NULL" }.joined(separator: " AND ")
    return
      "SELECT count(*) - count(DISTINCT (\(keys))) FROM \(TableLoader.name(entry.table)) WHERE NOT martlet_bad AND \(complete)"
  }

  /// The joined table's keys and columns, the first row of each key.
  private func uniqueRows(_ index: Int) -> String {
    let entry = join.lefts[index]
    let keys = entry.left.on.enumerated().map { "\(SQL.identifier($1.column)) AS k\($0)" }
    let values = entry.left.columns.enumerated().map { "\(SQL.identifier($1.column)) AS v\($0)" }
    let on = entry.left.on.map { SQL.identifier($0.column) }.joined(separator: ", ")
    return """
      SELECT \((keys + values).joined(separator: ", ")) FROM \(TableLoader.name(entry.table)) WHERE NOT martlet_bad \
      QUALIFY row_number() OVER (PARTITION BY \(on) ORDER BY rowid) = 1
      """
  }
}
