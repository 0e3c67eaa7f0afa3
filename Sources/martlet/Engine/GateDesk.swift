/// Where people decide on gates: what each waits for, and the one function that records a decision.

import Foundation
import MartletFiles
import MartletModel
import MartletPlan
import MartletRun
import MartletStore

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
  var state: State
  let reasons: [Reason]
  let evidence: Fingerprint?
  /// Digests by `task.output`.
  let shown: [String: String]
  /// Paths of what is shown, for people to open.
  let showPaths: [ArtifactPath]
  let subject: ArtifactPath?
  let approvers: [String]
  let excludesRequester: Bool
  /// Who started the run that made the subject; `nil` where nobody knows.
  let requester: String?
  let expiry: GateExpiry?
  /// Seconds since 1970; of a gate that waits and whose waiting ends by itself.
  var waitsSince: Double?
  /// Whether that has lasted longer than it may: the next command that changes something decides.
  var hasExpired: Bool
  /// The newest decision on this evidence.
  var decision: HistoryEntry?
  /// Whether that was an approval of a release that was rolled back since.
  var hasLapsed: Bool
  /// Of a gate that waits: the newest decision on the same subject beside other results.
  var earlier: EarlierDecision?
}

/// What somebody said of a gate's subject when the rest of what it shows was something else.
struct EarlierDecision {
  let entry: HistoryEntry
  /// What has changed since, as `task.output`.
  let changed: [String]

  /// - Parameter when: a word between what was done and by whom.
  func sentence(_ when: String = "") -> String {
    let words = "by \(entry.by) at \(entry.at)\(entry.comment.map { ": \($0.oneLine)" } ?? "")"
    return "\(entry.kind.rawValue) \(when)\(words), beside other \(changed.joined(separator: ", "))"
  }
}

/// What is said of a gate beside that it waits.
struct GateNote {
  let words: String
  let mayDecide: Bool
}

extension GateView {
  /// The gate once somebody has decided on it.
  func decided(_ entry: HistoryEntry) -> GateView {
    var view = self
    view.state = entry.kind == .approved ? .approved : .rejected
    view.waitsSince = nil
    view.hasExpired = false
    view.decision = entry
    view.hasLapsed = false
    view.earlier = nil
    return view
  }

  /// Seconds since 1970.
  var expiresAt: Double? {
    waitsSince.flatMap { since in expiry.map { since + $0.afterSeconds } }
  }
}

struct GateDesk {
  let planner: Planner
  let facts: Facts
  let history: History
  /// Seconds since 1970.
  let now: Double
  /// Who started the run that made an instance's checkpoint.
  let requesterOf: (TaskInstance) -> String?

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
    let waitsSince = state == .waiting ? evidence.flatMap { since(entry.instance.task, $0) } : nil
    return GateView(
      gate: entry.instance.task, state: state, reasons: entry.reasons, evidence: evidence,
      shown: Dictionary(shown, uniquingKeysWith: { first, _ in first }), showPaths: gate.show.compactMap(path),
      subject: gate.subject.flatMap(path), approvers: gate.approvers, excludesRequester: gate.excludesRequester,
      requester: gate.subject.flatMap(requester), expiry: gate.expiry,
      waitsSince: waitsSince, hasExpired: gate.expiry.map { isOver($0, since: waitsSince) } ?? false, decision: decision,
      hasLapsed: decision?.hasLapsed(among: Set(history.promoted)) ?? false,
      earlier: state == .waiting && decision == nil
        ? earlier(entry.instance.task, gate, Dictionary(shown) { first, _ in first }) : nil)
  }

  private func earlier(_ name: String, _ gate: Gate, _ now: [String: String]) -> EarlierDecision? {
    guard let subject = gate.subject?.description, let digest = now[subject], digest != absentValue else { return nil }
    for entry in history.entries.reversed() where entry.decidedGate?.gate == name {
      guard case .gate(_, _, let shown, _) = entry.subject, shown[subject] == digest else { continue }
      return EarlierDecision(entry: entry, changed: Set(now.keys).union(shown.keys).filter { now[$0] != shown[$0] }.sorted())
    }
    return nil
  }

  private func isOver(_ expiry: GateExpiry, since: Double?) -> Bool {
    since.map { $0 + expiry.afterSeconds <= now } ?? false
  }

  private func since(_ gate: String, _ evidence: Fingerprint) -> Double? {
    history.asked(gate: gate, evidence: evidence).flatMap { Timestamp($0.at)?.seconds }
  }

  private func path(_ reference: OutputReference) -> ArtifactPath? {
    producer(of: reference).flatMap { facts.checkpoints[$0]?.output(reference.output)?.path }
  }

  private func requester(_ reference: OutputReference) -> String? { producer(of: reference).flatMap(requesterOf) }

  /// The instance whose checkpoint has the output.
  private func producer(of reference: OutputReference) -> TaskInstance? {
    guard let task = planner.pipeline.task(reference.task) else { return nil }
    return planner.graph.producers(of: reference.output, task: task).lazy.map { planner.graph.nodes[$0].instance }
      .first { facts.checkpoints[$0]?.output(reference.output) != nil }
  }
}

extension WorkspaceSession {
  /// Every gate as it stands now.
  func gateViews() throws -> [GateView] {
    let planner = planner()
    let reader = store.reader
    return GateDesk(planner: planner, facts: try facts(for: planner), history: history, now: host.wallSeconds()) {
      // Whoever cannot be told from the requester may not decide.
      (try? reader.requester(of: $0)) ?? nil
    }.views()
  }

  /// What whoever asked for a run has to know of gates that wait.
  func gateNotes(on gates: Set<String>, for user: String) throws -> [String: GateNote] {
    let isOpenToAll = loaded.pipeline.tasks.filter { gates.contains($0.name) }.compactMap(\.gate).allSatisfy {
      $0.approvers.contains("*") && !$0.excludesRequester
    }
    // Looking at the workspace takes longer than all the rest.
    guard !isOpenToAll || history.entries.contains(where: { $0.decidedGate.map { gates.contains($0.gate) } ?? false }) else {
      return [:]
    }
    var notes: [String: GateNote] = [:]
    for view in try gateViews() where gates.contains(view.gate) {
      let approvers = GateApprovers(view)
      let refusal = approvers.refusal(of: user)
      let deciders = refusal.map { "not for \(user) to decide (\($0.words)) but for \(approvers.words)" }
      let words = [view.earlier?.sentence("before "), deciders].compactMap(\.self)
      if !words.isEmpty { notes[view.gate] = GateNote(words: words.joined(separator: "; "), mayDecide: refusal == nil) }
    }
    return notes
  }

  /// Records a decision; an approval promotes the gate's subject. What is told as done is synced. Where somebody decided on the same
  /// evidence before, that decision counts and this one is only recorded: its entry has `settledBy`.
  /// - Throws: `UserError` where there is nothing to decide or this user may not; `ReleaseError` if the release does not verify.
  /// - Parameters:
  ///   - overrule: whether an approval takes the place of a rejection.
  ///   - user: who decides, as the operating system knows them.
  func decide(
    _ kind: HistoryEntry.Kind, gate name: String, comment: String?, overrule: Bool, user: String
  ) throws -> (view: GateView, entry: HistoryEntry) {
    history = try HistoryFile(root: location.root).read()
    let gates = loaded.pipeline.tasks.filter { $0.gate != nil }.map(\.name)
    guard gates.contains(name) else {
      throw UserError(
        "the pipeline has no gate \(name)", facts: [("gates", gates.isEmpty ? "none" : gates.joined(separator: " "))],
        hint: Suggestion.nearest(to: name, among: gates).map { "did you mean \($0)?" })
    }
    let view = try gateViews().first { $0.gate == name }!
    try checkDecidable(view, user)
    let isDecided = view.state == .approved || (view.state == .rejected && !(overrule && kind == .approved))
    return (view, try decide(kind, view, comment: comment, user: user, settledBy: isDecided ? view.decision : nil))
  }

  /// What the tasks that a gate shows said of their results, by task.
  private func figures(shownBy gate: String) throws -> [String: ConfigurationValue] {
    let shown = Set(loaded.pipeline.task(gate)?.gate?.show.map(\.task) ?? [])
    let checkpoints = try store.reader.checkpoints().filter { shown.contains($0.instance.task) && $0.instance.slice == .whole }
    return Dictionary(
      checkpoints.filter { !$0.figures.isEmpty }.map { ($0.instance.task, .map($0.figures)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Writes a decision on what a gate shows now.
  private func decide(
    _ kind: HistoryEntry.Kind, _ view: GateView, comment: String?, user: String, settledBy earlier: HistoryEntry? = nil
  ) throws -> HistoryEntry {
    let release = kind == .approved && earlier == nil ? view.subject : nil
    if let release { try ReleaseFolder(root: location.root, path: release).verify() }
    let subject = HistoryEntry.Subject.gate(view.gate, evidence: view.evidence!, shown: view.shown, release: release)
    let entry = try record(
      kind, subject, by: user, comment: comment, figures: try figures(shownBy: view.gate),
      requester: release == nil ? nil : view.requester, settledBy: earlier?.sequence)
    if earlier == nil { try announce(entry, on: view.decided(entry)) }
    return entry
  }

  private func checkDecidable(_ view: GateView, _ user: String) throws {
    switch view.state {
    case .waiting, .approved, .rejected: break
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
    if let refusal = GateApprovers(view).refusal(of: user)?.words {
      let unknown = GateApprovers.unknown(view.approvers)
      let isNobody = unknown.count == view.approvers.count
      throw UserError(
        "\(user) may not decide on \(view.gate): \(isNobody ? "this machine knows none of its approvers, so nobody may" : refusal)",
        facts: [("approvers", (view.approvers + (view.excludesRequester ? ["!requester"] : [])).joined(separator: " "))]
          + (unknown.isEmpty || isNobody ? [] : [("unknown here", unknown.joined(separator: " "))]),
        hint: "\(isNobody ? "mend" : "ask one of them, or change") approvers: in \(location.pipelineFile)")
    }
  }

  // MARK: Waiting that ends by itself

  /// Notes for gates whose waiting can end by itself since when they wait; called when a run has ended.
  func noteWaitingGates(_ settled: [SettledNotice]) throws {
    let waiting = Set(settled.filter { $0.settlement == .waiting }.map(\.instance.task))
    guard loaded.pipeline.tasks.contains(where: { waiting.contains($0.name) && $0.gate?.expiry != nil }) else { return }
    for view in try gateViews() where view.state == .waiting && view.expiry != nil && view.waitsSince == nil {
      let subject = HistoryEntry.Subject.gate(view.gate, evidence: view.evidence!, shown: view.shown, release: nil)
      _ = try record(.asked, subject, by: GateExpiry.decider, comment: nil)
    }
  }

  /// Decides, as the pipeline declares, on gates that have waited for longer than they may.
  /// - Returns: the decisions.
  func expireGates() throws -> [HistoryEntry] {
    let now = host.wallSeconds()
    // Looking at the workspace takes longer than all the rest: only where the history says that there is something to decide.
    let mayExpire = loaded.pipeline.tasks.contains { task in
      task.gate?.expiry.map { history.isOver(gate: task.name, $0, now: now) } ?? false
    }
    guard mayExpire else { return [] }
    return try gateViews().compactMap { view in
      guard view.hasExpired, let expiry = view.expiry else { return nil }
      return try decide(
        expiry.result == .approved ? .approved : .rejected, view,
        comment: "nobody decided within \(TimeText.duration(expiry.afterSeconds))", user: GateExpiry.decider)
    }
  }
}

extension GateExpiry {
  /// Who decides when nobody does, in the history.
  static let decider = "martlet"
}
