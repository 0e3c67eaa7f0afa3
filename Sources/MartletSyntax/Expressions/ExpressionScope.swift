/// Which expressions may stand where, and which names they may use.

import MartletModel

struct ExpressionScope {
  /// What kind of value holds the expression.
  enum Place {
    case inputPath
    case outputPath(isPackage: Bool)
    case gatheredPath
    case command
    case environment
    case parameter

    var description: String {
      switch self {
      case .inputPath: "in the path of an input"
      case .outputPath: "in the path of an output"
      case .gatheredPath: "in the path of a gathered output"
      case .command: "in a command"
      case .environment: "in env"
      case .parameter: "in with"
      }
    }
  }

  let parameters: [String: ConfigurationValue]
  let partitions: [String]
  /// The task's own.
  let each: String?
  let inputs: [String]
  let outputs: [String]
  let environment: [String]

  /// Reports every expression that is not allowed at its place or names something that is not there.
  func check(_ template: LocatedTemplate, in place: Place, _ diagnostics: DiagnosticCollector) {
    for use in template.places { check(use, in: place, diagnostics) }
  }

  private func check(_ use: LocatedTemplate.Place, in place: Place, _ diagnostics: DiagnosticCollector) {
    func scope(_ help: String?) {
      diagnostics.report(
        .expressionScope, "${{ \(use.expression.source) }} can't stand \(place.description)", at: use.location,
        length: use.length, help: help)
    }
    func unknown(_ what: String, _ name: String, _ known: [String]) {
      diagnostics.report(
        .expressionName, "unknown \(what) \"\(name)\"", at: use.location, length: use.length,
        help: suggestion(for: name, among: known))
    }
    switch use.expression {
    case .parameter(let name):
      guard let value = parameters[name] else {
        unknown("parameter", name, parameters.keys.sorted())
        return
      }
      checkParameter(name, value, use, in: place, diagnostics)
    case .partition(let name):
      guard partitions.contains(name) else {
        unknown("partition", name, partitions)
        return
      }
      switch place {
      case .gatheredPath: scope("a gathered output joins all partitions")
      case .parameter: scope("parameters are the same for every partition; the process is told its partition")
      default:
        if each != name { scope("the task runs for each \"\(name)\" only with \"each: \(name)\"") }
      }
    case .input(let name):
      guard case .command = place else { return scope("in.NAME is for run") }
      if !inputs.contains(name) { unknown("input", name, inputs) }
    case .output(let name):
      guard case .command = place else { return scope("out.NAME is for run") }
      if !outputs.contains(name) { unknown("output", name, outputs) }
    case .environment(let name):
      guard case .command = place else { return scope("env.NAME is for run") }
      if !environment.contains(name) { unknown("environment variable", name, environment) }
    case .secret:
      diagnostics.report(
        .laterVersion, "this version of Martlet does not have secrets", at: use.location, length: use.length)
    case .hash:
      guard case .outputPath(isPackage: true) = place else { return scope("hash is for the output of a package task") }
    }
  }

  private func checkParameter(
    _ name: String, _ value: ConfigurationValue, _ use: LocatedTemplate.Place, in place: Place,
    _ diagnostics: DiagnosticCollector
  ) {
    if case .parameter = place { return }
    switch value {
    case .list, .map, .null:
      diagnostics.report(
        .expressionScope, "the parameter \"\(name)\" is no single value and can't stand \(place.description)", at: use.location,
        length: use.length)
    default: break
    }
  }
}
