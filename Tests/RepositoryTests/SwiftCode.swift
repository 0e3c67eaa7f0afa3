/// Swift source reduced to what the compiler acts on: comments and the text of string literals blanked, lines kept.

/// Blanks comments and the contents of string literals, so that a rule about code is not broken by prose about it.
///
/// Interpolations are blanked with their string; raw strings (`#"…"#`) of one `#` are understood. Every newline stays, hence
/// line numbers do.
func codeOnly(_ source: String) -> String {
  var result: [Character] = []
  var rest = Array(source)[...]
  while let character = rest.first {
    if starts(rest, "//") {
      rest = rest.drop { $0 != "\n" }
    } else if starts(rest, "/*") {
      rest = blank(rest, until: "*/", escapes: false, into: &result)
    } else if starts(rest, "\"\"\"") {
      rest = blank(rest, until: "\"\"\"", escapes: true, into: &result)
    } else if starts(rest, "#\"") {
      rest = blank(rest, until: "\"#", escapes: false, into: &result)
    } else if character == "\"" {
      rest = blank(rest, until: "\"", escapes: true, into: &result)
    } else {
      result.append(character)
      rest = rest.dropFirst()
    }
  }
  return String(result)
}

private func starts(_ text: ArraySlice<Character>, _ prefix: String) -> Bool { text.starts(with: prefix) }

/// Skips an opening mark (as long as the closing one), and all up to and with the closing mark; keeps the newlines.
private func blank(
  _ text: ArraySlice<Character>, until end: String, escapes: Bool, into result: inout [Character]
) -> ArraySlice<Character> {
  var rest = text.dropFirst(end.count)
  result.append("\"")
  while !rest.isEmpty, !starts(rest, end) {
    if rest.first == "\n" { result.append("\n") }
    rest = rest.dropFirst(escapes && rest.first == "\\" ? 2 : 1)
  }
  result.append("\"")
  return rest.dropFirst(end.count)
}
