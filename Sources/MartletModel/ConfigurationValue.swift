/// A value of a configuration file or of `params:` and `with:`: the values of YAML's core schema, without its syntax.
public enum ConfigurationValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([ConfigurationValue])
  case map([String: ConfigurationValue])

  /// The value as canonical JSON: keys sorted by their UTF-8 bytes, no spaces, the shortest digits that read back as the same number.
  /// An integer and a number of the same size differ (`1`, `1.0`).
  public var canonicalJSON: String {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): value.isFinite ? "\(value)" : "\"\(value)\""
    case .text(let value): Self.quoted(value)
    case .list(let values): "[" + values.map(\.canonicalJSON).joined(separator: ",") + "]"
    case .map(let entries): "{" + Self.members(entries).joined(separator: ",") + "}"
    }
  }

  /// The value as a person reads it in a message: bare text, otherwise JSON.
  public var display: String {
    if case .text(let value) = self { return value }
    return canonicalJSON
  }

  /// Every leaf with its dotted path below `prefix`, in the order of the keys' bytes; lists and empty maps are leaves.
  public func leaves(prefix: String = "") -> [(path: String, value: ConfigurationValue)] {
    guard case .map(let entries) = self, !entries.isEmpty else { return [(prefix, self)] }
    return Self.sortedKeys(entries).flatMap { key in
      entries[key]!.leaves(prefix: prefix.isEmpty ? key : prefix + "." + key)
    }
  }

  /// The value below a key of a map; `nil` if this is no map or has no such key.
  public subscript(_ key: String) -> ConfigurationValue? {
    guard case .map(let entries) = self else { return nil }
    return entries[key]
  }

  private static func members(_ entries: [String: ConfigurationValue]) -> [String] {
    sortedKeys(entries).map { quoted($0) + ":" + entries[$0]!.canonicalJSON }
  }

  private static func sortedKeys(_ entries: [String: ConfigurationValue]) -> [String] {
    entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// `text` as a JSON string; only what JSON demands is escaped.
  public static func quoted(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) { return "\"\(text)\"" }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension ConfigurationValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      // A decoder offers no way to ask for the type: each trial tells by throwing.
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let values = try? container.decode([ConfigurationValue].self) {
      self = .list(values)
    } else {
      self = .map(try container.decode([String: ConfigurationValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .map(let entries): try container.encode(entries)
    }
  }
}
