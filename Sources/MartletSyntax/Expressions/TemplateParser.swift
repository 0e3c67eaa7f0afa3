/// Parses a text with `${{ }}` into a template; knows the expressions' grammar, not where each is allowed.

import MartletModel

/// A template with the place of each expression.
struct LocatedTemplate {
  struct Place {
    let expression: Template.Expression
    let location: SourceLocation
    let length: Int
  }

  let value: LocatedValue
  let template: Template
  let places: [Place]
}

enum TemplateParser {
  /// The template of a text. What is malformed is reported and left as a text, so that the rest is checked too.
  static func parse(_ value: LocatedValue, text: String, _ diagnostics: DiagnosticCollector) -> LocatedTemplate {
    var segments: [Template.Segment] = []
    var places: [LocatedTemplate.Place] = []
    var occurrences: [String: Int] = [:]
    var rest = text[...]
    while let start = rest.firstPlace(of: "${{") {
      if start.lowerBound > rest.startIndex { segments.append(.text(String(rest[..<start.lowerBound]))) }
      guard let end = rest[start.upperBound...].firstPlace(of: "}}") else {
        let location = diagnostics.location(of: "${{", occurrence: occurrences.values.reduce(0, +), in: value)
        diagnostics.report(
          .expressionSyntax, "\"${{\" is never closed", at: location ?? value.location,
          length: location == nil ? value.length : 3, help: "end the expression with \"}}\"")
        rest = rest[start.lowerBound...]
        break
      }
      let written = String(rest[start.lowerBound..<end.upperBound])
      let occurrence = occurrences[written, default: 0]
      occurrences[written] = occurrence + 1
      let found = diagnostics.location(of: written, occurrence: occurrence, in: value)
      let location = found ?? value.location
      let length = found == nil ? value.length : written.unicodeScalars.count
      let source = rest[start.upperBound..<end.lowerBound].trimmingSpaces()
      if let expression = parse(source) {
        segments.append(.expression(expression))
        places.append(LocatedTemplate.Place(expression: expression, location: location, length: length))
      } else {
        segments.append(.text("x"))
        diagnostics.report(
          .expressionSyntax, "\"\(source)\" is no expression", at: location, length: length,
          help: "known are: params.NAME, a partition's name, in.NAME, out.NAME, env.NAME, hash")
      }
      rest = rest[end.upperBound...]
    }
    if !rest.isEmpty || segments.isEmpty { segments.append(.text(String(rest))) }
    return LocatedTemplate(value: value, template: Template(segments), places: places)
  }

  /// `params.NAME`, `in.NAME`, `out.NAME`, `env.NAME`, `secrets.NAME`, `hash` or a partition's name.
  private static func parse(_ source: String) -> Template.Expression? {
    let parts = source.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1 {
      if source == "hash" { return .hash }
      return Names.isName(source) && !Names.reserved.contains(source) ? .partition(source) : nil
    }
    guard parts.count == 2 else { return nil }
    if parts[0] == "env" { return Names.isEnvironmentName(parts[1]) ? .environment(parts[1]) : nil }
    guard Names.isName(parts[1]) else { return nil }
    switch parts[0] {
    case "params": return .parameter(parts[1])
    case "in": return .input(parts[1])
    case "out": return .output(parts[1])
    case "secrets": return .secret(parts[1])
    default: return nil
    }
  }
}

extension Substring {
  /// Where `mark`, which is ASCII and not empty, first stands. By bytes: a letter that combines with the mark's last one hides nothing.
  func firstPlace(of mark: StaticString) -> Range<Index>? {
    let mark = UnsafeBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount)
    var rest = utf8[...]
    while let start = rest.firstIndex(of: mark[0]) {
      rest = rest[start...]
      if rest.starts(with: mark) { return start..<rest.index(start, offsetBy: mark.count) }
      rest = rest.dropFirst()
    }
    return nil
  }

  /// The text without spaces, tabs and line ends around it.
  func trimmingSpaces() -> String {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }
}
