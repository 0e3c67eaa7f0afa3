/// Reads paths of the workspace: relative, inside it, and none that Martlet keeps for itself.

import MartletModel

struct PathReader {
  let diagnostics: DiagnosticCollector
  let scope: ExpressionScope
  let parameters: [String: ConfigurationValue]

  /// Folders that hold Martlet's own records.
  private static let own = OwnPath.all(".martlet", "checkpoints", "logs", "incidents")
  /// What else no task writes.
  private static let notWritten =
    own + OwnPath.all("martlet.yaml", "martlet.schema.json", "artifact/current", "artifact/history.jsonl")
  private static let current = PathPattern("artifact/current")

  private struct OwnPath {
    let text: String
    let pattern: PathPattern

    static func all(_ texts: String...) -> [OwnPath] { texts.map { OwnPath(text: $0, pattern: PathPattern($0)) } }
  }

  /// The template of an input's path, with `./` at its beginning removed.
  func input(_ value: LocatedValue) -> LocatedTemplate? {
    guard let path = path(value, in: .inputPath) else { return nil }
    let pattern = pattern(of: path)
    guard checkOwn(path, pattern, PathReader.own, "read") else { return nil }
    if pattern.relation(to: PathReader.current) != .apart, pattern.components.count >= 2 {
      diagnostics.report(
        .path, "a task can't read artifact/current by its path", at: value, help: "write {release: current, file: NAME}")
      return nil
    }
    if case .text(let text) = value.content, text.utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }) {
      diagnostics.report(
        .path, "patterns such as * are not expanded in paths", at: value,
        help: "name the files, or their folder with a slash at its end")
      return nil
    }
    return path
  }

  /// The template of an output's path.
  func output(_ value: LocatedValue, in place: ExpressionScope.Place) -> LocatedTemplate? {
    guard let path = path(value, in: place), checkOwn(path, pattern(of: path), PathReader.notWritten, "written") else {
      return nil
    }
    return path
  }

  /// A path without expressions, as under `code`.
  func constant(_ value: LocatedValue) -> ArtifactPath? {
    guard let text = value.text(diagnostics) else { return nil }
    guard text[...].firstPlace(of: "${{") == nil else {
      diagnostics.report(.expressionScope, "no expression can stand in \"\(value.name)\"", at: value)
      return nil
    }
    guard let trouble = PathReader.trouble(text) else {
      return ArtifactPath(PathReader.normalized(text))
    }
    diagnostics.report(.path, "\(ConfigurationValue.quoted(text)) \(trouble.message)", at: value, help: trouble.help)
    return nil
  }

  func pattern(of path: LocatedTemplate) -> PathPattern {
    PathPattern(path.template, parameters: parameters)
  }

  private func path(_ value: LocatedValue, in place: ExpressionScope.Place) -> LocatedTemplate? {
    guard let text = value.text(diagnostics) else { return nil }
    let located = TemplateParser.parse(value, text: text, diagnostics)
    scope.check(located, in: place, diagnostics)
    let expanded = located.template.expanded { expression in
      switch expression {
      case .parameter(let name): parameters[name]?.display ?? "x"
      default: "x"
      }
    }
    if let trouble = PathReader.trouble(expanded) {
      diagnostics.report(.path, "\(ConfigurationValue.quoted(text)) \(trouble.message)", at: value, help: trouble.help)
      return nil
    }
    return LocatedTemplate(value: value, template: PathReader.normalized(located.template), places: located.places)
  }

  private func checkOwn(_ path: LocatedTemplate, _ pattern: PathPattern, _ folders: [OwnPath], _ verb: String) -> Bool {
    for folder in folders {
      let relation = pattern.relation(to: folder.pattern)
      guard relation == .same || relation == .inside else { continue }
      diagnostics.report(
        .path, "\"\(folder.text)\" is Martlet's own and can't be \(verb) by a task", at: path.value, help: "choose another path")
      return false
    }
    return true
  }

  /// What keeps a text from being a path of the workspace.
  private static func trouble(_ text: String) -> (message: String, help: String?)? {
    if text.isEmpty { return ("is no path", nil) }
    let path = normalized(text)
    if path.isEmpty { return ("is the workspace itself", "name a file or a folder in it") }
    // By bytes, as the system takes paths apart: a letter that combines with a slash hides none.
    let slash = UInt8(ascii: "/")
    if text.utf8.first == slash || text.utf8.first == UInt8(ascii: "~") {
      return ("lies outside the workspace", "write a path relative to martlet.yaml")
    }
    if text.utf8.contains(UInt8(ascii: "\\")) { return ("holds a backslash", "separate folders by /") }
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return ("holds a control character", nil) }
    let components = (path.utf8.last == slash ? path.utf8.dropLast() : path.utf8[...]).split(
      separator: slash, omittingEmptySubsequences: false)
    if components.contains(where: { $0.elementsEqual("..".utf8) }) {
      return ("can lead out of the workspace", "write the path without ..")
    }
    if components.contains(where: \.isEmpty) { return ("has an empty part", "remove one of the slashes") }
    if components.contains(where: { $0.elementsEqual(".".utf8) }) {
      return ("has a part that means nothing", "write the path without /./")
    }
    return nil
  }

  /// Without `./` at the beginning.
  private static func normalized(_ text: String) -> String {
    text.hasPrefix("./") ? String(text.dropFirst(2)) : text
  }

  private static func normalized(_ template: Template) -> Template {
    guard case .text(let text)? = template.segments.first, text.hasPrefix("./") else { return template }
    let rest = normalized(text)
    return Template((rest.isEmpty ? [] : [.text(rest)]) + template.segments.dropFirst())
  }
}
