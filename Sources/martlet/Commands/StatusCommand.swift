// `martlet status`: how every task stands, and what runs now.

import ArgumentParser
import MartletModel
import MartletRun

struct StatusCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how every task stands and what is running.",
    discussion: "Status tells what happened. What would happen next is said by `martlet plan`.")

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let reader = try WorkspaceLocation.find(shared, host).reader()
    let latest = try reader?.latestRun()
    let settled = try reader?.latestSettlements() ?? []
    let running = try reader?.unfinishedAttempts() ?? []
    if shared.json {
      host.output.write(
        Document.line(
          schema: "martlet.status/1",
          [
            "run": latest.map(Document.run), "tasks": .list(settled.map(Document.settlement)),
            "running": .list(running.map(Document.attempt)),
          ]))
      return .done
    }
    guard let latest else {
      shared.note(UserError.noRunYet.description, host)
      return .done
    }
    let painter = shared.outputPainter(host)
    var text = "\(painter.paint(latest.pipeline, .bold)): \(painter.state(latest.resultWord)), run \(latest.id)"
    text += " of \(TimeText.local(latest.startedAt))\n"
    let tasks = table(settled).rendered(painter, width: host.output.columns)
    if !tasks.isEmpty { text += "\n" + tasks }
    for attempt in running {
      let name = [attempt.task, attempt.partitionText].filter { !$0.isEmpty }.joined(separator: " ")
      let duration = TimeText.duration(host.wallSeconds() - attempt.createdAt)
      text += "\n\(painter.state("running")): \(name) since \(duration), attempt \(attempt.number)"
      text += attempt.identity.map { ", process \($0.pid)" } ?? ""
    }
    host.output.write(running.isEmpty ? text : text + "\n")
    return .done
  }

  private func table(_ settled: [InstanceRecord]) -> Table {
    var table = Table([.init("TASK"), .init("STATE"), .init("VERDICT"), .init("SINCE"), .init("WHY")])
    for summary in TaskSummary.group(settled) {
      table.append([
        Table.Cell(summary.task), summary.stateCell, Table.Cell(summary.verdict?.rawValue ?? ""),
        Table.Cell(TimeText.local(summary.instances.map(\.at).max()!)), Table.Cell(summary.text),
      ])
    }
    return table
  }
}
