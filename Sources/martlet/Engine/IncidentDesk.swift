/// Where incidents open and close at a run's end, and where people decide on them.

import MartletFiles
import MartletModel
import MartletPlan
import MartletRun
import MartletStore

/// The incidents after a run.
struct IncidentOverview {
  var changes: [IncidentChange] = []
  /// Open or decided.
  var current: [Incident] = []

  /// What was said of the same results before the release in production changed.
  var earlier: [EarlierRuling] = []

  /// Those that need a person.
  var waiting: [Incident] { current.filter { $0.state == .open } }
}

extension WorkspaceSession {
  private var folder: IncidentFolder { IncidentFolder(root: location.root) }

  /// Opens and closes incidents by what a run found.
  /// - Parameter breach: what the run did about a breach, for the ticket of the verdict that told of it.
  func reviewIncidents(
    run: String, planner: Planner, settled: [SettledNotice], breach: BreachAnswer?
  ) throws -> IncidentOverview {
    let incidents = try folder.read().incidents
    let history = history
    let elsewhere = try incidentsElsewhere(incidents, planner)
    let review = IncidentReview(
      run: run, at: TimeText.timestamp(host.wallSeconds()), incidents: incidents,
      decision: { verdict in
        history.decision(on: verdict).map { entry in
          (entry.kind == .incidentAccepted ? .accepted : .rejected, Incident.Decision(entry))
        }
      }, exists: { planner.graph.index[$0.instance] != nil || elsewhere.contains($0.id) })
    let watched = Set(incidents.filter(\.isCurrent).map(\.instance))
    var findings = try findings(run, planner, settled, watched)
    for index in findings.indices where breach.map({ findings[index].isOn($0.breach) }) ?? false {
      findings[index].production = breach?.outcome
    }
    let changes = review.changes(findings)
    let earlier = try earlierRulings(settled)
    for change in changes {
      try write(change.incident, planner, earlier.first { $0.instance == change.incident.instance && change.incident.isVerdict })
    }
    let changed = Set(changes.map(\.incident.id))
    let current = (changes.map(\.incident) + incidents.filter { !changed.contains($0.id) }).filter(\.isCurrent)
    return IncidentOverview(changes: changes, current: current, earlier: earlier)
  }

  /// The ids of incidents that runs of another pipeline in this workspace opened, and which this one says nothing of.
  private func incidentsElsewhere(_ incidents: [Incident], _ planner: Planner) throws -> Set<String> {
    Set(
      try incidents.filter { incident in
        guard incident.isCurrent, planner.graph.index[incident.instance] == nil else { return false }
        return try store.reader.run(incident.run).map { $0.pipeline != planner.pipeline.name } ?? false
      }.map(\.id))
  }

  /// What the run found, of instances that failed or judged so, and of those that have an incident.
  private func findings(
    _ run: String, _ planner: Planner, _ settled: [SettledNotice], _ watched: Set<TaskInstance>
  ) throws -> [InstanceFinding] {
    let failed = Dictionary(
      try store.reader.instances(run: run).compactMap { record in record.fingerprint.map { (record.instance, $0) } },
      uniquingKeysWith: { $1 })
    return try settled.compactMap { notice in
      switch notice.settlement {
      case .failed(let failureClass):
        guard let fingerprint = failed[notice.instance] else { return nil }
        return InstanceFinding(
          instance: notice.instance, fingerprint: fingerprint, cause: failureClass,
          message: (notice.message ?? "failed").oneLine, attempt: notice.attempt,
          failedMends: failureClass == .schema ? try store.reader.failedMends(of: notice.instance) : 0)
      case .reused, .succeeded:
        guard notice.verdict == .fail || watched.contains(notice.instance),
          let checkpoint = try store.reader.checkpoint(notice.instance)
        else { return nil }
        return try finding(checkpoint, planner)
      case .blocked, .missing, .waiting, .rejected, .cancelled: return nil
      }
    }
  }

  private func finding(_ checkpoint: Checkpoint, _ planner: Planner) throws -> InstanceFinding {
    let cause = checkpoint.verdict == .fail ? planner.pipeline.task(checkpoint.instance.task)?.failingVerdict : nil
    return InstanceFinding(
      instance: checkpoint.instance, fingerprint: checkpoint.fingerprint, cause: cause, isVerdict: cause != nil,
      message: (checkpoint.message ?? "the verdict is fail").oneLine, attempt: checkpoint.attempt,
      failedMends: cause == .schema ? try store.reader.failedMends(of: checkpoint.instance) : 0)
  }

  private func write(_ incident: Incident, _ planner: Planner, _ earlier: EarlierRuling?) throws {
    try folder.write(incident) { [folder] in
      let checkpoint = incident.isVerdict ? try store.reader.checkpoint(incident.instance) : nil
      let pictures = try pictures(of: incident, planner)
      return IncidentPage(
        incident: incident, earlier: earlier, task: planner.pipeline.task(incident.instance.task), checkpoint: checkpoint,
        findings: try checkpoint.map(ReportedFindings(root: location.root).of) ?? [],
        attempts: try attempts(of: incident),
        log: try log(of: incident), pictures: try folder.keep(pictures, for: incident)
      ).text
    }
  }

  /// What the run tried, and the last attempt of an earlier run where it took that over.
  private func attempts(of incident: Incident) throws -> [AttemptRecord] {
    let own = try store.reader.attempts(run: incident.run, task: incident.instance.task).filter {
      $0.instances.contains(incident.instance)
    }
    guard let last = incident.attempt, !own.contains(where: { $0.id == last }) else { return own }
    return try [store.reader.attempt(last)].compactMap(\.self) + own
  }

  private func log(of incident: Incident) throws -> String? {
    guard let attempt = incident.attempt else { return nil }
    let path = "\(location.root)/\(AttemptPlan.folder(of: attempt))/log"
    return try FileContent.tail(of: path, count: IncidentPage.logBytes).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Those that the attempt left, and those of folders that a task downstream makes of what this one wrote.
  private func pictures(of incident: Incident, _ planner: Planner) throws -> [ArtifactPath] {
    var folders: [ArtifactPath] = []
    if let attempt = incident.attempt { folders.append(ArtifactPath(AttemptPlan.folder(of: attempt))) }
    if incident.isVerdict, let position = planner.graph.index[incident.instance] {
      for follower in planner.graph.downstream[position] {
        let outputs = try store.reader.checkpoint(planner.graph.nodes[follower].instance)?.outputs ?? []
        folders += outputs.map(\.path).filter(\.isFolder)
      }
    }
    return Array(
      try folders.flatMap { try folder.pictures(below: $0, limit: IncidentPage.mostPictures) }.prefix(IncidentPage.mostPictures))
  }

  // MARK: Decisions

  /// Records what a person says of a failing verdict; what is told as done is synced.
  /// - Parameters:
  ///   - name: the incident's id or the beginning of it.
  ///   - overrule: whether a decision on the same verdict is changed.
  ///   - user: who decides, as the operating system knows them.
  /// - Throws: `UserError` where there is nothing to decide.
  func rule(
    _ ruling: VerdictRuling, incident name: String, comment: String, overrule: Bool, user: String
  ) throws -> (incident: Incident, entry: HistoryEntry) {
    history = try HistoryFile(root: location.root).read()
    var incident = try folder.incident(named: name)
    try checkDecidable(incident, ruling)
    let verdict = JudgedVerdict(instance: incident.instance, fingerprint: incident.fingerprint)
    let earlier = overrule ? nil : history.decision(on: verdict)
    let checkpoint = try store.reader.checkpoint(incident.instance)
    let shown = checkpoint.map { $0.fingerprint == incident.fingerprint ? $0.outputs : [] } ?? []
    let entry = try record(
      ruling == .accepted ? .incidentAccepted : .incidentRejected,
      .incident(
        incident.id, task: incident.instance, evidence: incident.fingerprint,
        shown: Dictionary(shown.map { ("\(incident.instance.task).\($0.name)", $0.digest.hex) }, uniquingKeysWith: { $1 })),
      by: user, comment: comment, settledBy: earlier?.sequence)
    let counts = earlier ?? entry
    incident.state = Incident.State(counts.kind == .incidentAccepted ? .accepted : .rejected)
    incident.decision = Incident.Decision(counts)
    try folder.write(incident) { "" }
    if earlier == nil { try announce(.incidentClosed, incident) }
    return (incident, entry)
  }

  private func checkDecidable(_ incident: Incident, _ ruling: VerdictRuling) throws {
    guard incident.isVerdict else {
      throw UserError(
        "\(incident.id) is no verdict: there is nothing to \(ruling == .accepted ? "accept" : "reject")",
        facts: [("task", incident.instance.description), ("failed", "\(incident.cause.rawValue): \(incident.message)")],
        hint: "it closes by itself when the task succeeds or its inputs change: `martlet incident show \(incident.id)`")
    }
    guard incident.isCurrent else {
      throw UserError(
        "\(incident.id) is closed", facts: [("because", incident.closing?.text ?? ""), ("at", incident.closedAt ?? "")],
        hint: "`martlet incident list` shows what is open")
    }
  }
}

extension IncidentFolder {
  /// - Parameter name: an id or the beginning of one; one that is open goes before those that are closed.
  /// - Throws: `UserError` for none, or more than one.
  func incident(named name: String) throws -> Incident {
    let incidents = try read().incidents
    if let exact = incidents.first(where: { $0.id == name }) { return exact }
    let candidates = incidents.filter { $0.id.hasPrefix(name) }
    let current = candidates.filter(\.isCurrent)
    let chosen = current.isEmpty ? candidates : current
    guard let incident = chosen.first else { throw UserError.unknown("incident", name, among: incidents.map(\.id)) }
    guard chosen.count == 1 else {
      throw UserError(
        "\(name) begins more than one incident", facts: chosen.prefix(10).map { ("", $0.id) }, hint: "give more of the id")
    }
    return incident
  }
}

extension Incident.Decision {
  init(_ entry: HistoryEntry) {
    self.init(by: entry.by, at: entry.at, comment: entry.comment)
  }
}

extension InstanceFinding {
  fileprivate func isOn(_ breach: Breach) -> Bool { instance == breach.task && fingerprint == breach.fingerprint }
}
