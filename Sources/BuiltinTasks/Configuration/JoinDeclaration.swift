/// The key `join` of schema.yaml: how several tables become one.

import MartletModel
import MartletSyntax

/// A declared join: every row of one table, with columns of others where they match.
struct JoinDeclaration {
  struct Left {
    let table: String
    /// Column of the joined table and the SQL over `from` that it must equal.
    let on: [(column: String, sql: String)]
    /// Name in the result and column of the joined table.
    let columns: [(name: String, column: String)]
  }

  let from: TableDeclaration
  let lefts: [(table: TableDeclaration, left: Left)]

  /// The result's columns in order, with their declarations.
  var fields: [Field] {
    from.fields
      + lefts.flatMap { entry in
        entry.left.columns.map { pair in
          let field = entry.table.fields.first { $0.name == pair.column }!
          return Field(name: pair.name, kind: field.kind)
        }
      }
  }
}

extension SchemaFile {
  /// The join, or the only table as it is.
  func join(_ tables: [TableDeclaration]) throws -> JoinDeclaration? {
    guard let value = try section("join") else {
      if tables.count > 1, let columns = try section("columns") {
        let names = tables.map(\.name).joined(separator: ", ")
        diagnostics.report(
          .missingKey, "\"columns\" has the tables \(names), and no \"join\" says how they become one", at: columns)
      }
      return tables.first.map { JoinDeclaration(from: $0, lefts: []) }
    }
    guard let map = value.map(keys: ["from", "left"], diagnostics),
      let from = map.required("from", diagnostics).flatMap({ table($0, in: tables) })
    else { return nil }
    var taken = Set(from.fields.map(\.name))
    let entries = map["left"]?.list(diagnostics) ?? []
    return JoinDeclaration(from: from, lefts: entries.compactMap { left($0, tables, &taken) })
  }

  private func table(_ value: LocatedValue, in tables: [TableDeclaration]) -> TableDeclaration? {
    guard let name = value.text(diagnostics) else { return nil }
    if let table = tables.first(where: { $0.name == name }) { return table }
    diagnostics.report(
      .invalidValue, "there is no table \"\(name)\"", at: value, help: suggestion(for: name, among: tables.map(\.name)))
    return nil
  }

  private func left(
    _ value: LocatedValue, _ tables: [TableDeclaration], _ taken: inout Set<String>
  ) -> (table: TableDeclaration, left: JoinDeclaration.Left)? {
    guard let map = value.map(keys: ["table", "on", "columns"], diagnostics),
      let table = map.required("table", diagnostics).flatMap({ table($0, in: tables) }),
      let on = map.required("on", diagnostics)?.anyMap(diagnostics),
      let columns = map.required("columns", diagnostics)?.anyMap(diagnostics)
    else { return nil }
    let keys = on.entries.compactMap { entry in
      known(entry.key, of: table, at: entry) ? entry.value.text(diagnostics).map { (entry.key, $0) } : nil
    }
    let pairs: [(name: String, column: String)] = columns.entries.compactMap { entry in
      guard let column = entry.value.text(diagnostics) else { return nil }
      if !taken.insert(entry.key).inserted {
        diagnostics.report(
          .duplicateKey, "the result already has a column \"\(entry.key)\"", atKeyOf: entry, help: "give it another name")
      }
      guard table.fields.contains(where: { $0.name == column }) else {
        diagnostics.report(
          .invalidValue, "the table \"\(table.name)\" has no column \"\(column)\"", at: entry.value,
          help: suggestion(for: column, among: table.fields.map(\.name)))
        return nil
      }
      return (entry.key, column)
    }
    return (table, JoinDeclaration.Left(table: table.name, on: keys, columns: pairs))
  }

  private func known(_ column: String, of table: TableDeclaration, at entry: LocatedEntry) -> Bool {
    if table.fields.contains(where: { $0.name == column }) { return true }
    diagnostics.report(
      .invalidValue, "the table \"\(table.name)\" has no column \"\(column)\"", atKeyOf: entry,
      help: suggestion(for: column, among: table.fields.map(\.name)))
    return false
  }
}
