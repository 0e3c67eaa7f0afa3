/// Turns Yams' nodes into located values: scalars resolved, keys unique, aliases replaced by what they stand for.

import MartletModel
import Yams

struct NodeConverter {
  static let maximumDepth = 64

  let source: SourceText
  let maximumValues: Int
  let diagnostics: DiagnosticCollector
  /// The true names of keys that were renamed to tell duplicates apart, by place.
  let renamedKeys: [SourceLocation: String]
  private var count = 0
  private var limitReported = false

  init(
    source: SourceText, maximumValues: Int, diagnostics: DiagnosticCollector, renamedKeys: [SourceLocation: String]
  ) {
    self.source = source
    self.maximumValues = maximumValues
    self.diagnostics = diagnostics
    self.renamedKeys = renamedKeys
  }

  mutating func convert(_ node: Node, name: String = "", depth: Int = 0) -> LocatedValue {
    let location = location(of: node)
    count += 1
    guard count <= maximumValues, depth <= NodeConverter.maximumDepth else {
      reportLimit(at: location, depth: depth)
      return LocatedValue(content: .null, location: location, length: 1, name: name)
    }
    switch node {
    case .scalar(let scalar):
      return LocatedValue(
        content: content(of: scalar, at: location, name: name), location: location, length: length(of: scalar, at: location),
        name: name)
    case .sequence(let sequence):
      checkTag(sequence.tag.rawValue, allowed: "seq", at: location)
      let values = sequence.map { convert($0, name: name, depth: depth + 1) }
      return LocatedValue(content: .list(values), location: location, length: 1, name: name)
    case .mapping(let mapping):
      checkTag(mapping.tag.rawValue, allowed: "map", at: location)
      let entries = entries(of: mapping, depth: depth)
      let length = entries.first.flatMap { $0.keyLocation == location ? $0.keyLength : nil } ?? 1
      return LocatedValue(content: .map(entries), location: location, length: length, name: name)
    case .alias:
      preconditionFailure("compose replaces aliases by their anchors")
    }
  }

  private mutating func entries(of mapping: Node.Mapping, depth: Int) -> [LocatedEntry] {
    var entries: [LocatedEntry] = []
    var first: [String: SourceLocation] = [:]
    for (key, value) in mapping {
      let keyLocation = location(of: key)
      guard let scalar = key.scalar else {
        diagnostics.report(.wrongType, "a key must be a text", at: keyLocation, help: "write the key as one word or in quotes")
        continue
      }
      let name = renamedKeys[keyLocation] ?? scalar.string
      let keyLength = length(of: scalar, at: keyLocation)
      if name == "<<" {
        diagnostics.report(
          .tag, "YAML 1.2 has no merge keys", at: keyLocation, length: keyLength, help: "write the keys out, or use \"defaults\"")
        continue
      }
      let entry = LocatedEntry(
        key: name, keyLocation: keyLocation, keyLength: keyLength, value: convert(value, name: name, depth: depth + 1))
      if let earlier = first[name] {
        diagnostics.report(
          .duplicateKey, "duplicate key \"\(name)\"", atKeyOf: entry, help: "remove one of the two, or rename it",
          related: [Diagnostic.Related(location: earlier, message: "first set here")])
        continue
      }
      first[name] = keyLocation
      entries.append(entry)
    }
    return entries
  }

  private func content(of scalar: Node.Scalar, at location: SourceLocation, name: String) -> LocatedValue.Content {
    let tag = scalar.tag.rawValue
    if tag.isEmpty { return ScalarResolver.resolve(scalar.string) }
    guard let kind = coreKind(tag) else {
      reportTag(tag, at: location)
      return .text(scalar.string)
    }
    let resolved = ScalarResolver.resolve(scalar.string)
    switch (kind, resolved) {
    case ("str", _): return .text(scalar.string)
    case ("null", .null), ("bool", .boolean), ("int", .integer), ("float", .number): return resolved
    case ("float", .integer(let value)): return .number(Double(value))
    default:
      reportTag(tag, at: location)
      return resolved
    }
  }

  private func checkTag(_ tag: String, allowed: String, at location: SourceLocation) {
    guard !tag.isEmpty, tag != "!", coreKind(tag) != allowed else { return }
    reportTag(tag, at: location)
  }

  /// `int` of `tag:yaml.org,2002:int`; a lone `!` makes any scalar a text.
  private func coreKind(_ tag: String) -> String? {
    if tag == "!" { return "str" }
    let prefix = "tag:yaml.org,2002:"
    guard tag.hasPrefix(prefix) else { return nil }
    return String(tag.dropFirst(prefix.count))
  }

  private func reportTag(_ tag: String, at location: SourceLocation) {
    let prefix = "tag:yaml.org,2002:"
    let shown = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    diagnostics.report(.tag, "the tag \"\(shown)\" does not fit this value", at: location, help: "remove the tag")
  }

  private mutating func reportLimit(at location: SourceLocation, depth: Int) {
    guard !limitReported else { return }
    limitReported = true
    let message =
      depth > NodeConverter.maximumDepth
      ? "values are nested more than \(NodeConverter.maximumDepth) deep"
      : "the file has more than \(maximumValues) values once its aliases are replaced"
    diagnostics.report(.limit, message, at: location)
  }

  private func location(of node: Node) -> SourceLocation {
    SourceLocation(file: source.file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  /// How far the scalar reaches on its first line, with quotes.
  private func length(of scalar: Node.Scalar, at location: SourceLocation) -> Int {
    let rest = source.line(location.line).dropFirst(location.column - 1)
    guard let first = rest.first else { return 1 }
    switch first {
    case "\"", "'":
      let closing = rest.dropFirst().enumerated().first { offset, scalar in
        scalar == first && (first == "'" || rest[rest.startIndex + offset] != "\\")
      }
      return closing.map { $0.offset + 2 } ?? rest.count
    case "|", ">": return 1
    case "&", "!": return rest.prefix { $0 != " " }.count
    default: return max(1, min(rest.count, scalar.string.unicodeScalars.count))
    }
  }
}
