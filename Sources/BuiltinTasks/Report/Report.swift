/// report@1: one Markdown page about a run, from a template that is the user's to change, with pictures.

import Foundation
import MartletFiles
import MartletModel
import Mustache

/// Optional inputs `profile`, `summary`, `train`, `eval`, `drift`, `notes`; input `template`; output `report`, `images` (a folder).
struct Report: BuiltinTask {
  static let configuration = "template"

  static func check(_ item: TaskSpecification.Item, _ libraries: NativeLibrarySearch) throws {
    _ = try template(at: try item.input("template"))
  }

  static func run(_ context: TaskContext) throws {
    let item = context.item
    let specification = context.specification
    let template = try template(at: try item.input("template"))
    let output = try item.output("report")
    let folder = try item.output("images")
    let images = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    try TaskFile.makeFolder(images)

    let train = try json(item.optionalInput("train"))
    let eval = try json(item.optionalInput("eval"))
    let drawings: [(String, String, PlotWriter.Drawing.Content?)] = [
      ("graph", "The pipeline", specification.graph.map { .graph(dot: $0.dot) }),
      ("training", "Validation metric by round", train.flatMap(Plots.training).map { .plot($0) }),
      ("importance", "Feature importance", train.flatMap { Plots.importance($0) }.map { .plot($0) }),
      ("roc", "ROC curve", eval.flatMap(Plots.roc).map { .plot($0) }),
      ("calibration", "Calibration", eval.flatMap(Plots.calibration).map { .plot($0) }),
      ("drift", "Drift by feature", eval.flatMap(Plots.drift).map { .plot($0) }),
    ]
    var plots = PlotWriter(folder: images)
    try plots.draw(
      drawings.compactMap { name, title, content in content.map { .init(name: name, title: title, content: $0) } },
      threads: specification.resources.cpu)

    let values = ReportContext(
      train: train, eval: eval, profile: try json(item.optionalInput("profile")),
      summary: try text(item.optionalInput("summary")),
      drift: try text(item.optionalInput("drift")), notes: try text(item.optionalInput("notes")), graph: specification.graph,
      upstream: specification.upstream ?? [], plots: plots, images: images.split(separator: "/").last.map(String.init) ?? images
    ).values
    try TaskFile.write(template.render(values), to: output)
    let omitted = plots.omissions.isEmpty ? "" : ", \(plots.omissions.count) left out"
    try context.succeeded(
      item,
      ItemResult(
        message: "\(NumberText.counted(plots.pictures.count, "picture"))\(omitted)",
        figures: ["pictures": .integer(plots.pictures.count), "left_out": .integer(plots.omissions.count)]))
  }

  private static func template(at path: String) throws -> MustacheTemplate {
    let text = try TaskFile.text(path)
    do {
      return try MustacheTemplate(string: text)
    } catch let error as MustacheTemplate.ParserError {
      throw TaskFailure(.config, "\(path):\(error.context.lineNumber): the template cannot be read: \(error.error)")
    }
  }

  private static func text(_ path: String?) throws -> String? { try path.map { try TaskFile.text($0) } }

  private static func json(_ path: String?) throws -> ConfigurationValue? {
    guard let path else { return nil }
    do {
      return try JSONDecoder().decode(ConfigurationValue.self, from: Data(try TaskFile.read(path)))
    } catch let error as DecodingError {
      throw TaskFailure(.config, "\(path) is no JSON: \(error)")
    }
  }
}
