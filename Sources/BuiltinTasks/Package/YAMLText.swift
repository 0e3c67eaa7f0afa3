/// YAML for people, from values: the same values give the same bytes, whatever comments and order the file had that they came from.

import MartletModel

enum YAMLText {
  /// Block style, keys sorted by their bytes, texts in double quotes, so that every YAML reader sees the same types.
  static func document(_ entries: [String: ConfigurationValue]) -> String {
    entries.isEmpty ? "{}\n" : lines(.map(entries), 0).joined(separator: "\n") + "\n"
  }

  private static func lines(_ value: ConfigurationValue, _ depth: Int) -> [String] {
    let indent = String(repeating: "  ", count: depth)
    switch value {
    case .map(let entries) where !entries.isEmpty:
      let keys = entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      return keys.flatMap { key in member("\(indent)\(name(key)):", entries[key]!, depth) }
    case .list(let values) where !values.isEmpty:
      return values.flatMap { member("\(indent)-", $0, depth) }
    default: return [indent + scalar(value)]
    }
  }

  private static func member(_ start: String, _ value: ConfigurationValue, _ depth: Int) -> [String] {
    switch value {
    case .map(let entries) where !entries.isEmpty: [start] + lines(value, depth + 1)
    case .list(let values) where !values.isEmpty: [start] + lines(value, depth + 1)
    default: ["\(start) \(scalar(value))"]
    }
  }

  private static func name(_ key: String) -> String {
    let plain = key.utf8.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || $0 == 0x5F }
    // These words would be read as something else than a text.
    return plain && !key.isEmpty && !["true", "false", "null"].contains(key.lowercased()) ? key : ConfigurationValue.quoted(key)
  }

  /// JSON is YAML: numbers, texts, empty lists and maps.
  private static func scalar(_ value: ConfigurationValue) -> String { value.canonicalJSON }
}
