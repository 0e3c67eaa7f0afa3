// JSON as the commands print it, read by name.

import MartletModel

struct JSON {
  let value: ConfigurationValue

  init?(_ text: String) {
    guard let value = ConfigurationValue(canonicalJSON: text.trimmingLineEnd) else { return nil }
    self.value = value
  }

  private init(_ value: ConfigurationValue) { self.value = value }

  subscript(_ name: String) -> JSON {
    guard case .map(let members) = value else { return JSON(.null) }
    return JSON(members[name] ?? .null)
  }

  var list: [JSON] {
    guard case .list(let values) = value else { return [] }
    return values.map { JSON($0) }
  }

  var text: String? {
    guard case .text(let text) = value else { return nil }
    return text
  }

  var integer: Int? {
    guard case .integer(let integer) = value else { return nil }
    return integer
  }

  var isTrue: Bool { value == .boolean(true) }
}
