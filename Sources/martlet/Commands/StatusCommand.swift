// `martlet status`: how every task stands, and what runs now.

import ArgumentParser
import MartletFiles
import MartletModel
import MartletRun
import MartletStore

struct StatusCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how every task stands and what is running.",
    discussion: "Status tells what happened. What would happen next is said by `martlet plan`.")

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let reader = try location.reader()
    let latest = try reader?.latestRun()
    let settled = try reader?.latestSettlements() ?? []
    let history = try HistoryFile(root: location.root).read()
    let decisions = GateDecisions(history, settled: settled)
    let unfinished = try reader?.unfinishedAttempts() ?? []
    let holder = try location.holder()
    let backfills = try reader?.openBackfills().map { try BackfillView($0, reader!, isHeld: holder != nil) } ?? []
    if shared.json {
      host.output.write(
        Document.line(
          schema: "martlet.status/1",
          [
            "run": latest.map(Document.run), "tasks": .list(decisions.documents(settled)),
            "backfills": .list(backfills.map { Document.object($0.members) }),
            "unfinished": .list(unfinished.map { document($0, root: location.root) }),
            "holder": holder.map {
              .map(["pid": .integer(Int($0.process.pid)), "host": .text($0.host), "command": .text($0.command)])
            },
          ]))
      return .done
    }
    guard let latest else {
      shared.note(UserError.noRunYet.description, host)
      return .done
    }
    let painter = shared.outputPainter(host)
    var text =
      "\(painter.paint(latest.pipeline, .bold)): \(painter.state(latest.resultWord(isHeld: holder != nil))), run \(latest.id)"
    text += " of \(TimeText.local(latest.startedAt))\n"
    if let holder { text += "in use by \(holder)\n" }
    for view in backfills {
      let name = "backfill \(view.backfill.id) of \(view.backfill.range)"
      text += "\(painter.state(view.state)): \(name), \(view.text.countsText); martlet backfill show \(view.backfill.id)\n"
    }
    let declared = try PipelineFile(location).pipeline?.tasks
    let checkpoints = Dictionary(grouping: try reader?.checkpoints() ?? [], by: \.instance.task)
    let rulings = VerdictDecisions(history, settled: settled) { instance in
      checkpoints[instance.task]?.first { $0.instance == instance }?.fingerprint
    }
    let tasks = table(TaskSummary.group(settled), declared, checkpoints, decisions, rulings)
      .rendered(painter, width: host.output.columns)
    if !tasks.isEmpty { text += "\n" + tasks }
    if !unfinished.isEmpty {
      text +=
        "\n"
        + unfinished.map {
          line($0, isHeld: holder != nil, painter, now: host.wallSeconds(), root: location.root)
        }.joined()
    }
    host.output.write(text)
    return .done
  }

  /// An attempt without an end runs, or its end has not been taken yet: the next run does that.
  private func line(_ attempt: AttemptRecord, isHeld: Bool, _ painter: Painter, now: Double, root: String) -> String {
    let name = [attempt.task, attempt.partitionText].filter { !$0.isEmpty }.joined(separator: " ")
    guard let identity = attempt.identity, ProcessTable.isAlive(identity) else {
      let word = isHeld ? "running" : "interrupted"
      return
        "\(painter.state(word)): \(name), attempt \(attempt.number)\(isHeld ? "" : "; the next `martlet run` goes on from there")\n"
    }
    let since = TimeText.duration(now - attempt.createdAt)
    let progress = AttemptProgress.read(attempt.id, root: root).map { ": \($0.text)" } ?? ""
    let adopted = isHeld ? "" : "; its engine is gone, the next `martlet run` takes its result"
    return
      "\(painter.state("running")): \(name) for \(since), attempt \(attempt.number), process \(identity.pid)\(progress)\(adopted)\n"
  }

  private func document(_ attempt: AttemptRecord, root: String) -> ConfigurationValue {
    guard case .map(var members) = Document.attempt(attempt) else { preconditionFailure("an attempt is a map") }
    members["progress"] = AttemptProgress.read(attempt.id, root: root)?.document
    return .map(members)
  }

  /// - Parameter declared: the tasks of the pipeline file, in its order; `nil` where it has errors: then whatever ran is shown.
  ///   A task whose runs a lost store has taken with it stands by its checkpoints.
  private func table(
    _ summaries: [TaskSummary], _ declared: [PipelineTask]?, _ checkpoints: [String: [CheckpointSummary]],
    _ decisions: GateDecisions, _ rulings: VerdictDecisions
  ) -> Table {
    var table = Table([.init("TASK"), .init("STATE"), .init("VERDICT"), .init("SINCE"), .init("WHY")])
    let gates = Set((declared ?? []).filter { $0.gate != nil }.map(\.name))
    for task in declared?.map(\.name) ?? summaries.map(\.task) {
      if let decision = decisions[task] {
        let at = Timestamp(decision.at).map { TimeText.local($0.seconds) } ?? decision.at
        table.append([Table.Cell(task), Painter.cell(decision.kind.rawValue), "", Table.Cell(at), Table.Cell(decision.byWhom)])
        continue
      }
      guard let summary = summaries.first(where: { $0.task == task }) else {
        let known = checkpoints[task] ?? []
        let verdict = known.compactMap(\.verdict).first?.rawValue ?? ""
        table.append([
          Table.Cell(task), Painter.cell(known.isEmpty ? gates.contains(task) ? "not decided" : "never run" : "succeeded"),
          Table.Cell(verdict), "",
          Table.Cell(known.last?.message ?? ""),
        ])
        continue
      }
      table.append([
        Table.Cell(task), summary.stateCell,
        Table.Cell([summary.verdict?.rawValue, rulings[task]?.ruling.rawValue].compactMap(\.self).joined(separator: ", ")),
        Table.Cell(TimeText.local(summary.instances.map(\.at).max()!)), Table.Cell(summary.text),
      ])
    }
    return table
  }
}
