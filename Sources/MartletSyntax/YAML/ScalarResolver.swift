/// What a plain scalar means by YAML 1.2's core schema: `on`, `yes`, `1:30` and `2026-01-01` are texts, unlike in YAML 1.1.

enum ScalarResolver {
  /// The value of an unquoted scalar without a tag. An integer beyond 64 bits becomes a number.
  static func resolve(_ text: String) -> LocatedValue.Content {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    case ".nan", ".NaN", ".NAN": return .number(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
    default: return number(Array(text.utf8)) ?? .text(text)
    }
  }

  private static func number(_ bytes: [UInt8]) -> LocatedValue.Content? {
    guard let first = bytes.first, isDigit(first) || first == plus || first == minus || first == dot else { return nil }
    if bytes.starts(with: [zero, UInt8(ascii: "o")]) { return integer(bytes.dropFirst(2), radix: 8) }
    if bytes.starts(with: [zero, UInt8(ascii: "x")]) { return integer(bytes.dropFirst(2), radix: 16) }
    guard isNumber(bytes) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    if let value = Int(text) { return .integer(value) }
    return floatingPoint(text).map(LocatedValue.Content.number)
  }

  private static func integer(_ digits: ArraySlice<UInt8>, radix: Int) -> LocatedValue.Content? {
    // `Int` would take a sign here, which the core schema does not.
    guard let first = digits.first, first != plus, first != minus else { return nil }
    return Int(String(decoding: digits, as: UTF8.self), radix: radix).map(LocatedValue.Content.integer)
  }

  /// Swift reads `.5` and `1.` only with digits on both sides of the dot.
  private static func floatingPoint(_ text: String) -> Double? {
    var result = ""
    for character in text {
      if character == ".", result.last?.isNumber != true { result += "0" }
      if result.last == ".", !character.isNumber { result += "0" }
      result.append(character)
    }
    if result.last == "." { result += "0" }
    return Double(result)
  }

  /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
  private static func isNumber(_ bytes: [UInt8]) -> Bool {
    var index = 0
    func digits() -> Int {
      let start = index
      while index < bytes.count, isDigit(bytes[index]) { index += 1 }
      return index - start
    }
    if index < bytes.count, bytes[index] == plus || bytes[index] == minus { index += 1 }
    let whole = digits()
    var fraction = 0
    if index < bytes.count, bytes[index] == dot {
      index += 1
      fraction = digits()
    }
    guard whole + fraction > 0 else { return false }
    if index < bytes.count, bytes[index] == UInt8(ascii: "e") || bytes[index] == UInt8(ascii: "E") {
      index += 1
      if index < bytes.count, bytes[index] == plus || bytes[index] == minus { index += 1 }
      guard digits() > 0 else { return false }
    }
    return index == bytes.count
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (zero...UInt8(ascii: "9")).contains(byte) }
  private static let zero = UInt8(ascii: "0")
  private static let plus = UInt8(ascii: "+")
  private static let minus = UInt8(ascii: "-")
  private static let dot = UInt8(ascii: ".")
}
