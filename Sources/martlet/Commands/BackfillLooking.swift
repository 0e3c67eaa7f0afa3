// `martlet backfill list` and `show`: how backfills stand, while they go on too.

import ArgumentParser
import MartletModel
import MartletStore

struct BackfillListCommand: HostedCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the backfills, newest first.")

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many.", valueName: "count"))
  var limit = 20

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
  }

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let isHeld = try location.holder() != nil
    let reader = try location.reader()
    let views = try reader?.backfills(limit: limit).map { try BackfillView($0, reader!, isHeld: isHeld) } ?? []
    if shared.json {
      host.output.write(
        Document.line(schema: "martlet.backfills/1", ["backfills": .list(views.map { Document.object($0.members) })]))
    } else if views.isEmpty {
      shared.note("there is no backfill yet: martlet backfill dt=2013-01-01..2013-01-31", host)
    } else {
      host.output.write(table(views).rendered(shared.outputPainter(host), width: host.output.columns))
    }
    return .done
  }

  private func table(_ views: [BackfillView]) -> Table {
    var table = Table([
      .init("BACKFILL"), .init("ASKED"), .init("STATE"), .init("RANGE"), .init("DONE", .right), .init("FAILED", .right),
      .init("BLOCKED", .right), .init("BY"), .init("WHY"),
    ])
    for view in views {
      let (failed, blocked) = (view.text.count(.failed), view.text.count(.blocked))
      table.append([
        Table.Cell(view.backfill.id), Table.Cell(TimeText.local(view.backfill.createdAt)), Painter.cell(view.state),
        Table.Cell(view.backfill.range.description), Table.Cell("\(view.text.done) of \(view.text.total)"),
        Table.Cell(failed == 0 ? "" : String(failed)), Table.Cell(blocked == 0 ? "" : String(blocked)),
        Table.Cell(view.backfill.by),
        Table.Cell(view.backfill.comment ?? ""),
      ])
    }
    return table
  }
}

struct BackfillShowCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show how far a backfill is, what failed in it and why.",
    discussion: "Partitions that stand alike are shown as ranges; -v shows those that are done too.")

  @Argument(help: "The backfill's id or the beginning of it; the newest if left out.")
  var backfill: String?

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    guard let reader = try location.reader(), let newest = try reader.backfills(limit: 1).first else {
      throw UserError("there is no backfill yet", hint: "martlet backfill dt=2013-01-01..2013-01-31 makes one")
    }
    let chosen = try backfill.map { try reader.backfill(named: $0) } ?? newest
    let view = try BackfillView(chosen, reader, isHeld: try location.holder() != nil)
    let items = try reader.items(ofBackfill: chosen.id)
    if shared.json {
      let members = view.members.merging(["items": .list(items.map(Document.item))]) { $1 }
      host.output.write(Document.line(schema: "martlet.backfill/1", members))
      return .done
    }
    let painter = shared.outputPainter(host)
    var text = header(view, painter)
    let table = itemTable(items).rendered(painter, width: host.output.columns)
    if !table.isEmpty { text += "\n" + table }
    for line in next(view) { text += "\n\(line)" }
    host.output.write(text + (next(view).isEmpty ? "" : "\n"))
    return .done
  }

  private func header(_ view: BackfillView, _ painter: Painter) -> String {
    let backfill = view.backfill
    var facts = [
      ("asked", "\(view.text.asked), by \(backfill.by) at \(TimeText.local(backfill.createdAt))"),
      ("stands", view.text.countsText),
    ]
    if let comment = backfill.comment { facts.append(("why", comment)) }
    if let note = backfill.note { facts.append(("note", note)) }
    if !view.runs.isEmpty { facts.append(("runs", view.runs.joined(separator: " "))) }
    let lines = facts.map { name, value in "  \(name)\(String(repeating: " ", count: 8 - name.count))\(value)\n" }
    return "\(painter.paint("backfill \(backfill.id)", .bold)) of \(backfill.pipeline): \(painter.state(view.state))\n"
      + lines.joined()
  }

  private func itemTable(_ items: [BackfillItem]) -> Table {
    var table = Table([.init("STATE"), .init("TASK"), .init("CLASS"), .init("MESSAGE")])
    for group in BackfillGroup.groups(items) where shared.verbose || !group.like.state.isDone {
      table.append([
        Painter.cell(group.like.state.rawValue), Table.Cell(group.instances.rangeName),
        Table.Cell(group.like.failureClass?.rawValue ?? ""), Table.Cell(group.like.message ?? ""),
      ])
    }
    return table
  }

  private func next(_ view: BackfillView) -> [String] {
    switch view.state {
    case "paused", "interrupted": ["martlet backfill resume \(view.backfill.id)    goes on with what is left"]
    case "running", "pausing", "cancelled": []
    default: view.text.nextCommands.filter { $0.hasPrefix("martlet backfill retry") }
    }
  }
}

/// Neighbouring partitions of one task that stand alike.
private struct BackfillGroup {
  let like: BackfillItem
  var instances: [TaskInstance]

  static func groups(_ items: [BackfillItem]) -> [BackfillGroup] {
    var groups: [BackfillGroup] = []
    for item in items {
      if let last = groups.last?.like, last.instance.task == item.instance.task, last.state == item.state,
        last.failureClass == item.failureClass, last.message == item.message
      {
        groups[groups.count - 1].instances.append(item.instance)
      } else {
        groups.append(BackfillGroup(like: item, instances: [item.instance]))
      }
    }
    return groups
  }
}
