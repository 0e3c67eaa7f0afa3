// `martlet graph`: the pipeline's graph as text, Mermaid, DOT or SVG.

import ArgumentParser
import MartletFiles
import MartletModel
import MartletPlan
import MartletRun

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
      order; SVG is drawn by Graphviz. A gate stands as it was decided since the last run; a task that ran and judged `warn` or `fail` is \
      marked so, or as `accepted` or `rejected` by a person.
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
    let reader = states || format == .text ? try location.reader() : nil
    let settled = try reader?.latestSettlements() ?? []
    let history = states || format == .text ? try HistoryFile(root: location.root).read() : History()
    let rulings = try VerdictDecisions(history, settled: settled) { try reader?.checkpoint($0)?.fingerprint }
    let stands = TaskState.states(of: pipeline, settled, GateDecisions(history, settled: settled), rulings)
    let text = GraphText(pipeline: pipeline, states: stands.mapValues(\.drawn))
    if shared.json {
      host.output.write(
        Document.line(schema: "martlet.graph/1", ["tasks": .list(pipeline.tasks.map { task($0, stands[$0.name]) })]))
      return .done
    }
    switch format {
    case .mermaid: host.output.write(text.mermaid)
    case .dot: host.output.write(text.dot)
    case .svg: host.output.write(try svg(text.dot))
    case .text: host.output.write(table(pipeline, stands).rendered(shared.outputPainter(host), width: host.output.columns))
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

  private func table(_ pipeline: Pipeline, _ stands: [String: TaskState]) -> Table {
    var table = Table([
      .init("TASK"), .init("DOES"), .init("STATE"), .init("WHY"), .init("AFTER"), .init("READS"), .init("WRITES"),
    ])
    for task in pipeline.tasks {
      table.append([
        Table.Cell(task.each.map { "\(task.name) × \($0)" } ?? task.name), Table.Cell(task.kindText),
        stands[task.name]?.cell ?? "", Table.Cell(stands[task.name]?.why ?? ""),
        Table.Cell(InstanceGraph.upstreamTasks(of: task).joined(separator: " ")),
        Table.Cell(task.sourcePaths.joined(separator: " ")),
        Table.Cell((task.outputs + task.gathered).map(\.path.source).joined(separator: " ")),
      ])
    }
    return table
  }

  private func task(_ task: PipelineTask, _ state: TaskState?) -> ConfigurationValue {
    func texts(_ values: [String]) -> ConfigurationValue { .list(values.map { .text($0) }) }
    return Document.object([
      "task": .text(task.name), "does": .text(task.kindText), "each": Document.text(task.each),
      "state": Document.text(state?.word), "verdict": Document.text(state?.verdict?.rawValue),
      "ruling": Document.text(state?.ruling?.rawValue), "why": Document.text(state?.why),
      "after": texts(InstanceGraph.upstreamTasks(of: task)), "reads": texts(task.sourcePaths),
      "writes": texts((task.outputs + task.gathered).map(\.path.source)),
    ])
  }
}

/// How a task stands: as the last runs left it, or as a person decided on its gate since.
private struct TaskState {
  let word: String
  /// The word in a drawing, which has no room for a verdict beside it.
  let drawn: String
  let cell: Table.Cell
  let why: String
  let verdict: Verdict?
  /// What a person said of a failing verdict.
  let ruling: VerdictRuling?

  /// By the task's name; tasks of which nothing is known are left out.
  static func states(
    of pipeline: Pipeline, _ settled: [InstanceRecord], _ decisions: GateDecisions, _ rulings: VerdictDecisions
  ) -> [String: TaskState] {
    let summaries = Dictionary(uniqueKeysWithValues: TaskSummary.group(settled).map { ($0.task, $0) })
    return Dictionary(
      uniqueKeysWithValues: pipeline.tasks.compactMap { task in
        let state = decisions[task.name].map(TaskState.init) ?? summaries[task.name].map { TaskState($0, rulings[task.name]) }
        return state.map { (task.name, $0) }
      })
  }

  private init(_ decision: HistoryEntry) {
    word = decision.kind.rawValue
    drawn = word
    cell = Painter.cell(word)
    why = decision.byWhom
    verdict = nil
    ruling = nil
  }

  private init(_ summary: TaskSummary, _ decision: (ruling: VerdictRuling, entry: HistoryEntry)?) {
    word = summary.word
    verdict = summary.verdict
    let judged = ["succeeded", "reused"].contains(word) && verdict != .pass ? verdict : nil
    let ruled = judged == .fail ? decision : nil
    ruling = ruled?.ruling
    why = ([summary.text] + (ruled.map { ["\($0.ruling.rawValue) \($0.entry.byWhom)"] } ?? [])).joined(separator: "; ")
    let sign = ruling?.rawValue ?? judged?.rawValue
    drawn = sign ?? word
    let said = [judged.map { "verdict \($0.rawValue)" }, ruling?.rawValue].compactMap(\.self)
    cell = sign.map { Painter.cell($0, text: ([summary.countsText] + said).joined(separator: ", ")) } ?? summary.stateCell
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
