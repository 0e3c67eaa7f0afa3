/// Reads back what `ConfigurationValue.canonicalJSON` wrote.

extension ConfigurationValue {
  /// `nil` unless the text is one whole JSON value. Numbers with a point or an exponent read as `number`, others as `integer`.
  public init?(canonicalJSON text: String) {
    var reader = CanonicalJSONReader(bytes: Array(text.utf8))
    guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
    self = value
  }
}

private struct CanonicalJSONReader {
  let bytes: [UInt8]
  var position = 0

  /// Deeper nesting is refused, not followed.
  static let deepest = 128

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    let word = Array(word.utf8)
    guard bytes[position...].starts(with: word) else { return false }
    position += word.count
    return true
  }

  mutating func value(depth: Int) -> ConfigurationValue? {
    guard depth < CanonicalJSONReader.deepest, let first = next else { return nil }
    switch first {
    case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
    case UInt8(ascii: "t"): return take(word: "true") ? .boolean(true) : nil
    case UInt8(ascii: "f"): return take(word: "false") ? .boolean(false) : nil
    case UInt8(ascii: "\""): return string().map(ConfigurationValue.text)
    case UInt8(ascii: "["): return list(depth: depth)
    case UInt8(ascii: "{"): return map(depth: depth)
    default: return number()
    }
  }

  private mutating func list(depth: Int) -> ConfigurationValue? {
    position += 1
    var values: [ConfigurationValue] = []
    if take(UInt8(ascii: "]")) { return .list([]) }
    repeat {
      guard let value = value(depth: depth + 1) else { return nil }
      values.append(value)
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]")) ? .list(values) : nil
  }

  private mutating func map(depth: Int) -> ConfigurationValue? {
    position += 1
    var entries: [String: ConfigurationValue] = [:]
    if take(UInt8(ascii: "}")) { return .map([:]) }
    repeat {
      guard next == UInt8(ascii: "\""), let key = string(), take(UInt8(ascii: ":")), let value = value(depth: depth + 1)
      else { return nil }
      entries[key] = value
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}")) ? .map(entries) : nil
  }

  private mutating func number() -> ConfigurationValue? {
    let start = position
    while let byte = next, "0123456789-+.e".utf8.contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard text.utf8.first != UInt8(ascii: "+") else { return nil }
    if let integer = Int(text) { return .integer(integer) }
    return Double(text).map(ConfigurationValue.number)
  }

  private mutating func string() -> String? {
    position += 1
    let plain = bytes[position...].prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    position = plain.endIndex
    if next == UInt8(ascii: "\"") {
      position += 1
      return String(decoding: plain, as: UTF8.self)
    }
    var content = Array(plain)
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        content += escaped
      default: content.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    guard let byte = next else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
    case UInt8(ascii: "u"):
      guard position + 4 <= bytes.count, bytes[position] != UInt8(ascii: "+"),
        let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(code)
      else { return nil }
      position += 4
      return Array(String(scalar).utf8)
    default: return nil
    }
  }
}
