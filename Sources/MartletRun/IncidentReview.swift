/// Decides at a run's end which incidents open and which close: a function of what the run found and of the tickets there are.

import MartletModel

/// How one task instance ended in the run that is reviewed, as far as incidents go.
public struct InstanceFinding: Sendable, Hashable {
  public let instance: TaskInstance
  /// What was judged or tried.
  public let fingerprint: Fingerprint
  /// The class of the failure, or of the failing verdict; `nil` for one that ended well.
  public let cause: FailureClass?
  public let isVerdict: Bool
  public let message: String
  public let attempt: String?
  /// How many changes of its inputs, in a row and up to now, did not mend a failure of class `schema`.
  public let failedMends: Int
  /// What is in production after a verdict on the release there, and why.
  public var production: String?

  public init(
    instance: TaskInstance, fingerprint: Fingerprint, cause: FailureClass?, isVerdict: Bool = false, message: String = "",
    attempt: String? = nil, failedMends: Int = 0, production: String? = nil
  ) {
    self.instance = instance
    self.fingerprint = fingerprint
    self.cause = cause
    self.isVerdict = isVerdict
    self.message = message
    self.attempt = attempt
    self.failedMends = failedMends
    self.production = production
  }
}

public enum IncidentChange: Sendable, Hashable {
  /// A new one, or one that had closed and whose cause is back.
  case opened(Incident)
  case closed(Incident)
  /// One whose cause was changed once more and not mended: it stays the same incident.
  case metAgain(Incident)
  /// One whose ticket did not say what a person had decided: the history was written, and then the machine stopped.
  case decided(Incident)

  public var incident: Incident {
    switch self {
    case .opened(let incident), .closed(let incident), .metAgain(let incident), .decided(let incident): incident
    }
  }
}

public struct IncidentReview {
  let run: String
  /// RFC 3339 with offset.
  let at: String
  /// Every ticket.
  let incidents: [Incident]
  /// What people decided.
  let decision: (JudgedVerdict) -> (ruling: VerdictRuling, Incident.Decision)?
  /// Whether the pipeline that it is about still has its task and partition.
  let exists: (Incident) -> Bool

  public init(
    run: String, at: String, incidents: [Incident], decision: @escaping (JudgedVerdict) -> (VerdictRuling, Incident.Decision)?,
    exists: @escaping (Incident) -> Bool
  ) {
    self.run = run
    self.at = at
    self.incidents = incidents
    self.decision = decision
    self.exists = exists
  }

  /// What changes. Instances that the run left out, blocked or cancelled say nothing: their incidents stay.
  public func changes(_ findings: [InstanceFinding]) -> [IncidentChange] {
    let found = Dictionary(findings.map { ($0.instance, $0) }, uniquingKeysWith: { first, _ in first })
    let changed = incidents.filter(\.isCurrent).compactMap { incident in
      goingOn(incident, found[incident.instance])
        ?? closing(incident, found[incident.instance]).map { close(incident, $0) } ?? catchUp(incident)
    }
    let goOn = Set(changed.compactMap { if case .metAgain(let incident) = $0 { incident.instance } else { nil } })
    return changed + findings.filter { !goOn.contains($0.instance) }.compactMap(opening)
  }

  /// Broken data open an incident only after some changes that did not mend them: the next such change is nothing new, and no second one.
  private func goingOn(_ incident: Incident, _ finding: InstanceFinding?) -> IncidentChange? {
    guard let finding, exists(incident), incident.state == .open, incident.cause == .schema, finding.cause == .schema,
      finding.isVerdict == incident.isVerdict, finding.fingerprint != incident.fingerprint,
      decision(JudgedVerdict(instance: finding.instance, fingerprint: finding.fingerprint)) == nil
    else { return nil }
    return .metAgain(
      incident.metAgain(
        fingerprint: finding.fingerprint, message: finding.message, run: run, attempt: finding.attempt))
  }

  /// The history is written before the ticket: it is right.
  private func catchUp(_ incident: Incident) -> IncidentChange? {
    guard let decided = decision(on: incident) else { return nil }
    return decided.state == incident.state && decided.decision?.at == incident.decision?.at ? nil : .decided(decided)
  }

  /// The incident with what a person decided on its verdict; `nil` if nobody did.
  private func decision(on incident: Incident) -> Incident? {
    guard incident.isVerdict,
      let decided = decision(JudgedVerdict(instance: incident.instance, fingerprint: incident.fingerprint))
    else { return nil }
    var incident = incident
    incident.state = Incident.State(decided.ruling)
    incident.decision = decided.1
    return incident
  }

  private func closing(_ incident: Incident, _ finding: InstanceFinding?) -> Incident.Closing? {
    guard exists(incident) else { return .removed }
    guard let finding else { return nil }
    if finding.cause == nil { return .succeeded }
    return finding.fingerprint == incident.fingerprint ? nil : .changed
  }

  private func close(_ incident: Incident, _ closing: Incident.Closing) -> IncidentChange {
    var incident = incident
    incident.state = .closed
    incident.closing = closing
    incident.closedAt = at
    return .closed(incident)
  }

  private func opening(_ finding: InstanceFinding) -> IncidentChange? {
    guard let cause = finding.cause, Incident.isOpened(by: cause, failedMends: finding.failedMends) else { return nil }
    let incident = Incident(
      instance: finding.instance, cause: cause, isVerdict: finding.isVerdict, fingerprint: finding.fingerprint,
      message: finding.message, run: run, attempt: finding.attempt, openedAt: at, production: finding.production)
    let isThere = incidents.contains {
      $0.instance == incident.instance && $0.cause == cause && $0.fingerprint == incident.fingerprint && $0.isCurrent
    }
    guard !isThere else { return nil }
    // A decision outlives its ticket: whoever deletes the file or comes back to the same inputs is not asked again.
    return .opened(decision(on: incident) ?? incident)
  }
}
