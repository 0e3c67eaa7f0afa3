// `martlet gates`, `approve` and `reject`: where a person decides.

import ArgumentParser
import MartletModel
import MartletPlan

struct GatesCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "gates", abstract: "Show every gate, what it waits for and what to look at before deciding.")

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let reader = try WorkspaceReader(try WorkspaceLocation.find(shared, host), host: host)
    let planner = reader.planner()
    let desk = GateDesk(
      planner: planner, facts: try reader.survey.facts(for: planner), history: reader.survey.history, now: host.wallSeconds()
    ) {
      // Without a store nobody knows.
      (try? reader.store?.requester(of: $0)) ?? nil
    }
    let views = desk.views()
    if shared.json {
      host.output.write(Document.line(schema: "martlet.gates/1", ["gates": .list(views.map(Document.gate))]))
      return .done
    }
    if views.isEmpty { shared.note("the pipeline has no gate", host) }
    for view in views { host.output.write(text(view, shared.outputPainter(host))) }
    return .done
  }

  private func text(_ view: GateView, _ painter: Painter) -> String {
    var lines = ["\(painter.state(view.state.rawValue)) \(painter.paint(view.gate, .bold))"]
    if let decision = view.decision {
      let comment = decision.comment.map { ": \($0)" } ?? ""
      lines.append("  \(decision.kind.rawValue) by \(decision.by) at \(decision.at)\(comment)")
      if view.hasLapsed { lines.append("  lapsed    the release was rolled back: only a new approval promotes it") }
    }
    if view.state == .stale || view.state == .blocked {
      lines.append("  because   \(view.reasons.map(\.text).joined(separator: "; "))")
    }
    for path in view.showPaths { lines.append("  look at   \(path)") }
    if let subject = view.subject { lines.append("  promotes  \(subject)") }
    if view.excludesRequester {
      lines.append("  not by    \(view.requester ?? "who started the run that made it, whom nobody knows any more")")
    }
    if let end = view.expiresAt, let expiry = view.expiry {
      lines.append(
        view.hasExpired
          ? "  expired   \(TimeText.local(end)): the next command that changes something, such as `martlet run`, has it \(expiry.result.rawValue)"
          : "  until     \(TimeText.local(end)), then it is \(expiry.result.rawValue)")
    }
    if view.state == .waiting, !view.hasExpired {
      lines.append("  decide    martlet approve \(view.gate)    or: martlet reject \(view.gate) -m \"why\"")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

struct ApproveCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approve a gate on what it shows now; promotes its subject.",
    discussion:
      "The approval is bound to the digests of what was shown and of what is promoted: when one changes, the gate asks again.")

  @Argument(help: "The gate.")
  var gate: String

  @Option(name: .shortAndLong, help: "Why; goes into the history.")
  var message: String?

  @Flag(help: "Although it was rejected on the same evidence.")
  var overrule = false

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    try GateDecisionCommand(kind: .approved, gate: gate, message: message, overrule: overrule, shared: shared).run(on: host)
  }
}

struct RejectCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Reject a gate on what it shows now; runs end as rejected until that changes.")

  @Argument(help: "The gate.")
  var gate: String

  @Option(name: .shortAndLong, help: "Why; goes into the history.")
  var message: String

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    try GateDecisionCommand(kind: .rejected, gate: gate, message: message, overrule: false, shared: shared).run(on: host)
  }
}

/// What approve and reject share.
private struct GateDecisionCommand {
  let kind: HistoryEntry.Kind
  let gate: String
  let message: String?
  let overrule: Bool
  let shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let order = DecisionOrder(kind: kind, gate: gate, comment: message, overrule: overrule)
    switch try WorkspaceSession.openOrAsk(location, .decide(order), parameters: [], shared: shared, host: host) {
    case .answered(let status): return status
    case .opened(let session):
      let reply = try session.decide(order, user: host.user).reply
      reply.tell(shared, host)
      try session.close { shared.note($0, host) }
      return reply.status.flatMap(ExitStatus.init) ?? .bug
    }
  }
}

extension WorkspaceSession {
  /// Decides, and says so as the command does.
  func decide(_ order: DecisionOrder, user: String) throws -> (reply: ControlReply, view: GateView, entry: HistoryEntry) {
    let (view, entry) = try decide(order.kind, gate: order.gate, comment: order.comment, overrule: order.overrule, user: user)
    var reply = ControlReply(line: entry.sentence, document: Document.decision(view, entry), status: ExitStatus.done.rawValue)
    if entry.settledBy != nil, let earlier = view.decision {
      // Somebody else was first: one decision counts, both are on record.
      let text =
        "\(view.gate) was \(earlier.kind.rawValue) already, by \(earlier.by) at \(earlier.at); what you said is on record"
      let hint =
        earlier.kind == .rejected
        ? "--overrule approves it all the same" : "`martlet rollback -m \"why\"` goes back to the release before"
      reply.line = earlier.kind == entry.kind ? text : "error: \(text) and changes nothing\n  hint: \(hint)"
      if earlier.kind != entry.kind { reply.status = ExitStatus.usage.rawValue }
    }
    return (reply, view, entry)
  }
}

extension HistoryEntry {
  /// The decision as a person reads it.
  var sentence: String {
    let isNow = release.map { "; artifact/current is now \($0.lastComponent)" } ?? ""
    return switch subject {
    case .gate(let gate, _, _, _): "\(kind.rawValue): \(gate) by \(by)\(isNow)"
    case .release: kind == .promoted ? "promoted by \(by)\(isNow)" : "rolled back by \(by)\(isNow), and pinned"
    case .breach(_, let task, _): "reverted after \(task)'s verdict on the release before\(isNow), and pinned"
    case .incident(let incident, _, _, _): "\(kind.rawValue): \(incident) by \(by)"
    }
  }
}

extension Document {
  static func decision(_ view: GateView, _ entry: HistoryEntry) -> String {
    line(
      schema: "martlet.decision/1",
      [
        "gate": .text(view.gate), "decision": .text(entry.kind.rawValue), "by": .text(entry.by), "at": .text(entry.at),
        "comment": text(entry.comment), "evidence": text(view.evidence?.description), "release": text(entry.release?.string),
        "settledBy": entry.settledBy == nil ? nil : text(view.decision?.by),
      ])
  }

  static func gate(_ view: GateView) -> ConfigurationValue {
    object([
      "gate": .text(view.gate), "state": .text(view.state.rawValue), "reasons": .list(view.reasons.map(reason)),
      "evidence": text(view.evidence?.description), "shown": .map(view.shown.mapValues { .text($0) }),
      "show": .list(view.showPaths.map { .text($0.string) }), "subject": text(view.subject?.string),
      "approvers": .list((view.approvers + (view.excludesRequester ? ["!requester"] : [])).map { .text($0) }),
      "by": text(view.decision?.by), "at": text(view.decision?.at),
      "comment": text(view.decision?.comment), "lapsed": view.hasLapsed ? .boolean(true) : nil,
      "requester": text(view.requester), "waiting": time(view.waitsSince), "expires": time(view.expiresAt),
      "expired": view.hasExpired ? .boolean(true) : nil,
      "result": view.expiresAt == nil ? nil : text(view.expiry?.result.rawValue),
    ])
  }
}
