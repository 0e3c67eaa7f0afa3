/// Reads `[["a", "b"], ["c"]]`, the JSON of the line `pandas_categorical`, and nothing else.
struct CategoryReader {
  private var units: [UInt16]
  private var position = 0

  init(_ text: Substring) { units = Array(text.utf16) }

  /// The lists, or nil when the text is anything else. `null` is how Python writes a model without data frames.
  mutating func lists() -> [[String]]? {
    if skip("null") { return end ? [] : nil }
    return list { reader in reader.list { $0.string() } }.flatMap { end ? $0 : nil }
  }

  private var end: Bool {
    mutating get {
      skipSpace()
      return position == units.count
    }
  }

  private mutating func list<Element>(_ element: (inout CategoryReader) -> Element?) -> [Element]? {
    guard skip("[") else { return nil }
    var elements: [Element] = []
    if skip("]") { return elements }
    repeat {
      guard let next = element(&self) else { return nil }
      elements.append(next)
    } while skip(",")
    return skip("]") ? elements : nil
  }

  private mutating func string() -> String? {
    guard skip("\"") else { return nil }
    var result: [UInt16] = []
    while position < units.count {
      let unit = units[position]
      position += 1
      switch unit {
      case 0x22: return String(decoding: result, as: UTF16.self)
      case 0x5C:
        guard let escaped = escape() else { return nil }
        result.append(escaped)
      default: result.append(unit)
      }
    }
    return nil
  }

  private mutating func escape() -> UInt16? {
    guard position < units.count else { return nil }
    defer { position += 1 }
    switch units[position] {
    case 0x22, 0x5C, 0x2F: return units[position]
    case 0x62: return 0x08
    case 0x66: return 0x0C
    case 0x6E: return 0x0A
    case 0x72: return 0x0D
    case 0x74: return 0x09
    case 0x75:
      guard position + 4 < units.count else { return nil }
      let digits = String(decoding: units[(position + 1)...(position + 4)], as: UTF16.self)
      position += 4
      return UInt16(digits, radix: 16)
    default: return nil
    }
  }

  private mutating func skip(_ word: String) -> Bool {
    skipSpace()
    let wanted = Array(word.utf16)
    guard units[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func skipSpace() {
    while position < units.count, [0x20, 0x09, 0x0A, 0x0D].contains(units[position]) { position += 1 }
  }
}
