// `martlet quarantine`: rows that were set aside: which, why, and whether they come back after a mend.

import ArgumentParser
import MartletModel
import MartletPlan

struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine", abstract: "Look at rows that were set aside, and bring them back after a mend.",
    discussion: "Rows that ingest could not read (rejects) and rows that clean set aside, each with its source and its reason.",
    subcommands: [QuarantineListCommand.self, QuarantineShowCommand.self, QuarantineReplayCommand.self])
}

/// The option that all three share.
struct QuarantineRange: ParsableArguments {
  @Option(
    name: [.customShort("p"), .long],
    help: ArgumentHelp("Only these partitions: dt=2013-01-31 or dt=2013-01-01..2013-01-31.", valueName: "range"))
  var partition: String?

  var order: RunOrder { RunOrder(partition: partition) }
}

extension LoadedPipeline {
  /// The values of the partitions that a request is about; `nil` for all.
  fileprivate func values(of order: RunOrder, _ note: (String) -> Void = { _ in }) throws -> [String]? {
    guard let range = try order.selection(pipeline).range else { return nil }
    let found = try partitions(in: range)
    if let text = found.note { note("note: \(text)") }
    return found.known.map(\.value)
  }
}

struct QuarantineListCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List how many rows are set aside, by partition and reason code.")

  @OptionGroup var range: QuarantineRange
  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let reader = try WorkspaceReader(try WorkspaceLocation.find(shared, host), host: host)
    let partitions = try reader.loaded.values(of: range.order) { shared.note($0, host) }
    let desk = SetAsideDesk(reader, host: host, plan: try reader.plan())
    let places = try desk.places()
    let counts = try desk.counts(partitions)
    if shared.json {
      let groups = counts.map { count in
        Document.object([
          "task": Document.text(places[count.path]?.task), "partition": Document.text(count.partition), "code": .text(count.code),
          "column": Document.text(count.column), "rows": .integer(count.rows), "path": .text(count.path),
          "attempt": Document.text(places[count.path]?.attempt),
        ])
      }
      host.output.write(Document.line(schema: "martlet.quarantine/1", ["groups": .list(groups)]))
      return .done
    }
    guard !counts.isEmpty else {
      shared.note("no row is set aside", host)
      return .done
    }
    var table = Table([.init("PARTITION"), .init("TASK"), .init("CODE"), .init("COLUMN"), .init("ROWS", .right), .init("IN")])
    let sorted = counts.enumerated().sorted { ($0.element.partition ?? "", $0.offset) < ($1.element.partition ?? "", $1.offset) }
    for count in sorted.map(\.element) {
      table.append([
        Table.Cell(count.partition ?? ""), Table.Cell(places[count.path]?.task ?? ""), Table.Cell(count.code),
        Table.Cell(count.column ?? ""), Table.Cell(NumberText.grouped(count.rows)), Table.Cell(count.path),
      ])
    }
    host.output.write(table.rendered(shared.outputPainter(host), width: host.output.columns))
    if let attempt = places.values.first(where: { $0.attempt != nil })?.attempt {
      shared.note("clean failed on these rows; what it set aside is not published and lies with attempt \(attempt)", host)
    }
    return .done
  }
}

struct QuarantineShowCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the rows that are set aside, with source file, line and reason.",
    discussion: """
      A line is left out where the source file has another number of rows now than when it was read. --json gives every row whole.
      """)

  @OptionGroup var range: QuarantineRange

  @Option(help: ArgumentHelp("Only rows with this reason code.", valueName: "code"))
  var code: String?

  @Option(help: ArgumentHelp("At most so many rows.", valueName: "count"))
  var limit: Int = 100

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let reader = try WorkspaceReader(try WorkspaceLocation.find(shared, host), host: host)
    let partitions = try reader.loaded.values(of: range.order) { shared.note($0, host) }
    let desk = SetAsideDesk(reader, host: host, plan: try reader.plan())
    let places = try desk.places()
    let rows = try desk.rows(partitions).filter { code == nil || $0.code == code }
    let shown = rows.prefix(max(0, limit))
    if shared.json {
      let entries = shown.map { Document.setAside($0, task: places[$0.path]?.task) }
      host.output.write(
        Document.line(schema: "martlet.setaside/1", ["rows": .list(entries), "total": .integer(rows.count)]))
      return .done
    }
    guard !rows.isEmpty else {
      shared.note("no row is set aside" + (code.map { " with the code \($0)" } ?? ""), host)
      return .done
    }
    var table = Table([.init("SOURCE"), .init("TASK"), .init("CODE"), .init("COLUMN"), .init("WHY"), .init("ROW")])
    for row in shown {
      table.append([
        Table.Cell(Replay.Row(rows: [row]).place), Table.Cell(places[row.path]?.task ?? ""), Table.Cell(row.code),
        Table.Cell(row.column ?? ""), Table.Cell(row.reason == row.code ? "" : row.reason ?? ""),
        Table.Cell(row.row.map(QuarantineShowCommand.text) ?? row.value ?? ""),
      ])
    }
    host.output.write(table.rendered(shared.outputPainter(host), width: host.output.columns))
    if shown.count < rows.count {
      shared.note("\(NumberText.grouped(rows.count - shown.count)) more: --limit \(rows.count) shows all", host)
    }
    return .done
  }

  /// `carrier=EV dest=CHS`, without what is null.
  private static func text(_ row: ConfigurationValue) -> String {
    row.leaves().filter { $0.value != .null }.map { "\($0.path)=\($0.value.display)" }.joined(separator: " ")
  }
}

struct QuarantineReplayCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "After a mend, run ingest and clean for the rows' partitions and say which rows came back.",
    discussion: """
      Mend the rule in config/schema.yaml or the data first. Without a range it goes over every partition with rows set aside. Where \
      nothing changed, nothing runs, and it says so.
      """)

  @OptionGroup var chosen: QuarantineRange

  @Option(name: .shortAndLong, help: ArgumentHelp("At most so many attempts at once.", valueName: "count"))
  var jobs: Int?

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let reader = try WorkspaceReader(location, host: host)
    let desk = SetAsideDesk(reader, host: host, plan: nil)
    var order = RunOrder(tasks: desk.tasks, partition: chosen.partition, jobs: jobs)
    let before = try desk.rows(reader.loaded.values(of: order) { shared.note($0, host) })
    guard !before.isEmpty else {
      return tell(Replay(before: [], after: []), ran: false, .done, "no row is set aside: there is nothing to bring back", host)
    }
    order.partition = chosen.partition ?? range(of: before, reader.loaded)
    let plan = try reader.plan(order.selection(reader.loaded.pipeline))
    if let blocked = plan.entries.first(where: { $0.action == .blocked }), plan.isSettled {
      let why = "\(blocked.instance): \(blocked.reasons.map(\.text).joined(separator: "; "))"
      return tell(Replay(before: before, after: before), ran: false, .failed, "\(why): \(nothingToRun(before))", host)
    }
    let status = plan.isSettled ? ExitStatus.done : try perform(order, location, host)
    let now = plan.isSettled ? reader : try WorkspaceReader(location, host: host)
    let after = try SetAsideDesk(now, host: host, plan: now.plan()).rows(reader.loaded.values(of: order))
    let sentence = before == after && plan.isSettled ? "rule and data are unchanged: \(nothingToRun(before))" : nil
    return tell(Replay(before: before, after: after), ran: !plan.isSettled, status, sentence, host)
  }

  private func nothingToRun(_ rows: [SetAsideRow]) -> String {
    "nothing to run, \(NumberText.counted(rows.count, "row")) stay\(rows.count == 1 ? "s" : "") set aside"
  }

  /// From the first to the last partition that has a row set aside; `nil` for data without partitions.
  private func range(of rows: [SetAsideRow], _ loaded: LoadedPipeline) -> String? {
    let values = Set(rows.compactMap(\.partition))
    let wanted = loaded.partitions.sorted { $0.key < $1.key }.flatMap(\.value).filter { values.contains($0.value) }
    guard let first = wanted.first, let last = wanted.last else { return nil }
    return "\(first)..\(last.value)"
  }

  /// A run like any other, which whoever holds the workspace does where somebody does. Its own document is not this command's.
  private func perform(_ order: RunOrder, _ location: WorkspaceLocation, _ host: Host) throws -> ExitStatus {
    var quiet = shared
    quiet.json = false
    switch try WorkspaceSession.openOrAsk(location, .run(order), parameters: [], shared: quiet, host: host) {
    case .answered(let status): return status
    case .opened(let session):
      let holder = try WorkspaceHolder(session)
      let result = try holder.finishing {
        try holder.run(
          order,
          RunOutput(
            say: { $0.tell(quiet, host) },
            makeReporter: { pipeline in
              RunReporter(
                host: host, shared: shared, progress: .auto, heartbeatSeconds: 60, root: location.root, pipeline: pipeline)
            }))
      }
      return ExitStatus(result, signal: host.lastInterrupt())
    }
  }

  private func tell(_ replay: Replay, ran: Bool, _ status: ExitStatus, _ sentence: String?, _ host: Host) -> ExitStatus {
    if shared.json {
      host.output.write(Document.replay(replay, ran: ran))
      return status
    }
    if let sentence {
      shared.note(sentence, host)
      return status
    }
    let parts = [
      section("came back", replay.cameBack.map { "\($0.place)  was \($0.reasons)" }),
      section(
        "still set aside",
        replay.stillSetAside.map { before, now in
          "\(now.place)  \(before.reasons == now.reasons ? now.reasons : "\(before.reasons) -> \(now.reasons)")"
        }), section("newly set aside", replay.newlySetAside.map { "\($0.place)  \($0.reasons)" }),
    ]
    host.output.write(parts.joined())
    return status
  }

  private static let shownRows = 20

  private func section(_ title: String, _ lines: [String]) -> String {
    guard !lines.isEmpty else { return title == "newly set aside" ? "" : "0 rows \(title)\n" }
    let shown = shared.verbose ? lines[...] : lines.prefix(QuarantineReplayCommand.shownRows)
    let rest = lines.count - shown.count
    return "\(NumberText.counted(lines.count, "row")) \(title)\n" + shown.map { "  \($0)\n" }.joined()
      + (rest > 0 ? "  … and \(NumberText.grouped(rest)) more: -v lists all\n" : "")
  }
}

extension Document {
  static func setAside(_ row: SetAsideRow, task: String?) -> ConfigurationValue {
    object([
      "task": text(task), "partition": text(row.partition), "file": text(row.file), "line": row.line.map { .integer($0) },
      "number": row.number.map { .integer($0) }, "code": .text(row.code), "reason": text(row.reason), "column": text(row.column),
      "value": text(row.value), "row": row.row, "path": .text(row.path),
    ])
  }

  static func replay(_ replay: Replay, ran: Bool) -> String {
    func rows(_ rows: [Replay.Row]) -> ConfigurationValue {
      .list(
        rows.map { row in
          object([
            "file": text(row.first.file), "line": row.first.line.map { .integer($0) }, "partition": text(row.first.partition),
            "number": row.first.number.map { .integer($0) }, "reasons": .list(row.rows.map { .text($0.code) }),
          ])
        })
    }
    return line(
      schema: "martlet.replay/1",
      [
        "ran": .boolean(ran), "back": rows(replay.cameBack), "still": rows(replay.stillSetAside.map(\.now)),
        "new": rows(replay.newlySetAside),
      ])
  }
}
