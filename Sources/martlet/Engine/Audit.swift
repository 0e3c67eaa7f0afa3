/// Looks for what was changed outside Martlet: in the history, in the decisions that tickets tell of, in what is in production.

import MartletFiles
import MartletModel
import MartletStore

struct Audit {
  struct Fault {
    let file: ArtifactPath
    /// Counted from 1.
    var line: Int?
    let text: String

    /// `artifact/history.jsonl:3: this line is not as it was written`
    var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(text)" }
  }

  private(set) var faults: [Fault] = []
  private(set) var entryCount = 0
  private(set) var releaseCount = 0
  /// Whether a store knows where the history ended.
  private(set) var isEndKnown = false

  private let location: WorkspaceLocation

  init(_ location: WorkspaceLocation, withReleases: Bool) throws {
    self.location = location
    // Read first: what is appended meanwhile is no fault.
    let known = try location.reader()?.historyEnd()
    let text = try HistoryFile(root: location.root).text()
    isEndKnown = known != nil
    faults = History.faults(text: text ?? "", known: known).map {
      Fault(file: HistoryFile.path, line: $0.line, text: $0.text)
    }
    let lines = (text ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    entryCount = lines.count
    // A history with faults says nothing certain of the rest, but the bytes of a release are its own matter.
    let history = History(entries: lines.compactMap { HistoryEntry(line: String($0)) })
    if faults.isEmpty {
      try checkLink(history)
      try checkTickets(history)
    }
    if withReleases { try checkReleases(history) }
  }

  private mutating func checkLink(_ history: History) throws {
    let link = try ReleaseFolder.linkDestination(root: location.root)
    guard let current = history.current else {
      if let link { faults.append(Fault(file: ReleaseFolder.current, text: "points to \(link), which nobody promoted")) }
      return
    }
    guard try !ReleaseFolder(root: location.root, path: current).isCurrent() else { return }
    let found = link.map { "points to \($0)" } ?? "is no link"
    faults.append(
      Fault(
        file: ReleaseFolder.current,
        text: "\(found), but the history says \(current.lastComponent); the next command that changes something puts it right"))
  }

  /// What a ticket says of a decision must be what the history says.
  private mutating func checkTickets(_ history: History) throws {
    let (incidents, unreadable) = try IncidentFolder(root: location.root).read()
    for path in unreadable { faults.append(Fault(file: path, text: "its first block is not as it was written")) }
    for incident in incidents {
      let verdict = JudgedVerdict(instance: incident.instance, fingerprint: incident.fingerprint)
      let entry = history.decision(on: verdict)
      let decision = entry.map(Incident.Decision.init)
      let state: Incident.State? = entry.map { $0.kind == .incidentAccepted ? .accepted : .rejected }
      let isDecided = incident.state == .accepted || incident.state == .rejected
      guard incident.decision != decision || (isDecided && incident.state != state) else { continue }
      let said =
        "it says \(incident.decision.map { "\(incident.state.rawValue) by \($0.by) at \($0.at)" } ?? "that nobody decided")"
      let recorded = entry.map { "\($0.kind.rawValue) by \($0.by) at \($0.at)" } ?? "nothing of a decision"
      faults.append(Fault(file: incident.path, text: "\(said), but the history says \(recorded)"))
    }
    let tickets = Set(incidents.map(\.path) + unreadable)
    for entry in history.entries {
      guard case .incident(let id, _, _, _) = entry.subject, !tickets.contains(ArtifactPath("incidents/\(id).md")) else {
        continue
      }
      faults.append(
        Fault(file: ArtifactPath("incidents/\(id).md"), text: "is gone, and entry \(entry.sequence) of the history decided on it")
      )
    }
  }

  private mutating func checkReleases(_ history: History) throws {
    let catalog = try ReleaseCatalog(root: location.root, history: history)
    for path in catalog.paths {
      // One that was rolled back is no way back; it may have been cleared away.
      let isThere = try FileKind.of("\(location.root)/\(path.withoutTrailingSlash)", followingLinks: false) != nil
      guard isThere || history.promoted.contains(path) else { continue }
      releaseCount += 1
      let found = isThere ? try catalog.faults(of: path) : ["the folder is not there"]
      faults += found.map { Fault(file: path, text: $0) }
    }
  }
}
