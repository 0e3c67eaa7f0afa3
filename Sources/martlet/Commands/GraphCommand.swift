// `martlet graph`: the pipeline's graph as text, Mermaid, DOT or SVG.

import ArgumentParser
import MartletFiles
import MartletModel
import MartletPlan

struct GraphCommand: HostedCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case mermaid
    case dot
    case svg
  }

  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Draw the pipeline's graph.",
    discussion: """
      Text and --json say how the tasks stand after the last runs, and why. In the drawings solid edges carry data, dashed ones only \
      order; SVG is drawn by Graphviz.
      """)

  @Option(help: ArgumentHelp("text, mermaid, dot or svg.", valueName: "format"))
  var format: Format = .text

  @Flag(help: "Colour the tasks of a drawing by how they stand after the last runs.")
  var states = false

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let pipeline = try PipelineFile(location).checked()
    // Text is for the terminal: there the states are what one looks for.
    let settled = states || format == .text ? try location.reader()?.latestSettlements() ?? [] : []
    let known = settled.filter { pipeline.task($0.instance.task) != nil }
    let summaries = Dictionary(uniqueKeysWithValues: TaskSummary.group(known).map { ($0.task, $0) })
    let text = GraphText(pipeline: pipeline, states: summaries.mapValues(\.word))
    if shared.json {
      host.output.write(
        Document.line(schema: "martlet.graph/1", ["tasks": .list(pipeline.tasks.map { task($0, summaries[$0.name]) })]))
      return .done
    }
    switch format {
    case .mermaid: host.output.write(text.mermaid)
    case .dot: host.output.write(text.dot)
    case .svg: host.output.write(try svg(text.dot))
    case .text: host.output.write(table(pipeline, summaries).rendered(shared.outputPainter(host), width: host.output.columns))
    }
    return .done
  }

  private func svg(_ dot: String) throws -> String {
    do {
      let output = try HelperProgram.run(["dot", "-Tsvg"], input: Array(dot.utf8))
      guard output.status == 0 else {
        throw UserError(
          "Graphviz could not draw the graph", facts: [("said", String(decoding: output.standardError, as: UTF8.self))])
      }
      return String(decoding: output.standardOutput, as: UTF8.self)
    } catch is HelperProgram.Failure {
      throw UserError("Graphviz is not installed", facts: [("looked for", "dot on the PATH")], hint: "apt install graphviz")
    }
  }

  private func table(_ pipeline: Pipeline, _ summaries: [String: TaskSummary]) -> Table {
    var table = Table([
      .init("TASK"), .init("DOES"), .init("STATE"), .init("WHY"), .init("AFTER"), .init("READS"), .init("WRITES"),
    ])
    for task in pipeline.tasks {
      table.append([
        Table.Cell(task.each.map { "\(task.name) × \($0)" } ?? task.name), Table.Cell(task.kindText),
        summaries[task.name]?.stateCell ?? "", Table.Cell(summaries[task.name]?.text ?? ""),
        Table.Cell(InstanceGraph.upstreamTasks(of: task).joined(separator: " ")),
        Table.Cell(task.sourcePaths.joined(separator: " ")),
        Table.Cell((task.outputs + task.gathered).map(\.path.source).joined(separator: " ")),
      ])
    }
    return table
  }

  private func task(_ task: PipelineTask, _ summary: TaskSummary?) -> ConfigurationValue {
    func texts(_ values: [String]) -> ConfigurationValue { .list(values.map { .text($0) }) }
    return Document.object([
      "task": .text(task.name), "does": .text(task.kindText), "each": Document.text(task.each),
      "state": Document.text(summary?.word), "why": Document.text(summary?.text),
      "after": texts(InstanceGraph.upstreamTasks(of: task)), "reads": texts(task.sourcePaths),
      "writes": texts((task.outputs + task.gathered).map(\.path.source)),
    ])
  }
}

extension PipelineTask {
  /// `ingest@1`, `command` or `gate`.
  var kindText: String {
    switch action {
    case .builtin(let reference): reference.description
    case .command: "command"
    case .gate: "gate"
    }
  }

  /// The sources among its inputs, as written.
  var sourcePaths: [String] {
    inputs.compactMap { input in
      guard case .source(let template) = input.origin else { return nil }
      return template.source
    }
  }
}
