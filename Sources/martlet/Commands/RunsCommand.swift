// `martlet runs`: the newest runs, one a line.

import ArgumentParser
import MartletModel
import MartletRun

struct RunsCommand: HostedCommand {
  static let configuration = CommandConfiguration(commandName: "runs", abstract: "List the runs, newest first.")

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many.", valueName: "count"))
  var limit = 20

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
  }

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let runs = try location.reader()?.runs(limit: limit) ?? []
    let isHeld = try location.holder() != nil
    if shared.json {
      host.output.write(Document.line(schema: "martlet.runs/1", ["runs": .list(runs.map(Document.run))]))
    } else if runs.isEmpty {
      shared.note(UserError.noRunYet.description, host)
    } else {
      host.output.write(table(runs, isHeld: isHeld).rendered(shared.outputPainter(host), width: host.output.columns))
    }
    return .done
  }

  private func table(_ runs: [RunRecord], isHeld: Bool) -> Table {
    var table = Table([
      .init("RUN"), .init("STARTED"), .init("RESULT"), .init("TOOK", .right), .init("RAN", .right), .init("REUSED", .right),
      .init("FAILED", .right), .init("BLOCKED", .right), .init("WAITING", .right), .init("ASKED"),
    ])
    for run in runs {
      let counts = run.counts
      func number(_ value: Int?) -> Table.Cell { Table.Cell(value.map { $0 == 0 ? "" : String($0) } ?? "") }
      table.append([
        Table.Cell(run.id), Table.Cell(TimeText.local(run.startedAt)), Painter.cell(run.resultWord(isHeld: isHeld)),
        Table.Cell(run.endedAt.map { TimeText.duration($0 - run.startedAt) } ?? ""), number(counts?.ran), number(counts?.reused),
        number(counts?.failed), number(counts?.blocked), number(counts?.waiting),
        Table.Cell(run.command == "run" ? run.arguments.joined(separator: " ") : run.command),
      ])
    }
    return table
  }
}

extension RunRecord {
  /// The result as a word. A run without one goes on as long as somebody holds the workspace; otherwise its engine was killed.
  func resultWord(isHeld: Bool) -> String {
    result?.rawValue ?? (isHeld ? "running" : "interrupted")
  }

  /// What was typed.
  var asked: String {
    command == "run" ? (["martlet run"] + arguments).joined(separator: " ") : "martlet \(command)"
  }
}
