/// Resolves what inputs, gates and `after` name to outputs of tasks, and lists the edges that follow.

import MartletModel

/// One task needs another.
struct Edge {
  let from: String
  let to: String
  /// What says so in the file.
  let location: SourceLocation
  let length: Int
}

struct ReferenceResolver {
  let tasks: [TaskDeclaration]
  let context: PipelineContext
  private var diagnostics: DiagnosticCollector { context.diagnostics }

  private let byName: [String: TaskDeclaration]
  private let outputs: PathIndex

  init(tasks: [TaskDeclaration], outputs: PathIndex, context: PipelineContext) {
    self.tasks = tasks
    self.outputs = outputs
    self.context = context
    byName = Dictionary(tasks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The task's inputs and what it needs; inputs that can't be resolved are reported and left out.
  func inputs(of task: TaskDeclaration, _ edges: inout [Edge]) -> [Input] {
    task.inputs.compactMap { declaration in
      guard let origin = origin(of: declaration, task, &edges) else { return nil }
      return Input(
        name: declaration.name, origin: origin, keys: declaration.keys, isOptional: declaration.isOptional,
        location: declaration.entry.keyLocation)
    }
  }

  private func origin(of input: InputDeclaration, _ task: TaskDeclaration, _ edges: inout [Edge]) -> Input.Origin? {
    switch input.origin {
    case .unknown: return nil
    case .release(let file): return .release(file: file)
    case .path(let value): return pathOrigin(value, task, &edges)
    case .pathOrReference(let value):
      guard case .text(let text) = value.content else { return nil }
      if text.utf8.contains(UInt8(ascii: "/")) { return pathOrigin(value, task, &edges) }
      return reference(value, text, task, &edges).map(Input.Origin.output)
    }
  }

  private func pathOrigin(_ value: LocatedValue, _ task: TaskDeclaration, _ edges: inout [Edge]) -> Input.Origin? {
    let scope = ExpressionScope(
      parameters: context.parameters, partitions: context.partitionNames, each: task.each, inputs: [], outputs: [],
      environment: [])
    let reader = PathReader(diagnostics: diagnostics, scope: scope, parameters: context.parameters)
    guard let path = reader.input(value) else { return nil }
    switch producer(of: reader.pattern(of: path), value) {
    case .none: return .source(path.template)
    case .output(let reference):
      edges.append(edge(task.name, needs: reference.task, value))
      return .output(reference)
    case .reported: return nil
    }
  }

  /// A gate's subject and what it shows: outputs only.
  func outputs(_ values: [LocatedValue], of task: TaskDeclaration, _ edges: inout [Edge]) -> [OutputReference] {
    values.compactMap { value in
      guard let text = value.text(diagnostics), let reference = gateReference(value, text, task, &edges) else { return nil }
      return reference
    }
  }

  private func gateReference(
    _ value: LocatedValue, _ text: String, _ task: TaskDeclaration, _ edges: inout [Edge]
  ) -> OutputReference? {
    guard text.utf8.contains(UInt8(ascii: "/")) else { return reference(value, text, task, &edges) }
    let scope = ExpressionScope(
      parameters: context.parameters, partitions: context.partitionNames, each: nil, inputs: [], outputs: [], environment: [])
    let reader = PathReader(diagnostics: diagnostics, scope: scope, parameters: context.parameters)
    guard let path = reader.input(value) else { return nil }
    switch producer(of: reader.pattern(of: path), value) {
    case .output(let reference):
      edges.append(edge(task.name, needs: reference.task, value))
      return reference
    case .reported: return nil
    case .none:
      diagnostics.report(
        .unknownReference, "no task writes \"\(text)\"", at: value,
        help: "a gate shows outputs of tasks; write task.output, such as eval.metrics")
      return nil
    }
  }

  /// Reports a subject that can't be promoted.
  func checkSubject(_ value: LocatedValue?, _ reference: OutputReference?) {
    guard let value, let reference, let task = byName[reference.task] else { return }
    guard task.builtin?.reference.name != "package" else { return }
    diagnostics.report(
      .invalidValue, "\(reference) is no release and can't be promoted", at: value,
      help: "name the release of a task that uses package@1; what a person should see goes under \"show\"",
      related: [task.declaredHere])
  }

  /// The edges of `after`.
  func after(_ task: TaskDeclaration, _ edges: inout [Edge]) {
    for (name, value) in task.after {
      guard byName[name] != nil else {
        diagnostics.report(
          .unknownReference, "unknown task \"\(name)\"", at: value,
          help: suggestion(for: name, among: tasks.map(\.name).filter { $0 != task.name }))
        continue
      }
      edges.append(edge(task.name, needs: name, value))
    }
  }

  // MARK: task.output

  private func edge(_ task: String, needs other: String, _ value: LocatedValue) -> Edge {
    Edge(from: other, to: task, location: value.location, length: value.length)
  }

  private func reference(
    _ value: LocatedValue, _ text: String, _ reader: TaskDeclaration, _ edges: inout [Edge]
  ) -> OutputReference? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts.allSatisfy(Names.isName) else {
      reportNoReference(value, text)
      return nil
    }
    guard let task = byName[parts[0]] else {
      diagnostics.report(
        .unknownReference, "unknown task \"\(parts[0])\" in \"\(text)\"", at: value,
        help: helpForUnknown(parts[0], parts[1], text))
      return nil
    }
    // Also where the output's name is wrong: a cycle is told together with it.
    edges.append(edge(reader.name, needs: task.name, value))
    guard task.allOutputs.contains(where: { $0.name == parts[1] }) else {
      let outputs = task.allOutputs.map { "\(task.name).\($0.name)" }
      let message =
        task.isGate ? "task \"\(task.name)\" is a gate and has no outputs" : "task \"\(task.name)\" has no output \"\(parts[1])\""
      diagnostics.report(
        .unknownReference, message, at: value,
        help: task.isGate ? "write \"after: [\(task.name)]\" to wait for it" : suggestion(for: text, among: outputs),
        related: [task.declaredHere])
      return nil
    }
    return OutputReference(task: parts[0], output: parts[1])
  }

  private func reportNoReference(_ value: LocatedValue, _ text: String) {
    let help: String?
    if let task = byName[text] {
      let outputs = task.allOutputs.map { "\(task.name).\($0.name)" }
      help = outputs.isEmpty ? "task \"\(text)\" has no outputs" : "name one of its outputs: " + outputs.joined(separator: ", ")
    } else {
      let outputs = tasks.flatMap { task in task.allOutputs.map { "\(task.name).\($0.name)" } }
      help =
        Suggestion.nearest(to: text, among: outputs).map { "did you mean \"\($0)\"?" }
        ?? "write \"./\(text)\" for a file beside martlet.yaml"
    }
    diagnostics.report(.notAReference, "\"\(text)\" is neither a path nor task.output", at: value, help: help)
  }

  private func helpForUnknown(_ task: String, _ output: String, _ text: String) -> String {
    let others = tasks.filter { !$0.isGate }
    let references = others.flatMap { task in task.allOutputs.map { "\(task.name).\($0.name)" } }
    if let nearest = Suggestion.nearest(to: task, among: others.map(\.name)), references.contains("\(nearest).\(output)") {
      return "did you mean \"\(nearest).\(output)\"?"
    }
    if let nearest = Suggestion.nearest(to: text, among: references) { return "did you mean \"\(nearest)\"?" }
    return "write \"./\(text)\" for a file beside martlet.yaml"
  }

  // MARK: paths

  private enum Producer {
    case none
    case output(OutputReference)
    case reported
  }

  private func producer(of pattern: PathPattern, _ value: LocatedValue) -> Producer {
    for (entry, relation) in outputs.meeting(pattern) {
      if pattern == entry.pattern { return .output(entry.reference) }
      report(relation, entry.reference, value, entry.output)
      return .reported
    }
    return .none
  }

  /// Reading a part of an output, or a folder with an output in it, hides the edge.
  private func report(
    _ relation: PathPattern.Relation, _ reference: OutputReference, _ value: LocatedValue, _ output: OutputDeclaration
  ) {
    let related = [Diagnostic.Related(location: output.entry.keyLocation, message: "\(reference) is declared here")]
    switch relation {
    case .same:
      diagnostics.report(
        .readsInsideOutput, "this path is one slice of \(reference)", at: value, help: "write \(reference)", related: related)
    case .inside:
      diagnostics.report(
        .readsInsideOutput, "this path lies inside \(reference)", at: value, help: "write \(reference)", related: related)
    case .around:
      diagnostics.report(
        .readsInsideOutput, "\(reference) lies inside this folder", at: value,
        help: "name what the task reads, one input each", related: related)
    case .apart: break
    }
  }

  /// Files under `code` that a task writes have no edge.
  func checkCode(of task: TaskDeclaration) {
    for (path, value) in task.code {
      for (entry, _) in outputs.meeting(PathPattern(path.string)) {
        diagnostics.report(
          .readsInsideOutput, "\"\(path)\" is written by task \"\(entry.task)\"", at: value,
          help: "move it from \"code\" to \"in\": \(entry.reference)",
          related: [
            Diagnostic.Related(location: entry.output.entry.keyLocation, message: "\(entry.reference) is declared here")
          ])
      }
    }
  }
}
