/// Says in a user's words what libyaml found wrong with a text.

import MartletModel
import Yams

struct SyntaxErrorReport {
  let source: SourceText
  let diagnostics: DiagnosticCollector

  func report(_ error: any Error) {
    guard let error = error as? YamlError else {
      report("the file can't be read as YAML: \(error)", line: 1, column: 1)
      return
    }
    switch error {
    case .reader(let problem, let offset, let value, let yaml):
      let characters = offset.map { yaml.prefix($0).unicodeScalars.count } ?? 0
      let location = source.location(offset: min(characters, source.scalars.count))
      let code = value >= 0 ? " (U+" + String(value, radix: 16, uppercase: true) + ")" : ""
      report("\(problem)\(code)", line: location.line, column: location.column)
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      report(problem, context: context, line: mark.line, column: mark.column)
    case .composer(_, let problem, let mark, _):
      report(problem, line: mark.line, column: mark.column)
    default:
      report("the file can't be read as YAML: \(error)", line: 1, column: 1)
    }
  }

  private func report(_ problem: String, context: YamlError.Context? = nil, line: Int, column: Int) {
    let location = SourceLocation(file: source.file, line: line, column: column)
    var related: [Diagnostic.Related] = []
    if let context, context.mark.line != line {
      related.append(
        Diagnostic.Related(
          location: SourceLocation(file: source.file, line: context.mark.line, column: context.mark.column),
          message: context.text))
    }
    diagnostics.report(.syntax, "not YAML: \(problem)", at: location, help: help(problem, line: line), related: related)
  }

  private func help(_ problem: String, line: Int) -> String? {
    let text = SourceText.string(source.line(line))
    if problem.contains("another document") { return "a file holds one document: remove the line \"---\"" }
    if problem.contains("undefined alias") { return "a value that begins with * needs quotes" }
    if text.contains("${{") { return "a value with ${{ }} inside { … } or [ … ] needs quotes: \"${{ x }}\"" }
    if text.prefix(while: \.isWhitespace).contains("\t") { return "indent with spaces, not with tabs" }
    if problem.contains("cannot start any token") { return "put the value in quotes" }
    if problem.contains("mapping values are not allowed") {
      return "check the indentation, or put a value that holds \": \" in quotes"
    }
    if problem.contains("did not find expected key") || problem.contains("could not find expected ':'") {
      return "check the indentation and the line before"
    }
    return nil
  }
}
