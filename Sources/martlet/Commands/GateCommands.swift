// `martlet gates`, `approve` and `reject`: where a person decides.

import ArgumentParser
import MartletModel

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
    for view in views { host.output.write(text(view, for: host.user, shared.outputPainter(host))) }
    return .done
  }

  private func text(_ view: GateView, for user: String, _ painter: Painter) -> String {
    var lines = ["\(painter.state(view.state.rawValue)) \(painter.paint(view.gate, .bold))"]
    if let decision = view.decision {
      let comment = decision.comment.map { ": \($0)" } ?? ""
      lines.append("  \(decision.kind.rawValue) by \(decision.by) at \(decision.at)\(comment)")
      if view.hasLapsed { lines.append("  lapsed    the release was rolled back: only a new approval promotes it") }
    }
    if let earlier = view.earlier { lines.append("  before    \(earlier.sentence())") }
    if view.state == .stale || view.state == .blocked {
      lines.append("  because   \(view.reasons.map(\.text).joined(separator: "; "))")
    }
    for path in view.showPaths { lines.append("  look at   \(path)") }
    if let subject = view.subject { lines.append("  promotes  \(subject)") }
    lines.append("  approvers \(GateApprovers.words(view.approvers))")
    if view.excludesRequester {
      lines.append("  not by    \(view.requester ?? "who started the run that made it, whom nobody knows any more")")
    }
    if let end = view.expiresAt, let expiry = view.expiry {
      lines.append(
        view.hasExpired
          ? "  expired   \(TimeText.local(end)): the next command that changes something, such as `martlet run`, has it \(expiry.result.rawValue)"
          : "  until     \(TimeText.local(end)), then it is \(expiry.result.rawValue)")
    } else if let expiry = view.expiry {
      lines.append(
        "  expires   \(TimeText.duration(expiry.afterSeconds)) after it began to wait, then it is \(expiry.result.rawValue)")
    }
    if view.state == .waiting, !view.hasExpired {
      let refusal = GateApprovers(view).refusal(of: user)
      lines.append(
        "  decide    "
          + (refusal.map { "not \(user): \($0.words)" }
            ?? "martlet approve \(view.gate)    or: martlet reject \(view.gate) -m \"why\""))
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
    try GateDecisionCommand(kind: .approved, gate: gate, message: Comment.optional(message), overrule: overrule, shared: shared)
      .run(on: host)
  }
}

struct RejectCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Reject a gate on what it shows now; runs end as rejected until that changes.")

  @Argument(help: "The gate.")
  var gate: String

  @Option(name: .shortAndLong, help: "Why; goes into the history.", transform: Comment.required)
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
