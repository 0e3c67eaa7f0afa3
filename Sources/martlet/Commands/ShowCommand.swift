// `martlet show [RUN]`: what one run did, task by task, with every attempt that did not succeed.

import ArgumentParser
import MartletModel
import MartletRun

struct ShowCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a run did, with reasons and attempts.")

  @Argument(help: "The run's id or the beginning of it; the newest if left out.")
  var run: String?

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    guard let reader = try location.reader() else { throw UserError.noRunYet }
    let record = try reader.run(named: run)
    let instances = try reader.instances(run: record.id)
    let attempts = try reader.attempts(takenBy: record.id)
    if shared.json {
      host.output.write(
        Document.line(
          schema: "martlet.show/1",
          [
            "run": Document.run(record), "tasks": .list(instances.map(Document.settlement)),
            "attempts": .list(attempts.map(Document.attempt)),
          ]))
      return .done
    }
    let painter = shared.outputPainter(host)
    let width = host.output.columns
    var text = header(record, isHeld: try location.holder() != nil, painter)
    let tasks = taskTable(record.id, instances, attempts).rendered(painter, width: width)
    if !tasks.isEmpty {
      text += "\n" + tasks
    } else if record.result == .succeeded {
      text += "\nnothing had to be done\n"
    }
    let told = shared.verbose ? attempts : troubled(attempts)
    if !told.isEmpty { text += "\n" + attemptTable(told).rendered(painter, width: width) }
    host.output.write(text)
    return .done
  }

  private func header(_ run: RunRecord, isHeld: Bool, _ painter: Painter) -> String {
    var facts = [("started", TimeText.local(run.startedAt))]
    if let endedAt = run.endedAt { facts.append(("took", TimeText.duration(endedAt - run.startedAt))) }
    facts.append(("asked", run.asked))
    if !run.parameters.isEmpty {
      let parameters = ConfigurationValue.map(run.parameters).leaves().map { "\($0.path)=\($0.value.display)" }
      facts.append(("parameters", parameters.joined(separator: " ")))
    }
    let lines = facts.map { name, value in "  \(name)\(String(repeating: " ", count: 10 - name.count))  \(value)\n" }
    return "\(painter.paint("run \(run.id)", .bold)) of \(run.pipeline): \(painter.state(run.resultWord(isHeld: isHeld)))\n"
      + lines.joined()
  }

  private func taskTable(_ run: String, _ instances: [InstanceRecord], _ attempts: [AttemptRecord]) -> Table {
    var table = Table([
      .init("TASK"), .init("STATE"), .init("VERDICT"), .init("TOOK", .right), .init("ATTEMPTS", .right), .init("WHY"),
    ])
    for summary in TaskSummary.group(instances) {
      // Those of an earlier run that it only ended did nothing for it.
      let own = attempts.filter { $0.task == summary.task && ($0.run == run || $0.end?.outcome != .cancelled) }
      let exits = own.compactMap(\.end?.exit)
      let took = exits.isEmpty ? nil : exits.map(\.endedAt).max()! - exits.map(\.startedAt).min()!
      table.append([
        Table.Cell(summary.task), summary.stateCell, Table.Cell(summary.verdict?.rawValue ?? ""),
        Table.Cell(took.map(TimeText.duration) ?? ""), Table.Cell(own.isEmpty ? "" : String(own.count)), Table.Cell(summary.text),
      ])
    }
    return table
  }

  /// Every attempt of an instance that had one that did not succeed: a retry is read beside what it repeats.
  private func troubled(_ attempts: [AttemptRecord]) -> [AttemptRecord] {
    let instances = Set(attempts.filter { $0.end?.outcome != .succeeded }.flatMap(\.instances))
    return attempts.filter { !instances.isDisjoint(with: $0.instances) }
  }

  private func attemptTable(_ attempts: [AttemptRecord]) -> Table {
    var table = Table([
      .init("ATTEMPT"), .init("OF"), .init("NUMBER", .right), .init("OUTCOME"), .init("CLASS"), .init("RULE"),
      .init("TOOK", .right),
      .init("MEMORY", .right), .init("WAITED AFTER", .right), .init("THEN"), .init("MESSAGE"),
    ])
    for attempt in attempts {
      let end = attempt.end
      let wait = end.flatMap { end in end.nextAttemptAt.map { TimeText.duration($0 - end.at) } }
      table.append([
        Table.Cell(attempt.id), Table.Cell([attempt.task, attempt.partitionText].filter { !$0.isEmpty }.joined(separator: " ")),
        Table.Cell(String(attempt.number)), Painter.cell(end?.outcome.rawValue ?? "running"),
        Table.Cell(end?.failureClass?.rawValue ?? ""), Table.Cell(end?.rule ?? ""),
        Table.Cell(attempt.seconds.map(TimeText.duration) ?? ""),
        Table.Cell(end?.exit.map { SizeText.bytes($0.peakMemoryBytes) } ?? ""), Table.Cell(wait ?? ""),
        Table.Cell(end?.followUp ?? ""), Table.Cell(end?.message ?? ""),
      ])
    }
    return table
  }
}
