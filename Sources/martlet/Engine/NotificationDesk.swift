/// Makes events of what happened and keeps them for those who want to be told.

import MartletFiles
import MartletModel
import MartletPlan
import MartletRun
import MartletStore

extension WorkspaceSession {
  /// Everything that a run's end has to tell. An event that was kept before is not kept again, so that nothing is lost where a process is
  /// killed in between: the next run tells of what still stands.
  func announce(_ run: RunRecord, _ result: RunResult, _ counts: RunCounts, _ summary: RunSummary) throws {
    guard !loaded.pipeline.notifications.isEmpty else { return }
    for change in summary.incidents.changes {
      switch change {
      case .opened, .metAgain: break
      case .closed(let incident), .decided(let incident): try announce(.incidentClosed, incident)
      }
    }
    for incident in summary.incidents.waiting { try announce(.incidentOpened, incident) }
    if let entry = history.entries.last(where: { $0.release != nil }), entry.kind == .reverted { try announce(entry) }
    try announceDecisions(before: run)
    if wants(.gateWaiting), summary.settled.contains(where: { $0.settlement == .waiting }) {
      for view in try gateViews() where view.state == .waiting { try announce(view) }
    }
    let event: NotificationEvent? =
      switch result {
      case .failed: .runFailed
      case .rejected: .runRejected
      case .succeeded: .runSucceeded
      case .waiting, .cancelled: nil
      }
    guard let event else { return }
    let failed = summary.settled.filter { $0.settlement.failureClass != nil || $0.isJudgedUnfit }.prefix(10).map { notice in
      Document.object(
        Document.members(notice.instance).merging([
          "class": Document.text(notice.settlement.failureClass?.rawValue), "message": Document.text(notice.message),
          "verdict": notice.isJudgedUnfit ? Document.text(notice.verdict?.rawValue) : nil,
        ]) { $1 })
    }
    try announce(
      event, id: run.id, subject: run.id,
      Document.object([
        "run": .text(run.id), "result": .text(result.rawValue), "counts": Document.counts(counts),
        "failed": failed.isEmpty ? nil : .list(Array(failed)), "production": Document.text(summary.breach?.outcome),
      ]))
  }

  /// An incident that opened, closed or was decided on.
  func announce(_ event: NotificationEvent, _ incident: Incident) throws {
    let moment = incident.state == .closed ? incident.closedAt : incident.decision?.at
    try announce(
      event, id: "\(incident.id).\(event == .incidentOpened ? incident.openedAt : moment ?? "")", subject: incident.id,
      Document.incident(incident))
  }

  private func announce(_ view: GateView) throws {
    let decisions = history.entries.count { $0.decidedGate.map { $0 == (view.gate, view.evidence!) } ?? false }
    try announce(
      .gateWaiting, id: "\(view.gate).\(view.evidence!.digest.hex.prefix(16)).\(decisions)", subject: view.gate,
      Document.gate(view))
  }

  /// Somebody decided on a gate, or nobody did in time.
  /// - Parameter view: with the decision.
  func announce(_ decision: HistoryEntry, on view: GateView) throws {
    try announce(
      .gateDecided, id: "\(view.gate).\(view.evidence!.digest.hex.prefix(16)).\(decision.sequence)", subject: view.gate,
      Document.gate(view))
  }

  /// Decisions on gates since the run before this one: whoever decided may have been killed before the event was kept.
  private func announceDecisions(before run: RunRecord) throws {
    guard wants(.gateDecided) else { return }
    let earlier = try store.reader.runs(limit: 2).first { $0.id != run.id }?.startedAt ?? 0
    let decisions = history.entries.filter { $0.decidedGate != nil && (Timestamp($0.at)?.seconds ?? 0) >= earlier }
    guard !decisions.isEmpty else { return }
    for view in try gateViews() {
      for decision in decisions where decision.decidedGate!.gate == view.gate && decision.decidedGate!.evidence == view.evidence {
        try announce(decision, on: view.decided(decision))
      }
    }
  }

  /// A run went back to an earlier release.
  private func announce(_ revert: HistoryEntry) throws {
    let release = revert.release!.releaseName
    let before = History(entries: Array(history.entries.prefix(revert.sequence - 1))).current
    try announce(
      .releaseReverted, id: "\(release).\(revert.sequence)", subject: release,
      Document.object(Document.move(revert, before: before).merging(["production": .text(revert.sentence)]) { $1 }))
  }

  private func wants(_ event: NotificationEvent) -> Bool {
    loaded.pipeline.notifications.contains { $0.events.contains(event) }
  }

  private func announce(_ event: NotificationEvent, id: String, subject: String, _ data: ConfigurationValue) throws {
    let now = host.wallSeconds()
    for target in loaded.pipeline.notifications where target.events.contains(event) {
      try store.keep(
        CloudEvent(
          id: "\(event.rawValue).\(id)", event: event, source: "/martlet/\(hostName())/\(loaded.pipeline.name)", subject: subject,
          time: TimeText.timestamp(now), data: data), for: target.address.name, now: now)
    }
  }
}
