// `martlet runbook`: for the person on call, written from the pipeline and its present state.

import ArgumentParser
import MartletFiles
import MartletModel
import MartletPlan

struct RunbookCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "runbook", abstract: "Write a runbook from the pipeline and its present state, as Markdown.",
    discussion: """
      For each task what it needs, how it fails, what is retried and how often, what a person does, and the commands; before that the steps \
      for what is open now: failures, incidents, gates that wait.
      """)

  @Argument(help: "Only this task.")
  var task: String?

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let reader = try WorkspaceReader(location, host: host)
    let pipeline = reader.loaded.pipeline
    if let task, pipeline.task(task) == nil { throw UserError.unknown("task", task, among: pipeline.tasks.map(\.name)) }
    let planner = reader.planner()
    let facts = try reader.survey.facts(for: planner)
    let (incidents, unreadable) = try IncidentFolder(root: location.root).read()
    for path in unreadable { shared.note("note: \(path) is no ticket of ours and was passed over", host) }
    let judgements = try reader.store?.judgements(in: pipeline) ?? []
    let before = reader.survey.history.beforeCurrent.flatMap { before in
      judgements.contains { $0.fails(before) } ? nil : before
    }
    let runbook = Runbook(
      pipeline: pipeline, tasks: pipeline.tasks.filter { task == nil || $0.name == task },
      plan: try reader.told(planner.plan(facts)),
      settlements: try reader.store?.latestSettlements() ?? [],
      incidents: incidents.filter { $0.state == .open || $0.state == .rejected },
      gates: GateDesk(planner: planner, facts: facts, history: reader.survey.history, now: host.wallSeconds()) { _ in nil }
        .views(),
      release: reader.survey.history.current, releaseBefore: before)
    host.output.write(
      shared.json ? Document.line(schema: "martlet.runbook/1", ["markdown": .text(runbook.markdown)]) : runbook.markdown)
    return .done
  }
}
