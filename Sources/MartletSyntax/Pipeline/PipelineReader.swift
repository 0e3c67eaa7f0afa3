/// Reads `martlet.yaml` to a checked pipeline, or to everything that is wrong with it.

import MartletModel

public enum PipelineReader {
  /// The pipeline, which is `nil` where there is an error, and all diagnostics, ordered by place.
  /// - Parameter file: the name that diagnostics show, such as `martlet.yaml`.
  /// - Parameter overrides: values that stand in place of those under `params:`, so that paths are checked as they will be; names
  ///   that the file does not declare are passed over.
  public static func read(
    text: String, file: String, overrides: [String: ConfigurationValue] = [:]
  ) -> (pipeline: Pipeline?, diagnostics: [Diagnostic]) {
    read(ConfigurationDocument(text: text, file: file, limits: .pipeline), overrides)
  }

  /// The same of the file's bytes; a file that is not UTF-8 is an error.
  public static func read(
    bytes: [UInt8], file: String, overrides: [String: ConfigurationValue] = [:]
  ) -> (pipeline: Pipeline?, diagnostics: [Diagnostic]) {
    read(ConfigurationDocument(bytes: bytes, file: file, limits: .pipeline), overrides)
  }

  private static func read(
    _ document: ConfigurationDocument, _ overrides: [String: ConfigurationValue]
  ) -> (pipeline: Pipeline?, diagnostics: [Diagnostic]) {
    let diagnostics = document.diagnostics
    guard let root = document.root else { return (nil, diagnostics.diagnostics) }
    if root.isNull {
      diagnostics.report(
        .missingKey, "the file is empty", at: root, help: "begin with \"martlet: 1\"; `martlet init` writes an example")
      return (nil, diagnostics.diagnostics)
    }
    guard let map = root.map(PipelineKeys.top, diagnostics) else { return (nil, diagnostics.diagnostics) }
    let pipeline = read(map, diagnostics, overrides)
    return (diagnostics.hasErrors ? nil : pipeline, diagnostics.diagnostics)
  }

  private static func read(
    _ map: LocatedMap, _ diagnostics: DiagnosticCollector, _ overrides: [String: ConfigurationValue]
  ) -> Pipeline {
    let top = TopLevelReader(map: map, diagnostics: diagnostics, overrides: overrides)
    top.checkVersion()
    let context = top.context()
    let entries = map["tasks"]?.anyMap(diagnostics)?.entries ?? []
    if let value = map["tasks"], case .map = value.content, entries.isEmpty {
      diagnostics.report(.invalidValue, "the pipeline has no tasks", at: value)
    }
    let declarations = entries.compactMap { DeclarationReader.read($0, context) }
    return Pipeline(
      name: top.name(), description: map["description"]?.text(diagnostics), parameters: context.parameters,
      partitions: context.partitions, resources: context.resources, tasks: link(declarations, context),
      failureRules: top.failureRules(), storeFolder: top.storeFolder(),
      notifications: NotificationReader(diagnostics: diagnostics).targets(map["notify"]))
  }

  /// Resolves references and checks the graph as a whole.
  private static func link(_ declarations: [TaskDeclaration], _ context: PipelineContext) -> [PipelineTask] {
    let outputs = OutputConflicts.index(declarations, context.diagnostics)
    let resolver = ReferenceResolver(tasks: declarations, outputs: outputs, context: context)
    var edges: [Edge] = []
    let tasks = declarations.map { declaration -> PipelineTask in
      let inputs = resolver.inputs(of: declaration, &edges)
      let action = action(of: declaration, resolver, &edges)
      resolver.after(declaration, &edges)
      resolver.checkCode(of: declaration)
      return task(declaration, inputs, action)
    }
    CycleCheck.check(declarations.map(\.name), edges, context.diagnostics)
    return tasks
  }

  private static func action(
    of task: TaskDeclaration, _ resolver: ReferenceResolver, _ edges: inout [Edge]
  ) -> PipelineTask.Action {
    switch task.action {
    case .builtin(let reference, _): return .builtin(reference)
    case .command(let template): return .command(template)
    case .gate(let gate):
      let subjects = resolver.outputs(gate.subject.map { [$0] } ?? [], of: task, &edges)
      resolver.checkSubject(gate.subject, subjects.first)
      return .gate(
        Gate(
          subject: subjects.first, show: resolver.outputs(gate.show, of: task, &edges), approvers: gate.approvers,
          approverLocations: gate.approverLocations, excludesRequester: gate.excludesRequester, expiry: gate.expiry))
    case nil:
      // An error was reported, so the pipeline is thrown away; the graph is checked all the same.
      return .command(Template(text: ""))
    }
  }

  private static func task(_ declaration: TaskDeclaration, _ inputs: [Input], _ action: PipelineTask.Action) -> PipelineTask {
    PipelineTask(
      name: declaration.name, action: action, each: declaration.each, batch: declaration.batch, inputs: inputs,
      outputs: outputs(declaration.outputs), gathered: outputs(declaration.gathered), after: declaration.after.map(\.task),
      condition: declaration.condition, parameters: declaration.parameters, environment: declaration.environment,
      code: declaration.code.map(\.path), resources: declaration.resources, timeoutSeconds: declaration.timeoutSeconds,
      retries: declaration.retries, inPlace: declaration.inPlace, description: declaration.description,
      location: declaration.entry.keyLocation)
  }

  private static func outputs(_ declarations: [OutputDeclaration]) -> [Output] {
    declarations.compactMap { output in
      output.path.map { Output(name: output.name, path: $0.template, location: output.entry.keyLocation) }
    }
  }
}
