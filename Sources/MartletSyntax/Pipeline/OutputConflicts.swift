/// Finds paths that two outputs would write, and outputs inside other outputs.

import MartletModel

enum OutputConflicts {
  /// All outputs by their paths; conflicts among them are reported.
  static func index(_ tasks: [TaskDeclaration], _ diagnostics: DiagnosticCollector) -> PathIndex {
    var index = PathIndex()
    for task in tasks {
      for output in task.allOutputs {
        guard let path = output.path, let pattern = output.pattern else { continue }
        let entry = PathIndex.Entry(task: task.name, output: output, pattern: pattern, value: path.value)
        for (earlier, relation) in index.meeting(pattern) { report(entry, earlier, relation, diagnostics) }
        index.insert(entry)
      }
    }
    return index
  }

  private static func report(
    _ entry: PathIndex.Entry, _ earlier: PathIndex.Entry, _ relation: PathPattern.Relation, _ diagnostics: DiagnosticCollector
  ) {
    let related = [Diagnostic.Related(location: earlier.value.location, message: "\(earlier.reference) is declared here")]
    switch relation {
    case .apart: return
    case .same:
      diagnostics.report(
        .twoWriters, "\(entry.reference) and \(earlier.reference) write the same path", at: entry.value,
        help: "give one of them another path", related: related)
    case .inside:
      diagnostics.report(
        .nestedOutputs, "\(entry.reference) lies inside \(earlier.reference)", at: entry.value,
        help: "an output belongs to one task as a whole: move one of them", related: related)
    case .around:
      diagnostics.report(
        .nestedOutputs, "\(earlier.reference) lies inside \(entry.reference)", at: entry.value,
        help: "an output belongs to one task as a whole: move one of them", related: related)
    }
  }
}
