/// Reads paths of the workspace: relative, inside it, and none that Martlet keeps for itself.

import MartletModel

struct PathReader {
  let diagnostics: DiagnosticCollector
  let scope: ExpressionScope
  let parameters: [String: ConfigurationValue]

  /// Folders that hold Martlet's own records.
  private static let own = [".martlet", "checkpoints", "logs", "incidents"]
  /// What else no task writes.
  private static let notWritten = own + ["martlet.yaml", "martlet.schema.json", "artifact/current", "artifact/history.jsonl"]

  /// The template of an input's path, with `./` at its beginning removed.
  func input(_ value: LocatedValue) -> LocatedTemplate? {
    guard let path = path(value, in: .inputPath) else { return nil }
    guard checkOwn(path, PathReader.own, "read") else { return nil }
    let pattern = pattern(of: path)
    if pattern.relation(to: PathPattern("artifact/current")) != .apart, pattern.components.count >= 2 {
      diagnostics.report(
        .path, "a task can't read artifact/current by its path", at: value, help: "write {release: current, file: NAME}")
      return nil
    }
    if case .text(let text) = value.content, text.contains("*") || text.contains("?") {
      diagnostics.report(
        .path, "patterns such as * are not expanded in paths", at: value,
        help: "name the files, or their folder with a slash at its end")
      return nil
    }
    return path
  }

  /// The template of an output's path.
  func output(_ value: LocatedValue, in place: ExpressionScope.Place) -> LocatedTemplate? {
    guard let path = path(value, in: place), checkOwn(path, PathReader.notWritten, "written") else { return nil }
    return path
  }

  /// A path without expressions, as under `code`.
  func constant(_ value: LocatedValue) -> ArtifactPath? {
    guard let text = value.text(diagnostics) else { return nil }
    guard !text.contains("${{") else {
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

  private func checkOwn(_ path: LocatedTemplate, _ folders: [String], _ verb: String) -> Bool {
    let pattern = pattern(of: path)
    for folder in folders {
      let relation = pattern.relation(to: PathPattern(folder))
      guard relation == .same || relation == .inside else { continue }
      diagnostics.report(
        .path, "\"\(folder)\" is Martlet's own and can't be \(verb) by a task", at: path.value, help: "choose another path")
      return false
    }
    return true
  }

  /// What keeps a text from being a path of the workspace.
  private static func trouble(_ text: String) -> (message: String, help: String?)? {
    if text.isEmpty { return ("is no path", nil) }
    if normalized(text).isEmpty { return ("is the workspace itself", "name a file or a folder in it") }
    if text.hasPrefix("/") || text.hasPrefix("~") {
      return ("lies outside the workspace", "write a path relative to martlet.yaml")
    }
    if text.contains("\\") { return ("holds a backslash", "separate folders by /") }
    if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { return ("holds a control character", nil) }
    let path = normalized(text)
    let components = (path.hasSuffix("/") ? String(path.dropLast()) : path).split(
      separator: "/", omittingEmptySubsequences: false)
    if components.contains("..") { return ("can lead out of the workspace", "write the path without ..") }
    if components.contains("") { return ("has an empty part", "remove one of the slashes") }
    if components.contains(".") { return ("has a part that means nothing", "write the path without /./") }
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
