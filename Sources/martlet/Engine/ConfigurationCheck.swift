/// Looks at the configuration that tasks read, before they run: whether it can be read at all, and whether the built-ins would take what
/// it declares, which only `martlet-tasks` knows.

import Foundation
import MartletFiles
import MartletModel
import MartletPlan
import MartletSyntax

struct ConfigurationCheck {
  let location: WorkspaceLocation
  let pipeline: Pipeline
  let host: Host

  /// Of all tasks.
  func diagnostics() throws -> [Diagnostic] {
    var seen: Set<Diagnostic> = []
    return try (unreadable() + mistakes(of: pipeline.tasks)).filter { seen.insert($0).inserted }
  }

  // MARK: Whether it can be read

  /// Of the files of which only some keys count: they decide what runs.
  private func unreadable() throws -> [Diagnostic] {
    var seen: Set<ArtifactPath> = []
    var diagnostics: [Diagnostic] = []
    for task in pipeline.tasks {
      for input in task.inputs where input.keys != nil {
        guard let path = path(of: input), seen.insert(path).inserted else { continue }
        diagnostics += try check(path, of: task, input)
      }
    }
    return diagnostics
  }

  private func check(_ path: ArtifactPath, of task: PipelineTask, _ input: Input) throws -> [Diagnostic] {
    guard let bytes = try FileContent.read("\(location.root)/\(path)") else {
      guard !input.isOptional, let place = input.location else { return [] }
      return [
        Diagnostic(
          severity: .warning, code: "W101", message: "there is no file \(path), which \(task.name) reads as \"\(input.name)\"",
          location: place, help: "the task fails until the file is there")
      ]
    }
    switch ConfigurationReader.read(text: String(decoding: bytes, as: UTF8.self), file: path.string) {
    case .success: return []
    case .failure(let diagnostics): return diagnostics.entries
    }
  }

  /// The input's path, where it holds nothing but text and parameters.
  private func path(of input: Input) -> ArtifactPath? {
    guard case .source(let template) = input.origin else { return nil }
    var isFixed = true
    let text = template.expanded { expression in
      guard case .parameter(let name) = expression, let value = pipeline.parameters[name] else {
        isFixed = false
        return ""
      }
      return value.display
    }
    return isFixed ? ArtifactPath(text) : nil
  }

  // MARK: What it declares

  /// Throws what is wrong with the configuration of what a plan would run, before anything does.
  /// - Throws: `Diagnostics`
  func check(_ entries: [Plan.Entry]) throws {
    let tasks = Set(entries.filter { $0.action == .run || $0.action == .maybe }.map(\.instance.task))
    let mistakes = try mistakes(of: pipeline.tasks.filter { tasks.contains($0.name) })
    if !mistakes.isEmpty { throw Diagnostics(mistakes) }
  }

  /// What built-in tasks would not take, each thing once.
  private func mistakes(of tasks: [PipelineTask]) throws -> [Diagnostic] {
    let requests = try tasks.compactMap(request)
    guard !requests.isEmpty else { return [] }
    var seen: Set<Diagnostic> = []
    return try findings(.list(requests)).flatMap { finding in
      finding.diagnostics + [whole(finding)].compactMap { $0 }
    }.filter { seen.insert($0).inserted }
  }

  /// A task with its inputs that are files of the workspace, the same for all partitions; `nil` for a command.
  private func request(_ task: PipelineTask) throws -> ConfigurationValue? {
    guard let builtin = task.builtin, let known = BuiltinCatalog.description(of: builtin) else { return nil }
    var inputs: [String: ConfigurationValue] = [:]
    for input in task.inputs where known.inputs.contains(input.name) {
      guard let path = path(of: input), try FileKind.of("\(location.root)/\(path)") == .file else { continue }
      inputs[input.name] = Document.object([
        "paths": .list([.text(path.string)]), "digests": .list([]),
        "keys": input.keys.map { .list($0.map { .text($0) }) },
      ])
    }
    guard !inputs.isEmpty else { return nil }
    return .map(["task": .text(task.name), "uses": .text(builtin.description), "inputs": .map(inputs)])
  }

  private func findings(_ requests: ConfigurationValue) throws -> [ConfigurationFinding] {
    let output = try HelperProgram.run(
      [host.sibling("martlet-tasks"), "check"], input: Array(requests.canonicalJSON.utf8), environment: host.environment,
      folder: location.root)
    guard output.status == 0 else {
      throw UserError(
        "the configuration of the built-in tasks cannot be checked",
        facts: [("status", "\(output.status)"), ("said", String(decoding: output.standardError, as: UTF8.self).oneLine)],
        hint: "`martlet doctor` looks closer")
    }
    return try JSONDecoder().decode([ConfigurationFinding].self, from: Data(output.standardOutput))
  }

  /// What has no place in the file stands where the pipeline names the file.
  private func whole(_ finding: ConfigurationFinding) -> Diagnostic? {
    let input = pipeline.task(finding.task)?.inputs.first { $0.name == finding.input }
    return finding.message.map { message in
      Diagnostic(
        code: "E108", message: "\(finding.task): \(message.oneLine)",
        location: input?.location ?? SourceLocation(file: location.pipelineFile, line: 1, column: 1))
    }
  }
}
