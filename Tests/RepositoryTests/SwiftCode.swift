/// Swift source reduced to what the compiler acts on: comments and the text of string literals blanked, lines kept.

/// Blanks comments and the contents of string literals, so that a rule about code is not broken by prose about it.
///
/// Interpolations are blanked with their string; raw strings (`#"…"#`) of one `#` are understood. Every newline stays, hence
/// line numbers do.
func codeOnly(_ source: String) -> String {
  var result: [UInt8] = []
  var rest = Array(source.utf8)[...]
  while let byte = rest.first {
    if starts(rest, "//") {
      rest = rest.drop { $0 != newline }
    } else if starts(rest, "/*") {
      rest = blank(rest, until: "*/", escapes: false, into: &result)
    } else if starts(rest, "\"\"\"") {
      rest = blank(rest, until: "\"\"\"", escapes: true, into: &result)
    } else if starts(rest, "#\"") {
      rest = blank(rest, until: "\"#", escapes: false, into: &result)
    } else if byte == quote {
      rest = blank(rest, until: "\"", escapes: true, into: &result)
    } else {
      result.append(byte)
      rest = rest.dropFirst()
    }
  }
  return String(decoding: result, as: UTF8.self)
}

private let newline = UInt8(ascii: "\n")
private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")

private func starts(_ text: ArraySlice<UInt8>, _ prefix: StaticString) -> Bool {
  // The first byte decides nearly always; the rest is compared only where it agrees.
  guard text.first == prefix.utf8Start.pointee, text.count >= prefix.utf8CodeUnitCount else { return false }
  return text.starts(with: UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
}

/// Skips an opening mark (as long as the closing one), and all up to and with the closing mark; keeps the newlines.
private func blank(
  _ text: ArraySlice<UInt8>, until end: StaticString, escapes: Bool, into result: inout [UInt8]
) -> ArraySlice<UInt8> {
  var rest = text.dropFirst(end.utf8CodeUnitCount)
  result.append(quote)
  while !rest.isEmpty, !starts(rest, end) {
    if rest.first == newline { result.append(newline) }
    rest = rest.dropFirst(escapes && rest.first == backslash ? 2 : 1)
  }
  result.append(quote)
  return rest.dropFirst(end.utf8CodeUnitCount)
}
