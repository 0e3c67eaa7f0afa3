/// The rows of a whole batch joined in one statement: planning a join costs more than joining one small file's rows.

import DuckDB

/// Items whose every table is in the batch's tables, or shared by all of them. The others are joined one by one.
struct BatchJoin {
  private static let name = SQL.identifier("martlet batch joined")

  private let columns: String
  /// The first and last row of each item.
  private let ranges: [Int: ClosedRange<Int>]

  /// Joins the items that the sources name.
  init(_ join: JoinDeclaration, sources: [String: TableSource], connection: Connection) throws {
    columns = join.fields.map { SQL.identifier($0.name) }.joined(separator: ", ")
    // The result keeps the order of the main table, in which an item's rows stand together.
    try connection.execute("CREATE OR REPLACE TEMP TABLE \(Self.name) AS \(JoinQuery(join: join, sources: sources).select)")
    let rows = try connection.rows("SELECT martlet_item, min(rowid), max(rowid) FROM \(Self.name) GROUP BY martlet_item")
    ranges = Dictionary(rows.map { ($0[0].int, $0[1].int...$0[2].int) }, uniquingKeysWith: { first, _ in first })
  }

  /// SQL for an item's part; `nil` for an item without rows.
  func select(_ item: Int) -> String? {
    ranges[item].map { "SELECT \(columns) FROM \(Self.name) WHERE rowid BETWEEN \($0.lowerBound) AND \($0.upperBound)" }
  }
}
