/// One value on its way into or out of DuckDB.

/// A parameter or a value of a small result. Dates and timestamps come out as integers: days and microseconds since 1970-01-01.
public enum Value: Hashable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)

  /// The integer; 0 for anything else.
  public var int: Int {
    if case .integer(let value) = self { return Int(value) }
    return 0
  }

  /// The number, integers included; `nil` for anything else.
  public var double: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  /// The text; `nil` for anything else.
  public var string: String? {
    if case .text(let value) = self { return value }
    return nil
  }
}

/// SQL text for a name or a text: quoted, so that it means itself.
public enum SQL {
  /// `name` as an identifier: `"on time"`.
  public static func identifier(_ name: String) -> String { quoted(name, "\"") }

  /// `text` as a literal: `'it''s'`.
  public static func literal(_ text: String) -> String { quoted(text, "'") }

  /// Several texts as a list literal: `['a', 'b']`.
  public static func list(_ texts: some Sequence<String>) -> String {
    "[" + texts.map(literal).joined(separator: ", ") + "]"
  }

  private static func quoted(_ text: String, _ quote: Character) -> String {
    var result = String(quote)
    for character in text {
      if character == quote { result.append(quote) }
      result.append(character)
    }
    result.append(quote)
    return result
  }
}
