/// Reads the maps under `tasks:` to declarations.

import MartletModel

/// What all tasks of a file share.
struct PipelineContext {
  let diagnostics: DiagnosticCollector
  let parameters: [String: ConfigurationValue]
  let partitions: [PartitionDefinition]
  /// Names under `partitions`, also of those that are not well-formed.
  let partitionNames: [String]
  let resources: ResourceRequest
  let defaults: TaskDefaults
}

struct TaskDefaults {
  var timeoutSeconds: Double?
  var retries: [FailureClass: Int] = [:]
  var resources = ResourceRequest()
}

struct DeclarationReader {
  let context: PipelineContext
  let map: LocatedMap
  var task: TaskDeclaration
  private(set) var kind: KeyDescription.Kind?
  var diagnostics: DiagnosticCollector { context.diagnostics }

  /// The declaration of one entry under `tasks:`; `nil` where it is no map.
  static func read(_ entry: LocatedEntry, _ context: PipelineContext) -> TaskDeclaration? {
    _ = Names.check(entry, what: "a task", context.diagnostics)
    guard let map = entry.value.map(TaskKeys.task, context.diagnostics) else { return nil }
    var reader = DeclarationReader(entry: entry, map: map, context: context)
    return reader.read()
  }

  private init(entry: LocatedEntry, map: LocatedMap, context: PipelineContext) {
    self.context = context
    self.map = map
    task = TaskDeclaration(name: entry.key, entry: entry)
  }

  private mutating func read() -> TaskDeclaration {
    readKind()
    checkKeysOfKind()
    task.description = map["description"]?.text(diagnostics)
    task.after = (map["after"]?.list(diagnostics) ?? []).compactMap { value in
      value.text(diagnostics).map { ($0, value) }
    }
    if kind == .gate {
      readGate()
      return task
    }
    readPartition()
    readEnvironment()
    readOutputs()
    readInputs()
    readAction()
    readParameters()
    readLimits()
    return task
  }

  // MARK: what kind of task

  private mutating func readKind() {
    let entries = ["uses", "run", "gate"].compactMap { map.entry($0) }
    guard let first = entries.first else {
      diagnostics.report(
        .missingKey, "task \"\(task.name)\" needs one of uses, run and gate", atKeyOf: task.entry,
        help: "uses: ingest@1 for a built-in, run: … for a command, gate: approval for a person")
      return
    }
    for other in entries.dropFirst() {
      diagnostics.report(
        .keyNotHere, "task \"\(task.name)\" has both \"\(first.key)\" and \"\(other.key)\"", atKeyOf: other,
        help: "keep one of them",
        related: [Diagnostic.Related(location: first.keyLocation, message: "\"\(first.key)\" stands here")])
    }
    switch first.key {
    case "uses": kind = .builtin
    case "run": kind = .command
    default: kind = .gate
    }
  }

  private func checkKeysOfKind() {
    guard let kind else { return }
    for entry in map.entries where !["uses", "run", "gate"].contains(entry.key) {
      guard let key = TaskKeys.task.key(entry.key), !key.kinds.contains(kind) else { continue }
      diagnostics.report(
        .keyNotHere, "\"\(entry.key)\" is for \(key.kinds.map(\.rawValue).joined(separator: " and ")) only", atKeyOf: entry,
        help: "task \"\(task.name)\" is \(kind.singular)")
    }
  }

  private mutating func readGate() {
    task.action = .gate(GateReader(map: map, diagnostics: diagnostics).declaration())
  }

  // MARK: partitions and names

  private mutating func readPartition() {
    if let value = map["each"], let name = value.text(diagnostics) {
      if context.partitionNames.contains(name) {
        task.each = name
      } else {
        diagnostics.report(
          .unknownPartition, "unknown partition \"\(name)\"", at: value,
          help: suggestion(for: name, among: context.partitionNames) ?? "declare it under partitions")
        task.each = name
      }
    }
    if let value = map["batch"] { task.batch = value.integer(in: 1...4096, diagnostics) ?? 1 }
    for key in ["batch", "gather"] {
      guard let entry = map.entry(key), map["each"] == nil, kind == .builtin else { continue }
      diagnostics.report(.keyNotHere, "\"\(key)\" needs \"each\"", atKeyOf: entry, help: "only a task with partitions has it")
    }
  }

  private mutating func readEnvironment() {
    for entry in map["env"]?.anyMap(diagnostics)?.entries ?? [] {
      guard Names.isEnvironmentName(entry.key), !entry.key.hasPrefix("MARTLET_") else {
        diagnostics.report(
          .invalidValue, "\"\(entry.key)\" can't be an environment variable of a task", atKeyOf: entry,
          help: "a name holds letters, digits and _, and does not begin with MARTLET_")
        continue
      }
      switch entry.value.content {
      case .text(let text):
        let located = TemplateParser.parse(entry.value, text: text, diagnostics)
        scope().check(located, in: .environment, diagnostics)
        task.environment[entry.key] = located.template
      case .integer, .number, .boolean:
        task.environment[entry.key] = Template(text: entry.value.configuration.display)
      case .null, .list, .map:
        diagnostics.reportType("a text", at: entry.value)
      }
    }
  }

  private func scope() -> ExpressionScope {
    ExpressionScope(
      parameters: context.parameters, partitions: context.partitionNames, each: task.each, inputs: task.inputs.map(\.name),
      outputs: task.outputs.map(\.name), environment: (map["env"].flatMap(names) ?? []))
  }

  private func names(_ value: LocatedValue) -> [String]? {
    guard case .map(let entries) = value.content else { return nil }
    return entries.map(\.key)
  }

  var paths: PathReader {
    PathReader(diagnostics: diagnostics, scope: scope(), parameters: context.parameters)
  }

  // MARK: what it does

  private mutating func readAction() {
    switch kind {
    case .builtin: readBuiltin()
    case .command: readCommand()
    case .gate, nil: break
    }
    if let value = map["in_place"] { task.inPlace = value.boolean(diagnostics) ?? false }
    if let value = map["when"] { task.condition = value.choice(diagnostics) ?? .ready }
    task.code = (map["code"]?.list(diagnostics) ?? []).compactMap { value in paths.constant(value).map { ($0, value) } }
  }

  private mutating func readBuiltin() {
    guard let value = map["uses"], let text = value.text(diagnostics) else { return }
    let known = BuiltinCatalog.all.map(\.reference.description)
    guard let description = BuiltinCatalog.all.first(where: { $0.reference.description == text }) else {
      let named = BuiltinCatalog.all.first { text == $0.reference.name || text.hasPrefix($0.reference.name + "@") }
      diagnostics.report(
        .unknownBuiltin, "unknown built-in \"\(text)\"", at: value,
        help: named.map { "this version has \($0.reference)" } ?? suggestion(for: text, among: known))
      return
    }
    task.action = .builtin(description.reference, description)
    BuiltinInterface(description: description, map: map, task: task, diagnostics: diagnostics).check()
  }

  private mutating func readCommand() {
    guard let value = map["run"], let text = value.text(diagnostics) else { return }
    guard !text.allSatisfy(\.isWhitespace) else {
      diagnostics.report(.invalidValue, "the command of task \"\(task.name)\" is empty", at: value)
      return
    }
    let located = TemplateParser.parse(value, text: text, diagnostics)
    scope().check(located, in: .command, diagnostics)
    for (use, trouble) in zip(located.places, ShellQuoting.troubles(in: located.template)) {
      guard let trouble else { continue }
      let help =
        trouble == .quotes
        ? "end the quotes before it: it becomes one quoted word of its own"
        : "set a variable before: name=${{ \(use.expression.source) }}"
      diagnostics.report(
        .expressionQuoted, "${{ \(use.expression.source) }} stands \(trouble.rawValue)", at: use.location, length: use.length,
        help: help)
    }
    task.action = .command(located.template)
  }

  private mutating func readParameters() {
    for entry in map["with"]?.anyMap(diagnostics)?.entries ?? [] {
      guard kind == .builtin || Names.check(entry, what: "a parameter", diagnostics) else { continue }
      task.parameters[entry.key] = templated(entry.value)
    }
  }

  private func templated(_ value: LocatedValue) -> TemplatedValue {
    switch value.content {
    case .text(let text) where text[...].firstPlace(of: "${{") != nil:
      let located = TemplateParser.parse(value, text: text, diagnostics)
      scope().check(located, in: .parameter, diagnostics)
      return .template(located.template)
    case .list(let values):
      return .list(values.map(templated))
    case .map(let entries):
      return .map(Dictionary(entries.map { ($0.key, templated($0.value)) }, uniquingKeysWith: { first, _ in first }))
    default:
      return .constant(value.configuration)
    }
  }

  private mutating func readLimits() {
    let limits = LimitsReader(diagnostics: diagnostics)
    let own = map["resources"].map(limits.resources) ?? ResourceRequest()
    task.resources = ResourceRequest(
      cpu: own.cpu ?? context.defaults.resources.cpu, memoryBytes: own.memoryBytes ?? context.defaults.resources.memoryBytes)
    limits.check(own, of: map["resources"], against: context.resources)
    task.timeoutSeconds = map["timeout"]?.seconds(diagnostics) ?? context.defaults.timeoutSeconds
    let retries = map["retries"].map(limits.retries) ?? [:]
    task.retries = context.defaults.retries.merging(retries) { _, own in own }
    if let value = map["executor"] { limits.executor(value) }
  }
}
