// report@1: the page, its pictures, a person's notes, and what is said where something upstream is missing.

import Foundation
import MartletFiles
import MartletModel
import Testing

@testable import BuiltinTasks

/// report@1: the example's template with everything there, and with nothing.
@Suite struct ReportTests {
  private func report(
    _ workspace: ModelWorkspace, inputs: [String: [String: Any]], upstream: [[String: String]], into folder: String
  ) throws
    -> (ending: TaskWorkspace.Ending, text: String)
  {
    var inputs = inputs
    let template = try TaskFile.read("\(Python.root)/examples/flights/templates/report.md.mustache")
    try workspace.files.write("templates/report.md.mustache", bytes: template)
    inputs["template"] = workspace.files.input("templates/report.md.mustache")
    let ending = try workspace.files.run(
      "report@1", [.init(inputs: inputs, outputs: ["report": "\(folder)/report.md", "images": "\(folder)/images/"])],
      extra: [
        "graph": ["mermaid": "flowchart LR\n  a --> b\n", "dot": "digraph { a -> b }"], "upstream": upstream,
      ])
    return (ending, String(decoding: try workspace.files.bytes("\(folder)/report.md"), as: UTF8.self))
  }

  @Test func everythingIsWovenInTheSameWayTwice() throws {
    let workspace = try ModelWorkspace()
    #expect(try workspace.train().status == 0)
    #expect(try workspace.evaluate().status == 0)
    try workspace.files.write("notes.md", "\nMind the *gap*.\n")
    try workspace.files.write("summary.md", "# Validation: pass\n\nAll is well.\n\n## Checks\n")
    let inputs = [
      "train": workspace.files.input("models/train_metrics.json"), "eval": workspace.files.input("reports/eval_metrics.json"),
      "drift": workspace.files.input("reports/drift_report.md"), "notes": workspace.files.input("notes.md"),
      "summary": workspace.files.input("summary.md"),
    ]
    let upstream = [["task": "eval", "outcome": "succeeded", "verdict": "pass", "message": "a | b"]]
    let (ending, text) = try report(workspace, inputs: inputs, upstream: upstream, into: "one")
    try #require(ending.status == 0, Comment(rawValue: ending.complaint))
    for expected in [
      "verdict is **pass**", "## Notes\n\nMind the *gap*.", "```mermaid\nflowchart LR\n  a --> b\n```",
      "| eval | succeeded | pass | a \\| b |", "All is well.\n\n#### Checks", "| AUC | 0.", "### By group",
      "2 of 4 features differ",
    ] {
      #expect(text.contains(expected), "\(expected)")
    }
    let again = try report(workspace, inputs: inputs, upstream: upstream, into: "two")
    #expect(again.text == text)
    let images = try FolderListing.names(of: workspace.files.path("one/images")).map(\.description)
    for image in images {
      #expect(text.contains("images/\(image.dropLast(4)).svg"), "\(image)")
      #expect(try workspace.files.bytes("one/images/\(image)") == workspace.files.bytes("two/images/\(image)"), "\(image)")
    }
    #expect(images.count + 2 * text.components(separatedBy: "is left out").dropFirst().count == 12)
  }

  @Test func whatIsMissingIsExplained() throws {
    let workspace = try ModelWorkspace()
    let (ending, text) = try report(
      workspace, inputs: [:],
      upstream: [
        ["task": "validate", "outcome": "succeeded", "verdict": "fail", "message": "arr_delay is missing in dt=2013-01-03"],
        ["task": "train", "outcome": "blocked"],
      ], into: "deliverables")
    #expect(ending.status == 0)
    #expect(
      text.contains("- **validate** succeeded, verdict fail: arr\\_delay is missing in dt=2013-01-03\n- **train** blocked\n"))
    #expect(text.contains("There is no model in this run") && !text.contains("## Notes"))
  }

  @Test func aProgramThatIsNotInstalledCostsItsPicturesOnly() throws {
    let files = try TaskWorkspace()
    var plots = PlotWriter(folder: files.folder, gnuplot: "no-such-gnuplot", dot: "no-such-dot")
    try plots.draw(
      [
        .init(name: "graph", title: "The pipeline", content: .graph(dot: "digraph {}")),
        .init(name: "roc", title: "ROC curve", content: .plot(PlotScript(width: 10, height: 10, body: "plot x"))),
      ], threads: 2)
    #expect(plots.pictures.isEmpty)
    #expect(
      plots.omissions == [
        "The pipeline is left out: no-such-dot is not installed (`apt-get install graphviz`).",
        "ROC curve is left out: no-such-gnuplot is not installed (`apt-get install gnuplot-nox`).",
      ])
  }

  @Test func aTemplateThatCannotBeReadIsAConfigurationError() throws {
    let files = try TaskWorkspace()
    try files.write("broken.mustache", "fine\n{{#open}}\n")
    let ending = try files.run(
      "report@1",
      [.init(inputs: ["template": files.input("broken.mustache")], outputs: ["report": "r.md", "images": "images/"])])
    #expect(ending.record["class"] == .text("config"))
    #expect(ending.message.contains("broken.mustache:"), Comment(rawValue: ending.message))
  }
}
