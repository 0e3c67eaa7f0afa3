/// Finds paths that two outputs would write, and outputs inside other outputs.

import MartletModel

enum OutputConflicts {
  private struct Writer {
    let task: String
    let output: OutputDeclaration
    let pattern: PathPattern
    let value: LocatedValue

    var name: String { "\(task).\(output.name)" }
  }

  static func check(_ tasks: [TaskDeclaration], _ diagnostics: DiagnosticCollector) {
    let writers = tasks.flatMap { task in
      task.allOutputs.compactMap { output -> Writer? in
        guard let path = output.path, let pattern = output.pattern else { return nil }
        return Writer(task: task.name, output: output, pattern: pattern, value: path.value)
      }
    }
    for (index, writer) in writers.enumerated() {
      for earlier in writers[..<index] { compare(writer, earlier, diagnostics) }
    }
  }

  private static func compare(_ writer: Writer, _ earlier: Writer, _ diagnostics: DiagnosticCollector) {
    let related = [Diagnostic.Related(location: earlier.value.location, message: "\(earlier.name) is declared here")]
    switch writer.pattern.relation(to: earlier.pattern) {
    case .apart: return
    case .same:
      diagnostics.report(
        .twoWriters, "\(writer.name) and \(earlier.name) write the same path", at: writer.value,
        help: "give one of them another path", related: related)
    case .inside:
      diagnostics.report(
        .nestedOutputs, "\(writer.name) lies inside \(earlier.name)", at: writer.value,
        help: "an output belongs to one task as a whole: move one of them", related: related)
    case .around:
      diagnostics.report(
        .nestedOutputs, "\(earlier.name) lies inside \(writer.name)", at: writer.value,
        help: "an output belongs to one task as a whole: move one of them", related: related)
    }
  }
}
