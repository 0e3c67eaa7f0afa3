// `martlet incident`: what waits for a person because it went wrong, and what they decide.

import ArgumentParser
import MartletFiles
import MartletModel

struct IncidentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incident", abstract: "Show failing verdicts and exhausted retries, and decide on verdicts.",
    discussion: """
      An incident is a file, incidents/ID.md. It opens at a run's end and closes by itself once its task succeeds or its inputs or settings \
      change. A verdict can be accepted, which lets exactly that result through, or rejected.
      """,
    subcommands: [
      IncidentListCommand.self, IncidentShowCommand.self, IncidentAcceptCommand.self, IncidentRejectCommand.self,
    ], defaultSubcommand: IncidentListCommand.self)
}

struct IncidentListCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what is open or was decided.",
    discussion: "More than five of one task, class and state are shown as one line; -v lists each.")

  @Flag(name: .shortAndLong, help: "Those that have closed too.")
  var all = false

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let (everything, unreadable) = try IncidentFolder(root: location.root).read()
    let incidents = everything.filter { all || $0.isCurrent }
    for path in unreadable { shared.note("note: \(path) is no ticket of ours and was passed over", host) }
    if shared.json {
      host.output.write(Document.line(schema: "martlet.incidents/1", ["incidents": .list(incidents.map(Document.incident))]))
      return .done
    }
    guard !incidents.isEmpty else {
      shared.note(everything.isEmpty ? "no incident" : "no incident is open; --all shows \(everything.count) that closed", host)
      return .done
    }
    var table = Table([.init("INCIDENT"), .init("STATE"), .init("SINCE"), .init("SAYS")])
    let groups = shared.verbose ? incidents.map { [$0] } : incidents.gathered { $0.likeness }
    for alike in groups {
      let incident = alike[0]
      let since = Timestamp(incident.openedAt).map { TimeText.local($0.seconds) } ?? incident.openedAt
      let name = alike.count > 1 ? alike.map(\.instance).rangeName : incident.id
      let says = alike.count > 1 ? "\(incident.cause.rawValue); the first: \(incident.message)" : incident.message
      table.append([Table.Cell(name), Painter.cell(incident.state.rawValue), Table.Cell(since), Table.Cell(says)])
    }
    host.output.write(table.rendered(shared.outputPainter(host), width: host.output.columns))
    if groups.count < incidents.count { shared.note("-v lists each of the \(incidents.count) incidents", host) }
    return .done
  }
}

struct IncidentShowCommand: HostedCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Print an incident's ticket.")

  @Argument(help: "The incident's id or the beginning of it.")
  var id: String

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let folder = IncidentFolder(root: location.root)
    let incident = try folder.incident(named: id)
    if shared.json {
      host.output.write(Document.line(schema: "martlet.incident/1", ["incident": Document.incident(incident)]))
    } else {
      host.output.write(try folder.text(incident.path) ?? "")
    }
    return .done
  }
}

struct IncidentAcceptCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Let exactly the result behind a failing verdict through.",
    discussion:
      "The next run goes on behind it. With other inputs or settings the task judges anew, and the verdict counts again.")

  @OptionGroup var decision: IncidentDecisionOptions

  func run(on host: Host) throws -> ExitStatus { try decision.run(.accepted, on: host) }
}

struct IncidentRejectCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Refuse the result behind a failing verdict; runs end as rejected while it stands.")

  @OptionGroup var decision: IncidentDecisionOptions

  func run(on host: Host) throws -> ExitStatus { try decision.run(.rejected, on: host) }
}

/// What accept and reject share.
struct IncidentDecisionOptions: ParsableArguments {
  @Argument(help: "The incident's id or the beginning of it.")
  var id: String

  @Option(name: .shortAndLong, help: "Why; goes into the history and the ticket.", transform: Comment.required)
  var message: String

  @Flag(help: "Change what was decided on the same verdict before.")
  var overrule = false

  @OptionGroup var shared: SharedOptions

  func run(_ ruling: VerdictRuling, on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let order = RulingOrder(ruling: ruling, incident: id, comment: message, overrule: overrule)
    switch try WorkspaceSession.openOrAsk(location, .rule(order), parameters: [], shared: shared, host: host) {
    case .answered(let status): return status
    case .opened(let session):
      let reply = try session.rule(order, user: host.user).reply
      reply.tell(shared, host)
      try session.close { shared.note($0, host) }
      return reply.status.flatMap(ExitStatus.init) ?? .bug
    }
  }
}
