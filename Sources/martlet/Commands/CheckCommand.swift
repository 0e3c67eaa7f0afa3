// `martlet check`: everything that is wrong with the pipeline file and the configuration it names, all at once.

import ArgumentParser
import MartletFiles
import MartletModel
import MartletSyntax

struct CheckCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check the pipeline file and the configuration it reads, without running anything.")

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let file = try PipelineFile(location)
    var diagnostics = file.diagnostics
    if let pipeline = file.pipeline {
      diagnostics += try ConfigurationCheck(location: location, pipeline: pipeline).diagnostics()
      diagnostics += pipeline.tasks.flatMap { ApproverCheck.diagnostics(of: $0) }
    }
    let hasErrors = diagnostics.contains { $0.severity == .error }
    if shared.json {
      host.output.write(
        Document.line(
          schema: "martlet.check/1",
          ["diagnostics": .list(diagnostics.map(Document.diagnostic)), "tasks": file.pipeline.map { .integer($0.tasks.count) }]))
    } else if !diagnostics.isEmpty {
      host.diagnostics.write(Diagnostics(diagnostics).rendered + "\n")
    }
    if let pipeline = file.pipeline, !hasErrors, !shared.json, !shared.quiet {
      let count = pipeline.tasks.count
      host.output.write("\(location.pipelineFile): \(count) task\(count == 1 ? "" : "s"), no errors\n")
    }
    return hasErrors ? .usage : .done
  }
}

/// Looks at the configuration files of which only some keys count: they decide what runs, so they must be readable.
struct ConfigurationCheck {
  let location: WorkspaceLocation
  let pipeline: Pipeline

  func diagnostics() throws -> [Diagnostic] {
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
}

/// Looks whether this machine knows who may decide. It need not be the machine where they do: what it does not know is a warning.
enum ApproverCheck {
  static func diagnostics(of task: PipelineTask) -> [Diagnostic] {
    guard let gate = task.gate else { return [] }
    return GateApprovers.unknown(gate.approvers).compactMap { approver in
      guard let place = gate.approverLocations[approver] else { return nil }
      let kind = approver.hasPrefix("group:") ? "group" : "user"
      return Diagnostic(
        severity: .warning, code: "W102",
        message: "this machine has no \(kind) \(approver.split(separator: ":").last ?? ""), who may decide on \(task.name)",
        location: place, length: approver.count,
        help: "mend the name, unless `martlet approve` is run on a machine that has the \(kind)")
    }
  }
}

extension Document {
  static func diagnostic(_ diagnostic: Diagnostic) -> ConfigurationValue {
    object([
      "severity": .text(diagnostic.severity.rawValue), "code": .text(diagnostic.code), "message": .text(diagnostic.message),
      "file": .text(diagnostic.location.file), "line": .integer(diagnostic.location.line),
      "column": .integer(diagnostic.location.column), "length": .integer(diagnostic.length), "label": text(diagnostic.label),
      "help": text(diagnostic.help),
      "related": diagnostic.related.isEmpty
        ? nil
        : .list(
          diagnostic.related.map { note in
            .map([
              "file": .text(note.location.file), "line": .integer(note.location.line), "column": .integer(note.location.column),
              "message": .text(note.message),
            ])
          }),
    ])
  }
}
