/// Writes texts so that YAML, and names so that SQL, reads them back as the same.

import MartletModel

enum YAMLText {
  private static let wordsOfOtherTypes: Set = ["null", "true", "false", "~", ".nan", ".inf"]

  /// Bare where that is safe, otherwise as JSON writes it, which is YAML too.
  static func scalar(_ text: String) -> String {
    guard let first = text.first, first.isASCII, first.isLetter || first == "_" || first == "%" else {
      return ConfigurationValue.quoted(text)
    }
    let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_ .-/%()*".contains($0)) }
    guard isPlain, first != "%", text.last != " ", !wordsOfOtherTypes.contains(text.lowercased()) else {
      return ConfigurationValue.quoted(text)
    }
    return text
  }

  static func list(_ texts: [String]) -> String {
    "[" + texts.map(scalar).joined(separator: ", ") + "]"
  }
}

enum SQLText {
  /// The words that DuckDB reserves.
  private static let reserved: Set = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "both", "case", "cast", "check", "collate",
    "column", "constraint", "create", "default", "deferrable", "desc", "describe", "distinct", "do", "else", "end", "except",
    "false",
    "fetch", "for", "foreign", "from", "group", "having", "in", "initially", "intersect", "into", "lambda", "lateral", "leading",
    "limit", "not", "null", "offset", "on", "only", "or", "order", "pivot", "pivot_longer", "pivot_wider", "placing", "primary",
    "qualify", "references", "returning", "select", "show", "some", "summarize", "symmetric", "table", "then", "to", "trailing",
    "true", "union", "unique", "unpivot", "using", "variadic", "when", "where", "window", "with",
  ]

  /// A column's name in SQL.
  static func identifier(_ name: String) -> String {
    let isPlain =
      name.first.map { $0.isASCII && ($0.isLetter || $0 == "_") } ?? false
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") } && !reserved.contains(name.lowercased())
    return isPlain ? name : "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  static func literal(_ text: String) -> String {
    "'" + text.replacing("'", with: "''") + "'"
  }
}
