/// The key `features` of schema.yaml: features, label and time, as SQL over the ingested columns.

import DuckDB
import MartletModel
import MartletSyntax

/// What clean computes for each row.
struct FeatureDeclaration {
  /// A column of the result and the SQL that gives it.
  struct Column {
    let name: String
    let sql: String
  }

  let time: Column
  let label: Column
  /// Carried along, not learnt from.
  let keep: [Column]
  let numeric: [Column]
  let categorical: [Column]

  /// The same, where SQL that is nothing but the name of one of `columns` means that column, also if it is a word of SQL.
  func quoting(_ columns: [String]) -> FeatureDeclaration {
    func quoted(_ column: Column) -> Column {
      columns.contains(column.sql) ? Column(name: column.name, sql: SQL.identifier(column.sql)) : column
    }
    return FeatureDeclaration(
      time: quoted(time), label: quoted(label), keep: keep.map(quoted), numeric: numeric.map(quoted),
      categorical: categorical.map(quoted))
  }
}

extension SchemaFile {
  func features() throws -> FeatureDeclaration? {
    let keys = ["time", "label", "keep", "numeric", "categorical"]
    guard let map = try requiredSection("features")?.map(keys: keys, diagnostics) else { return nil }
    var taken: Set<String> = []
    let time = map.required("time", diagnostics).flatMap { single($0, &taken) }
    let label = map.required("label", diagnostics).flatMap { single($0, &taken) }
    let keep = map["keep"].map { columns($0, &taken) } ?? []
    let numeric = map["numeric"].map { columns($0, &taken) } ?? []
    let categorical = map["categorical"].map { columns($0, &taken) } ?? []
    if numeric.isEmpty, categorical.isEmpty { diagnostics.report(.missingKey, "\"features\" names no feature", at: map.value) }
    guard let time, let label else { return nil }
    return FeatureDeclaration(time: time, label: label, keep: keep, numeric: numeric, categorical: categorical)
  }

  private func single(_ value: LocatedValue, _ taken: inout Set<String>) -> FeatureDeclaration.Column? {
    let all = columns(value, &taken)
    if all.count == 1 { return all[0] }
    diagnostics.report(.invalidValue, "\"\(value.name)\" must be one name with its SQL", at: value)
    return nil
  }

  private func columns(_ value: LocatedValue, _ taken: inout Set<String>) -> [FeatureDeclaration.Column] {
    guard let entries = value.anyMap(diagnostics)?.entries else { return [] }
    return entries.compactMap { entry in
      if !taken.insert(entry.key).inserted {
        diagnostics.report(.duplicateKey, "the name \"\(entry.key)\" is taken", atKeyOf: entry, help: "give it another name")
      }
      return entry.value.text(diagnostics).map { FeatureDeclaration.Column(name: entry.key, sql: $0) }
    }
  }
}
