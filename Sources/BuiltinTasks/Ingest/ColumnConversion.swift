/// The SQL that turns a column's text into its declared type.

import DuckDB

/// How one declared column of one file is read. `raw` is SQL that gives its text, null tokens already null.
struct ColumnConversion {
  let field: Field
  let table: TableDeclaration
  /// Whether it comes from CSV or TSV, in which a NUL byte is damage; other formats may hold one.
  let isDelimited: Bool
  let raw: String

  /// The value, null where the text cannot be read.
  ///
  /// DuckDB rounds `12.5` to the integer 13, takes `1_000` and `0x10` for numbers and knows infinities. Only `exactly` refuses them; it
  /// costs more, so that it is used once `isUnreadable` or `suspects` found a reason to.
  func value(exactly: Bool) -> String {
    switch field.kind {
    case .string: raw
    case .integer: exactly ? exactInteger : "TRY_CAST(\(digits) AS BIGINT)"
    case .number:
      exactly ? "CASE WHEN isfinite(\(number)) AND NOT contains(\(digits), '_')\(andIsGrouped) THEN \(number) END" : number
    case .boolean: boolean
    case .date, .timestamp: exactly ? "CASE WHEN isfinite(\(time)) THEN \(time) END" : time
    }
  }

  /// Whole numbers in decimal digits, told from others by a decimal number: a double knows no fractions beyond 2^52.
  private var exactInteger: String {
    let decimal = "TRY_CAST(\(digits) AS DECIMAL(38, 18))"
    return """
      CASE WHEN (NOT regexp_matches(\(digits), \(Self.unusual)) \
      OR (NOT regexp_matches(\(digits), '[_xXbB]') AND \(decimal) = floor(\(decimal))))\(andIsGrouped) THEN TRY_CAST(\(digits) AS BIGINT) END
      """
  }

  /// A double, which may be infinite or NaN.
  private var number: String {
    guard table.decimal != "." else { return "TRY_CAST(\(digits) AS DOUBLE)" }
    // Swapped, so that a point in a text with a decimal comma, which separates thousands there, is not taken for one.
    let signs = (SQL.literal(table.decimal + "."), SQL.literal("." + table.decimal))
    return "TRY_CAST(translate(\(digits), \(signs.0), \(signs.1)) AS DOUBLE)"
  }

  /// The text without the sign between thousands.
  private var digits: String { table.thousands.map { "replace(\(raw), \(SQL.literal($0)), '')" } ?? raw }

  /// SQL that is true where that sign stands between groups of three digits only; `nil` where there is none.
  private var isGrouped: String? {
    table.thousands.map { sign in
      let mark = "\\x{\(String(sign.utf8.first!, radix: 16))}"
      let pattern = "^[+-]?[0-9]{1,3}(\(mark)[0-9]{3})+([^0-9\(mark)][^\(mark)]*)?$"
      return "(NOT contains(trim(\(raw)), \(SQL.literal(sign))) OR regexp_matches(trim(\(raw)), \(SQL.literal(pattern))))"
    }
  }

  private var andIsGrouped: String { isGrouped.map { " AND \($0)" } ?? "" }
  private var orIsNotGrouped: String { isGrouped.map { " OR NOT \($0)" } ?? "" }

  /// A date or a timestamp, which may be infinite.
  private var time: String {
    if field.kind == .date {
      return field.format.map { "CAST(try_strptime(\(raw), \(SQL.literal($0))) AS DATE)" } ?? "TRY_CAST(\(raw) AS DATE)"
    }
    // An offset in the text counts only for the type with a zone; the session's zone is UTC.
    return field.format.map { "try_strptime(\(raw), \(SQL.literal($0)))" }
      ?? "(TRY_CAST(\(raw) AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
  }

  private var boolean: String {
    guard !field.trueTokens.isEmpty else { return "TRY_CAST(\(raw) AS BOOLEAN)" }
    return "CASE WHEN \(raw) IN \(tuple(field.trueTokens)) THEN true WHEN \(raw) IN \(tuple(field.falseTokens)) THEN false END"
  }

  private func tuple(_ tokens: [String]) -> String { "(" + tokens.map(SQL.literal).joined(separator: ", ") + ")" }

  /// SQL that is true where there is a text that cannot be read; `nil` where every text can.
  func isUnreadable(exactly: Bool) -> String? {
    let value = value(exactly: exactly)
    switch field.kind {
    case .string: return isDelimited ? "contains(\(raw), chr(0))" : nil
    case .number where !exactly:
      return "(\(raw) IS NOT NULL AND (isfinite(\(value)) IS NOT TRUE OR contains(\(digits), '_')\(orIsNotGrouped)))"
    case .integer where !exactly: return "(\(raw) IS NOT NULL AND (\(value) IS NULL\(orIsNotGrouped)))"
    case .date where !exactly, .timestamp where !exactly: return "(\(raw) IS NOT NULL AND isfinite(\(value)) IS NOT TRUE)"
    default: return "(\(raw) IS NOT NULL AND \(value) IS NULL)"
    }
  }

  /// SQL that says why a text could not be read.
  var reason: String {
    let plain = SQL.literal("not \(field.kind.phrase)" + (field.format.map { " as \($0)" } ?? ""))
    if field.kind == .string { return "'holds a NUL byte'" }
    guard field.kind == .number else { return plain }
    return "CASE WHEN isfinite(\(number)) IS FALSE THEN 'not a finite number' ELSE \(plain) END"
  }

  /// What is no plain row of digits.
  private static let unusual = "'[^0-9 +-]'"

  /// SQL that is true for rows with an integer that is no plain row of digits: one test for all columns together.
  static func suspects(_ conversions: [ColumnConversion]) -> String? {
    let integers = conversions.filter { $0.field.kind == .integer }.map(\.digits)
    guard !integers.isEmpty else { return nil }
    return "regexp_matches(concat_ws(' ', \(integers.joined(separator: ", "))), \(unusual))"
  }
}
