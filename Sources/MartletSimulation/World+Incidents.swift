// Tickets of what needs a person: reviewed at a run's end, and written once more where a decision came between.

import MartletModel
import MartletRun

extension World {
  /// Opens and closes tickets by what a run found, as the real one does behind its loop.
  /// - Throws: `BrokenDisk`, `EngineDied`: the next run finds the same.
  func reviewIncidents(run: String, _ settled: [SettledNotice]) throws {
    let (history, pipeline) = (history, pipeline)
    let review = IncidentReview(
      run: run, at: timestamp, incidents: Array(tickets.values),
      decision: { verdict in
        history.decision(on: verdict).map { entry in
          (entry.kind == .incidentAccepted ? .accepted : .rejected, Incident.Decision(by: entry.by, at: entry.at, comment: nil))
        }
      }, exists: { pipeline.task($0.instance.task) != nil })
    for change in review.changes(settled.compactMap(finding)) { try write(change.incident) }
  }

  private func finding(_ notice: SettledNotice) -> InstanceFinding? {
    switch notice.settlement {
    case .failed(let failureClass):
      guard let fingerprint = journal.fingerprintOfFailure(notice.instance) else { return nil }
      return InstanceFinding(instance: notice.instance, fingerprint: fingerprint, cause: failureClass)
    case .reused, .succeeded:
      guard let checkpoint = journal.checkpoints[notice.instance] else { return nil }
      let cause = checkpoint.verdict == .fail ? pipeline.task(notice.instance.task)?.failingVerdict : nil
      return InstanceFinding(
        instance: notice.instance, fingerprint: checkpoint.fingerprint, cause: cause, isVerdict: cause != nil)
    case .blocked, .missing, .waiting, .rejected, .cancelled: return nil
    }
  }

  private func write(_ incident: Incident) throws {
    guard files.mayWrite() else { throw EngineDied() }
    try files.disk.attempt(.write)
    tickets[incident.id] = incident
    invariants.tally[.ticketsWritten] += 1
  }

  /// A decision is in the history, and the ticket that asked for it follows.
  func note(_ entry: HistoryEntry, on verdict: JudgedVerdict, _ ruling: VerdictRuling) throws {
    let asking = tickets.values.first { $0.isVerdict && $0.isCurrent && $0.verdict == verdict }
    guard var incident = asking else { return }
    incident.state = Incident.State(ruling)
    incident.decision = Incident.Decision(by: entry.by, at: entry.at, comment: nil)
    try write(incident)
  }

  /// What must hold once a run has ended and nobody has decided since.
  func examineTickets(_ end: Ending) {
    let current = tickets.values.filter { $0.isVerdict && $0.isCurrent }
    for incident in current {
      let ruling = history.rulings[incident.verdict]
      invariants.require(
        incident.state == ruling.map { Incident.State($0) } ?? .open,
        "\(incident.id) is \(incident.state.rawValue), and the history says \(ruling?.rawValue ?? "nothing")")
    }
    for (instance, made) in end.made {
      let asking = current.filter { $0.instance == instance }.map(\.fingerprint)
      let cause = made.verdict == .fail ? pipeline.task(instance.task)?.failingVerdict : nil
      let isAsked = cause.map { Incident.isOpened(by: $0, failedMends: 0) } ?? false
      invariants.require(
        asking == (isAsked ? [made.fingerprint] : []),
        "\(instance) has \(asking.count) tickets, and its verdict is \(made.verdict as Any)")
    }
  }
}

extension Incident {
  fileprivate var verdict: JudgedVerdict { JudgedVerdict(instance: instance, fingerprint: fingerprint) }
}
