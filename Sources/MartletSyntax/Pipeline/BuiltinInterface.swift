/// Checks a task that uses a built-in against what the built-in reads, writes and takes.

import MartletModel

struct BuiltinInterface {
  let description: BuiltinDescription
  let map: LocatedMap
  let task: TaskDeclaration
  let diagnostics: DiagnosticCollector

  func check() {
    checkInputs()
    checkOutputs()
    checkParameters()
    if description.reference.name == "package" { checkRelease() }
  }

  private func checkInputs() {
    let known = description.inputs + description.optionalInputs
    if !description.takesAnyInput {
      for input in task.inputs where !known.contains(input.name) { report("input", input.entry, known) }
    }
    for name in description.inputs where !task.inputs.contains(where: { $0.name == name }) { missing("input", name, under: "in") }
    if description.takesAnyInput, task.inputs.allSatisfy({ known.contains($0.name) }) {
      diagnostics.report(
        .builtinInterface, "\(description.reference) has nothing to read", at: place("in"),
        help: "name at least one table under \"in\"")
    }
  }

  private func checkOutputs() {
    for output in task.allOutputs where !description.outputs.contains(output.name) {
      report("output", output.entry, description.outputs)
    }
    let gatherable = description.gatherableOutputs
    for output in task.gathered where description.outputs.contains(output.name) && !gatherable.contains(output.name) {
      diagnostics.report(
        .builtinInterface, "\(description.reference) can't gather \"\(output.name)\"", atKeyOf: output.entry,
        help: gatherable.isEmpty ? "remove \"gather\"" : suggestion(for: output.name, among: gatherable))
    }
    for output in task.outputs where gatherable.contains(output.name) {
      diagnostics.report(
        .builtinInterface, "\"\(output.name)\" joins all partitions", atKeyOf: output.entry,
        help: "put it under \"gather\" of a task with \"each\"")
    }
    for name in description.outputs where !gatherable.contains(name) && !task.allOutputs.contains(where: { $0.name == name }) {
      missing("output", name, under: "out")
    }
  }

  private func checkParameters() {
    guard case .map(let entries)? = map["with"]?.content else { return }
    for entry in entries where !description.parameters.contains(entry.key) {
      report("parameter", entry, description.parameters)
    }
  }

  /// A release is one folder below `artifact/`, named by its hash.
  private func checkRelease() {
    guard let output = task.outputs.first(where: { $0.name == "release" }), let path = output.path else { return }
    guard path.template.source == "artifact/model_v${{ hash }}/" else {
      diagnostics.report(
        .builtinInterface, "a release stands in artifact/model_v${{ hash }}/", at: path.value,
        help: "write \"artifact/model_v${{ hash }}/\"")
      return
    }
  }

  private func report(_ what: String, _ entry: LocatedEntry, _ known: [String]) {
    diagnostics.report(
      .builtinInterface, "\(description.reference) has no \(what) \"\(entry.key)\"", atKeyOf: entry,
      help: known.isEmpty ? "it has none" : suggestion(for: entry.key, among: known))
  }

  private func missing(_ what: String, _ name: String, under key: String) {
    diagnostics.report(
      .builtinInterface, "\(description.reference) needs the \(what) \"\(name)\"", at: place(key),
      help: "add \"\(name)\" under \"\(key)\"")
  }

  /// The map that lacks something, or `uses` where it is not there.
  private func place(_ key: String) -> LocatedValue {
    guard let entry = map.entry(key) else { return map["uses"] ?? map.value }
    return LocatedValue(content: .null, location: entry.keyLocation, length: entry.keyLength, name: key)
  }
}

extension BuiltinDescription {
  /// Outputs that join all partitions and can stand under `gather` alone.
  var gatherableOutputs: [String] { reference.name == "ingest" ? ["all"] : [] }
}
