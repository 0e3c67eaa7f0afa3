/// Writes texts so that YAML reads them back as the same texts.

enum YAMLText {
  private static let wordsOfOtherTypes: Set = ["null", "true", "false", "~", ".nan", ".inf"]

  /// Bare where that is safe, otherwise in double quotes.
  static func scalar(_ text: String) -> String {
    guard let first = text.first, first.isASCII, first.isLetter || first == "_" || first == "%" else { return quoted(text) }
    let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_ .-/%()*".contains($0)) }
    guard isPlain, first != "%", text.last != " ", !wordsOfOtherTypes.contains(text.lowercased()) else { return quoted(text) }
    return text
  }

  static func list(_ texts: [String]) -> String {
    "[" + texts.map(scalar).joined(separator: ", ") + "]"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        result +=
          "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
          + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
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
