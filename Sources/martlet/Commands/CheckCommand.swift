// `martlet check`: everything that is wrong with the pipeline file and the configuration it names, all at once.

import ArgumentParser
import MartletModel

struct CheckCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check the pipeline file and the configuration it reads, without running anything.")

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let file = try PipelineFile(location)
    var diagnostics = file.diagnostics
    if let pipeline = file.pipeline {
      diagnostics += try ConfigurationCheck(location: location, pipeline: pipeline, host: host).diagnostics()
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
      host.output.write("\(location.pipelineFile): \(NumberText.counted(count, "task")), no errors\n")
    }
    return hasErrors ? .usage : .done
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
