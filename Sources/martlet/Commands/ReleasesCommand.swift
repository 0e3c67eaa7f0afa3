// `martlet releases`: every release, how it stands and what is known of it; what was in production at a time; what differs between two.

import ArgumentParser
import MartletFiles
import MartletModel
import MartletPlan

struct ReleasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "releases", abstract: "List the releases, what was in production at a time, or what differs between two.",
    discussion: """
      `martlet releases --at 2026-03-12` answers what was in production on that day: a date means its end in the local time zone, a \
      time without an offset is local, and one with an offset (2026-03-12T15:04:05Z) is taken as it stands.
      """,
    subcommands: [ReleasesListCommand.self, ReleasesDiffCommand.self], defaultSubcommand: ReleasesListCommand.self)
}

struct ReleasesListCommand: HostedCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the releases with their metrics and data.")

  @Option(help: ArgumentHelp("Only what was promoted by then, as it stood: a date or a time.", valueName: "time"))
  var at: String?

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let seconds = try at.map(instant)
    let now = try HistoryFile(root: location.root).read()
    let catalog = try ReleaseCatalog(root: location.root, history: seconds.map(now.asOf) ?? now)
    let judgements = try location.judgements()
    // When a release was made that nobody promoted is not on record.
    let paths = seconds == nil ? catalog.paths : catalog.paths.filter(catalog.history.everPromoted.contains)
    let views = try paths.map { try catalog.view($0, judgements) }
    if shared.json {
      host.output.write(
        Document.line(
          schema: "martlet.releases/1",
          [
            "at": Document.time(seconds), "current": Document.text(catalog.history.current?.string),
            "pinned": .boolean(catalog.history.isPinned), "releases": .list(views.map(Document.release)),
          ]))
      return .done
    }
    if views.isEmpty { shared.note(seconds == nil ? "there is no release yet" : "no release was promoted by then", host) }
    if let seconds, let entry = catalog.history.current.flatMap(catalog.history.promotion) {
      shared.note("in production at \(TimeText.timestamp(seconds)): \(entry.release!.releaseName), since \(entry.at)", host)
    }
    host.output.write(table(views).rendered(shared.outputPainter(host), width: host.output.columns))
    for view in views { note(view, host) }
    return .done
  }

  private func instant(_ text: String) throws -> Double {
    guard let seconds = TimeText.instant(text) else {
      throw UserError("\(text) is no date and no time", hint: "2026-03-12 means the end of that day; 2026-03-12T15:04 is a time")
    }
    return seconds
  }

  private func note(_ view: ReleaseView, _ host: Host) {
    for fault in view.faults { shared.note("damaged: \(view.path)\(fault)", host) }
  }

  private func table(_ views: [ReleaseView]) -> Table {
    var table = Table([
      .init("RELEASE"), .init("STATE"), .init("SINCE"), .init("BY"), .init("METRICS"), .init("DATA"), .init("WHY"),
    ])
    for view in views {
      let state = [view.state.words, view.isPinned ? "pinned" : "", view.faults.isEmpty ? "" : "damaged"].filter { !$0.isEmpty }
      let style: Painter.Style? = view.faults.isEmpty ? (view.state == .current ? .green : nil) : .red
      table.append([
        Table.Cell(view.path.releaseName), Table.Cell(state.joined(separator: ", "), style), Table.Cell(view.since),
        Table.Cell(view.promotion?.by ?? ""), Table.Cell(view.metricsText), Table.Cell(view.dataText),
        Table.Cell(view.promotion?.comment ?? ""),
      ])
    }
    return table
  }
}

extension ReleaseView {
  /// When it became current the last time, in local time.
  fileprivate var since: String {
    promotion.flatMap { Timestamp($0.at) }.map { TimeText.local($0.seconds) } ?? ""
  }

  /// `validation auc 0.6037, eval auc 0.5816`
  fileprivate var metricsText: String {
    guard let record else { return "" }
    let known = ConfigurationValue.map(record.figures ?? [:]).leaves() + (record.manifest["metrics"] ?? .null).leaves()
    let numbers = known.reversed().compactMap { leaf -> String? in
      guard case .number(let value) = leaf.value else { return nil }
      return "\(leaf.path.replacing(".", with: " ")) \(NumberText.rounded(value))"
    }
    return numbers.joined(separator: ", ")
  }

  /// `12 partitions, 2013-01-01..2013-01-12`
  fileprivate var dataText: String {
    guard case .map(let artifacts)? = record?.manifest["data"] else { return "" }
    var partitions: Set<String> = []
    for artifact in artifacts.values {
      if case .map(let digests)? = artifact["partitions"] { partitions.formUnion(digests.keys) }
    }
    guard let first = partitions.min(), let last = partitions.max() else { return "" }
    return "\(partitions.count) partition\(partitions.count == 1 ? ", \(first)" : "s, \(first)..\(last)")"
  }
}

extension Document {
  fileprivate static func release(_ view: ReleaseView) -> ConfigurationValue {
    object([
      "release": .text(view.path.string), "hash": .text(view.path.releaseName), "state": .text(view.state.rawValue),
      "pinned": .boolean(view.isPinned), "damage": view.faults.isEmpty ? nil : .list(view.faults.map { .text($0) }),
      "promoted": view.promotion.map { entry in
        object(["kind": .text(entry.kind.rawValue), "at": .text(entry.at), "by": .text(entry.by), "comment": text(entry.comment)])
      }, "metrics": view.record?.manifest["metrics"], "figures": view.record?.figures.map { .map($0) },
      "parameters": view.record?.manifest["parameters"], "data": view.record?.manifest["data"],
    ])
  }
}
