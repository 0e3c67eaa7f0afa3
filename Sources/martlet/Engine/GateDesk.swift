/// Where people decide on gates: what each waits for, and the one function that records a decision.

import Foundation
import MartletFiles
import MartletModel
import MartletPlan
import MartletStore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A gate as it stands.
struct GateView {
  /// What a gate waits for.
  enum State: String {
    /// for a decision
    case waiting
    case approved
    case rejected
    /// for tasks upstream to run first
    case stale
    case blocked
  }

  let gate: String
  let state: State
  let reasons: [Reason]
  let evidence: Fingerprint?
  /// Digests by `task.output`.
  let shown: [String: String]
  /// Paths of what is shown, for people to open.
  let showPaths: [ArtifactPath]
  let subject: ArtifactPath?
  let approvers: [String]
  /// The newest decision on this evidence.
  let decision: HistoryEntry?
  /// Whether that was an approval of a release that was rolled back since.
  let hasLapsed: Bool
}

struct GateDesk {
  let planner: Planner
  let facts: Facts
  let history: History

  func views() -> [GateView] {
    let plan = planner.plan(facts)
    return plan.entries.compactMap { entry in
      guard let task = planner.pipeline.task(entry.instance.task), let gate = task.gate else { return nil }
      return view(gate, entry)
    }
  }

  private func view(_ gate: Gate, _ entry: Plan.Entry) -> GateView {
    let state: GateView.State =
      switch entry.action {
      case .reuse: .approved
      case .wait where entry.ingredients == nil: .stale
      case .wait: .waiting
      case .blocked where entry.reasons.contains { $0.kind == "gate_rejected" }: .rejected
      case .run, .maybe, .blocked, .missing: .blocked
      }
    let evidence = entry.ingredients?.fingerprint
    let shown = (entry.ingredients?.entries ?? []).map { ($0.name, $0.value) }
    let decision = evidence.flatMap { history.decision(onGate: entry.instance.task, evidence: $0) }
    return GateView(
      gate: entry.instance.task, state: state, reasons: entry.reasons, evidence: evidence,
      shown: Dictionary(shown, uniquingKeysWith: { first, _ in first }), showPaths: gate.show.compactMap(path),
      subject: gate.subject.flatMap(path), approvers: gate.approvers, decision: decision,
      hasLapsed: decision.map(history.hasLapsed) ?? false)
  }

  private func path(_ reference: OutputReference) -> ArtifactPath? {
    guard let task = planner.pipeline.task(reference.task) else { return nil }
    for position in planner.graph.producers(of: reference.output, task: task) {
      if let output = facts.checkpoints[planner.graph.nodes[position].instance]?.output(reference.output) { return output.path }
    }
    return nil
  }
}

extension WorkspaceSession {
  /// Records a decision; an approval promotes the gate's subject. What is told as done is synced.
  /// - Throws: `UserError` where there is nothing to decide or this user may not; `ReleaseError` if the release does not verify.
  /// - Parameter user: who decides, as the operating system knows them.
  func decide(
    _ kind: HistoryEntry.Kind, gate name: String, comment: String?, user: String
  ) throws -> (view: GateView, entry: HistoryEntry) {
    history = try HistoryFile(root: location.root).read()
    let planner = planner()
    let gates = loaded.pipeline.tasks.filter { $0.gate != nil }.map(\.name)
    guard gates.contains(name) else {
      throw UserError(
        "the pipeline has no gate \(name)", facts: [("gates", gates.isEmpty ? "none" : gates.joined(separator: " "))],
        hint: Suggestion.nearest(to: name, among: gates).map { "did you mean \($0)?" })
    }
    let view = GateDesk(planner: planner, facts: try facts(for: planner), history: history).views().first { $0.gate == name }!
    try checkDecidable(view, kind, user)
    let release = kind == .approved ? view.subject : nil
    if let release { try ReleaseFolder(root: location.root, path: release).verify() }
    let subject = HistoryEntry.Subject.gate(name, evidence: view.evidence!, shown: view.shown, release: release)
    return (view, try record(kind, subject, by: user, comment: comment, figures: try figures(shownBy: name)))
  }

  /// What the tasks that a gate shows said of their results, by task.
  private func figures(shownBy gate: String) throws -> [String: ConfigurationValue] {
    let shown = Set(loaded.pipeline.task(gate)?.gate?.show.map(\.task) ?? [])
    let checkpoints = try store.reader.checkpoints().filter { shown.contains($0.instance.task) && $0.instance.slice == .whole }
    return Dictionary(
      checkpoints.filter { !$0.figures.isEmpty }.map { ($0.instance.task, .map($0.figures)) },
      uniquingKeysWith: { first, _ in first })
  }

  private func checkDecidable(_ view: GateView, _ kind: HistoryEntry.Kind, _ user: String) throws {
    switch view.state {
    case .waiting: break
    case .rejected where kind == .approved: break
    case .approved, .rejected:
      throw UserError(
        "\(view.gate) was \(view.state.rawValue) already, on the same evidence",
        facts: view.decision.map { [("by", $0.by), ("at", $0.at)] } ?? [],
        hint: "a new decision is possible once what it shows changes")
    case .stale:
      throw UserError(
        "\(view.gate) cannot be decided: its evidence is stale",
        facts: [("because", view.reasons.map(\.text).joined(separator: "; "))],
        hint: "`martlet run` first, then look at `martlet gates`")
    case .blocked:
      throw UserError(
        "\(view.gate) cannot be decided: something upstream stands in the way",
        facts: [("because", view.reasons.map(\.text).joined(separator: "; "))], hint: "`martlet status` says what to mend")
    }
    guard view.approvers.contains(where: { isMember(user, of: $0) }) else {
      throw UserError(
        "\(user) may not decide on \(view.gate)", facts: [("approvers", view.approvers.joined(separator: " "))],
        hint: "ask one of them, or change approvers: in \(location.pipelineFile)")
    }
  }

  /// `*`, a user's name, or `group:NAME`.
  private func isMember(_ user: String, of approver: String) -> Bool {
    if approver == "*" || approver == user { return true }
    guard approver.hasPrefix("group:"), let group = getgrnam(String(approver.dropFirst("group:".count))) else { return false }
    var member = group.pointee.gr_mem
    while let name = member?.pointee {
      if String(cString: name) == user { return true }
      member = member?.advanced(by: 1)
    }
    return getpwnam(user)?.pointee.pw_gid == group.pointee.gr_gid
  }
}
