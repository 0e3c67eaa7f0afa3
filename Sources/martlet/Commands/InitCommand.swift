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
    guard from != nil || (template != .ml && label == nil && time == nil) else {
      throw ValidationError("the template ml needs --from, a CSV file to learn from")
    }
  }

  func run(on host: Host) throws -> ExitStatus {
    let root = host.absolute(folder ?? ".", from: host.absolute(shared.directory ?? "."))
    let name = pipelineName(root.split(separator: "/").last.map(String.init) ?? "")
    var files = minimalTemplate(pipeline: name)
    var notes: [String] = []
    var copy: (from: String, to: String)?
    if let from {
      let source = host.absolute(from)
      let isInside = source.hasPrefix(root + "/")
      let table = isInside ? String(source.dropFirst(root.count + 1)) : "data/raw/" + source.split(separator: "/").last!
      let model = try ModelTemplate(pipeline: name, path: table, source: source, label: label, time: time)
      files = model.files
      notes = model.notes
      if !isInside { copy = (source, "\(root)/\(table)") }
    }
    try refuseToOverwrite(files.map(\.path) + (copy.map { [String($0.to.dropFirst(root.count + 1))] } ?? []), in: root)
    if let copy {
      try FileTree.makeFolder(root + "/data/raw")
      try FileCopy.copy(copy.from, to: copy.to)
    }
    try write(files, to: root)
    if shared.json {
      let paths = ConfigurationValue.list(files.map { .text($0.path) })
      host.output.write(Document.line(schema: "martlet.init/1", ["files": paths, "notes": .list(notes.map { .text($0) })]))
    } else {
      for file in files { host.output.write("\(file.path)\n") }
      for note in notes { shared.note(note, host) }
      shared.note(from == nil ? "next: `martlet run`" : "next: look through config/schema.yaml, then `martlet run`", host)
    }
    return .done
  }

  /// Nothing is written if any of the files is there.
  private func refuseToOverwrite(_ paths: [String], in root: String) throws {
    let present = try paths.filter { try FileKind.of("\(root)/\($0)") != nil }
    guard present.isEmpty else {
      throw UserError(
        "there is a pipeline here already", facts: [("found", present.joined(separator: " ")), ("in", root)],
        hint: "nothing was written; give another folder, or remove these files first")
    }
  }

  private func write(_ files: [TemplateFile], to root: String) throws {
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
