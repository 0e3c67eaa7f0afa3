/// The SQL that turns a column's text into its declared type.

import DuckDB

/// How one declared column of one file is read. `raw` is SQL that gives its text, null tokens already null.
struct ColumnConversion {
  let field: Field
  let table: TableDeclaration
  let raw: String

  /// The value, null where the text cannot be read.
  ///
  /// DuckDB rounds `12.5` to the integer 13; `exactly` reads only whole numbers and costs more, so that it is used once `suspects` found
  /// a reason to.
  func value(exactly: Bool) -> String {
    switch field.kind {
    case .string: raw
    case .integer:
      exactly
        ? "CASE WHEN NOT regexp_matches(\(raw), '[.eE]') OR TRY_CAST(\(raw) AS DOUBLE) = floor(TRY_CAST(\(raw) AS DOUBLE)) THEN TRY_CAST(\(raw) AS BIGINT) END"
        : "TRY_CAST(\(raw) AS BIGINT)"
    case .number:
      table.decimal == "."
        ? "TRY_CAST(\(raw) AS DOUBLE)" : "TRY_CAST(replace(\(raw), \(SQL.literal(table.decimal)), '.') AS DOUBLE)"
    case .boolean: boolean
    case .date:
      field.format.map { "CAST(try_strptime(\(raw), \(SQL.literal($0))) AS DATE)" } ?? "TRY_CAST(\(raw) AS DATE)"
    case .timestamp:
      // An offset in the text counts only for the type with a zone; the session's zone is UTC.
      field.format.map { "try_strptime(\(raw), \(SQL.literal($0)))" } ?? "(TRY_CAST(\(raw) AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
    }
  }

  private var boolean: String {
    guard !field.trueTokens.isEmpty else { return "TRY_CAST(\(raw) AS BOOLEAN)" }
    return "CASE WHEN \(raw) IN \(tuple(field.trueTokens)) THEN true WHEN \(raw) IN \(tuple(field.falseTokens)) THEN false END"
  }

  private func tuple(_ tokens: [String]) -> String { "(" + tokens.map(SQL.literal).joined(separator: ", ") + ")" }

  /// SQL that is true where there is a text that cannot be read; `nil` for strings, which always can.
  func isUnreadable(exactly: Bool) -> String? {
    field.kind == .string ? nil : "(\(raw) IS NOT NULL AND \(value(exactly: exactly)) IS NULL)"
  }

  /// Why a text could not be read.
  var reason: String { "not \(field.kind.phrase)" + (field.format.map { " as \($0)" } ?? "") }

  /// SQL that is true for rows with an integer that may be rounded: one test for all columns together.
  static func suspects(_ conversions: [ColumnConversion]) -> String? {
    let integers = conversions.filter { $0.field.kind == .integer }.map(\.raw)
    guard !integers.isEmpty else { return nil }
    return "regexp_matches(concat_ws(' ', \(integers.joined(separator: ", "))), '[.eE]')"
  }
}
