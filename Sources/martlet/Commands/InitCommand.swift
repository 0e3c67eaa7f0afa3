// `martlet init`: a first pipeline in this folder.

import ArgumentParser
import MartletFiles
import MartletModel

struct InitCommand: HostedCommand {
  enum Template: String, ExpressibleByArgument, CaseIterable {
    case minimal
    case ml
  }

  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a first pipeline into a folder.",
    discussion: """
      minimal: two commands, to see how a pipeline works.
      ml: the seven built-in tasks over a CSV file of yours, from reading it to a report on the model. Columns, types, label and \
      time are read off the file; everything can be changed afterwards in config/.
      """)

  @Argument(help: "The folder; this one if left out.")
  var folder: String?

  @Option(help: ArgumentHelp("minimal or ml.", valueName: "template"))
  var template: Template?

  @Option(help: ArgumentHelp("The CSV file to learn from; makes the template ml.", valueName: "csv"))
  var from: String?

  @Option(help: ArgumentHelp("The column to predict.", valueName: "column"))
  var label: String?

  @Option(help: ArgumentHelp("The column with each row's date or time.", valueName: "column"))
  var time: String?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard template != .minimal || (from ?? label ?? time) == nil else {
      throw ValidationError("--from, --label and --time are for the template ml")
    }
    guard (template != .ml && label == nil && time == nil) || from != nil else {
      throw ValidationError("the template ml needs --from, a CSV file to learn from")
    }
  }

  func run(on host: Host) throws -> ExitStatus {
    let root = [shared.directory, folder].compactMap { $0 }.reduce(host.workingDirectory) {
      $1.hasPrefix("/") ? $1 : $0 + "/" + $1
    }
    let name = root.split(separator: "/").last { $0 != "." }.map(String.init) ?? "pipeline"
    let files = minimalTemplate(pipeline: name)
    try write(files, to: root)
    if shared.json {
      host.output.write(Document.line(schema: "martlet.init/1", ["files": .list(files.map { .text($0.path) })]))
    } else {
      for file in files { host.output.write("\(file.path)\n") }
      shared.note("next: `martlet run`", host)
    }
    return .done
  }

  /// Nothing is written if any of the files is there.
  private func write(_ files: [TemplateFile], to root: String) throws {
    let present = try files.filter { try FileKind.of("\(root)/\($0.path)") != nil }
    guard present.isEmpty else {
      throw UserError(
        "there is a pipeline here already", facts: [("found", present.map(\.path).joined(separator: " ")), ("in", root)],
        hint: "nothing was written; give another folder, or remove these files first")
    }
    for file in files {
      let path = "\(root)/\(file.path)"
      try FileTree.makeFolder(String(path[..<path.lastIndex(of: "/")!]))
      try DurableFile.write(Array(file.text.utf8), to: path)
    }
  }
}

/// A file of a template: its path below the workspace and its text.
struct TemplateFile {
  let path: String
  let text: String
}
