/// The SQL that joins the loaded tables into the part.

import DuckDB

/// Where a table's rows of one item are.
struct TableSource {
  /// A table of DuckDB with the declared columns.
  let relation: String
  /// SQL that is true for the item's good rows.
  let condition: String
  /// Rows of a joined table that have the key of an earlier row.
  let duplicates: Int
  /// Whether the rows are those of several items, told apart by the column `martlet_item`.
  var hasItems = false
}

/// One row for each row of the main table, in its order.
struct JoinQuery {
  let join: JoinDeclaration
  /// By the table's name. Where the main table's rows are those of several items, so are the result's, with `martlet_item` as last column.
  let sources: [String: TableSource]

  /// SQL for the part's rows.
  var select: String {
    let main = sources[join.from.name]!
    guard !join.lefts.isEmpty else {
      let columns = join.from.fields.map { SQL.identifier($0.name) } + (main.hasItems ? ["martlet_item"] : [])
      return "SELECT \(columns.joined(separator: ", ")) FROM \(main.relation) WHERE \(main.condition) ORDER BY rowid"
    }
    // The main table's columns stand by their own names in the conditions, so the others' must not: they are renamed first.
    var columns = join.from.fields.map { "martlet_main.\(SQL.identifier($0.name)) AS \(SQL.identifier($0.name))" }
    var joins = ""
    for (index, entry) in join.lefts.enumerated() {
      let side = "martlet_\(index)"
      let keys = entry.left.on.indices.map { "k\($0)" }
      joins += " LEFT JOIN (\(uniqueRows(index))) AS \(side) ON "
      joins += keys.indices.map { "martlet_main.\"martlet_\(index)_\($0)\" = \(side).k\($0)" }.joined(separator: " AND ")
      if hasItems(entry.table) { joins += " AND martlet_main.martlet_item = \(side).martlet_item" }
      columns += entry.left.columns.indices.map { "\(side).v\($0) AS \(SQL.identifier(entry.left.columns[$0].name))" }
    }
    if main.hasItems { columns.append("martlet_main.martlet_item AS martlet_item") }
    let keyColumns = join.lefts.enumerated().flatMap { index, entry in
      entry.left.on.enumerated().map { "(\(sql($1.sql))) AS \"martlet_\(index)_\($0)\"" }
    }
    return """
      SELECT \(columns.joined(separator: ", ")) FROM \
      (SELECT *, \(keyColumns.joined(separator: ", ")), rowid AS martlet_row FROM \(main.relation) WHERE \(main.condition)) AS martlet_main\(joins) \
      ORDER BY martlet_main.martlet_row
      """
  }

  /// SQL that is nothing but a column's name means that column, also if it is a word of SQL.
  private func sql(_ text: String) -> String {
    join.from.fields.contains { $0.name == text } ? SQL.identifier(text) : text
  }

  private func hasItems(_ table: TableDeclaration) -> Bool {
    sources[join.from.name]!.hasItems && sources[table.name]!.hasItems
  }

  /// The joined table's keys and columns, the first row of each key.
  private func uniqueRows(_ index: Int) -> String {
    let entry = join.lefts[index]
    let keys = entry.left.on.enumerated().map { "\(SQL.identifier($1.column)) AS k\($0)" }
    let values = entry.left.columns.enumerated().map { "\(SQL.identifier($1.column)) AS v\($0)" }
    let source = sources[entry.table.name]!
    let item = hasItems(entry.table) ? ["martlet_item"] : []
    let rows = "SELECT \((keys + values + item).joined(separator: ", ")) FROM \(source.relation) WHERE \(source.condition)"
    guard source.duplicates > 0 else { return rows }
    let on = (entry.left.on.map { SQL.identifier($0.column) } + item).joined(separator: ", ")
    return "\(rows) QUALIFY row_number() OVER (PARTITION BY \(on) ORDER BY rowid) = 1"
  }
}

extension JoinDeclaration {
  /// SQL that counts rows of a table beyond the first of each key, over all joins of that table; `nil` for a table that is not joined.
  func duplicates(_ table: String) -> String? {
    let counts = lefts.filter { $0.table.name == table }.map { entry in
      let keys = entry.left.on.map { SQL.identifier($0.column) }
      let complete = keys.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
      return "count(*) FILTER (\(complete)) - count(DISTINCT (\(keys.joined(separator: ", ")))) FILTER (\(complete))"
    }
    return counts.isEmpty ? nil : counts.joined(separator: " + ")
  }
}
