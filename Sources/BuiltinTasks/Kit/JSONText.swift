/// JSON for people and for digests: the same values give the same bytes.

import MartletModel

/// Deterministic JSON: keys sorted by their bytes, two spaces of indentation, the shortest digits that read back as the same number.
public enum JSONText {
  /// Several lines, ending with a line end. A list of scalars stays on one line.
  public static func pretty(_ value: ConfigurationValue) -> String {
    var text = ""
    append(value, 0, &text)
    return text + "\n"
  }

  private static func append(_ value: ConfigurationValue, _ depth: Int, _ text: inout String) {
    let inner = String(repeating: "  ", count: depth + 1)
    let outer = String(repeating: "  ", count: depth)
    switch value {
    case .map(let entries) where !entries.isEmpty:
      let keys = entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      for (index, key) in keys.enumerated() {
        text += (index == 0 ? "{\n" : ",\n") + inner + ConfigurationValue.quoted(key) + ": "
        append(entries[key]!, depth + 1, &text)
      }
      text += "\n\(outer)}"
    case .list(let values) where values.contains(where: isNested):
      for (index, element) in values.enumerated() {
        text += (index == 0 ? "[\n" : ",\n") + inner
        append(element, depth + 1, &text)
      }
      text += "\n\(outer)]"
    case .list(let values):
      text += "[" + values.map(\.canonicalJSON).joined(separator: ", ") + "]"
    default:
      text += value.canonicalJSON
    }
  }

  private static func isNested(_ value: ConfigurationValue) -> Bool {
    switch value {
    case .map(let entries): !entries.isEmpty
    case .list(let values): !values.isEmpty
    default: false
    }
  }
}
