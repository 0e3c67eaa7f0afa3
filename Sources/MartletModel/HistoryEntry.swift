/// One line of `artifact/history.jsonl`: a decision or a change of what is in production, chained to the line before it by digest.
public struct HistoryEntry: Hashable, Sendable {
  public static let schema = "martlet.history/1"

  /// What was done.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A gate was approved, which promotes its subject, if it has one.
    case approved
    case rejected
    /// A gate whose waiting ends by itself began to wait with this evidence.
    case asked
    /// A release that had been promoted before was made current again.
    case promoted
    /// A person went back to an earlier release, which pins it.
    case rolledBack = "rolled_back"
    /// A run went back to an earlier release, because the one in production broke its limits.
    case reverted
    /// A failing verdict was accepted for exactly what it judged.
    case incidentAccepted = "incident_accepted"
    case incidentRejected = "incident_rejected"
  }

  /// What it was done to. `evidence` is the fingerprint that a decision is bound to: with other evidence it says nothing.
  public enum Subject: Hashable, Sendable {
    /// A gate; `shown` has the digests behind the evidence by `task.output`, `release` is the folder that an approval promoted.
    case gate(String, evidence: Fingerprint, shown: [String: String], release: ArtifactPath?)
    /// A release's folder.
    case release(ArtifactPath)
    /// A release's folder that a run went back to, with the task that judged the one it left, and its checkpoint's fingerprint.
    case breach(release: ArtifactPath, task: TaskInstance, evidence: Fingerprint)
    /// An incident by its id; the task that judged, and its checkpoint's fingerprint; `shown` has the digests of its outputs by
    /// `task.output`.
    case incident(String, task: TaskInstance, evidence: Fingerprint, shown: [String: String])
  }

  /// Counts from 1 without gaps.
  public let sequence: Int
  public let kind: Kind
  public let subject: Subject
  /// RFC 3339 with offset.
  public let at: String
  /// The operating-system user.
  public let by: String
  public let comment: String?
  /// What the tasks that were shown had said of their results, by task: the figures of a release that its folder does not hold.
  public let figures: [String: ConfigurationValue]
  /// Of an approval that promotes: the user who started the run that made the release; `nil` where nobody knew.
  public let requester: String?
  /// The entry that had decided the same already: this one came second and changed nothing.
  public let settledBy: Int?
  /// The digest of the line before; of no bytes for the first.
  public let previous: Digest

  public init(
    sequence: Int, kind: Kind, subject: Subject, at: String, by: String, comment: String?,
    figures: [String: ConfigurationValue] = [:], requester: String? = nil, settledBy: Int? = nil, previous: Digest
  ) {
    precondition(subject.kinds.contains(kind), "\(kind) is nothing that is done to \(subject)")
    self.sequence = sequence
    self.kind = kind
    self.subject = subject
    self.at = at
    self.by = by
    self.comment = comment
    self.figures = figures
    self.requester = requester
    self.settledBy = settledBy
    self.previous = previous
  }

  /// What `previous` of the first line holds.
  public static let origin = Digest(of: [])

  /// The release that this made current, if it did.
  public var release: ArtifactPath? {
    guard settledBy == nil else { return nil }
    switch subject {
    case .gate(_, _, _, let release): return kind == .approved ? release : nil
    case .release(let release), .breach(let release, _, _): return release
    case .incident: return nil
    }
  }
}

extension HistoryEntry {
  /// The gate, and what it showed, of a decision on one that counts: that it began to wait is none, and a second one changes nothing.
  public var decidedGate: (gate: String, evidence: Fingerprint)? {
    guard settledBy == nil, kind != .asked, case .gate(let gate, let evidence, _, _) = subject else { return nil }
    return (gate, evidence)
  }

  /// Whether it approved a release that going back has cut off since.
  /// - Parameter promoted: the releases that going back has not cut off.
  public func hasLapsed(among promoted: Set<ArtifactPath>) -> Bool {
    guard kind == .approved, let release else { return false }
    return !promoted.contains(release)
  }
}

extension HistoryEntry.Subject {
  /// What can be done to it.
  var kinds: Set<HistoryEntry.Kind> {
    switch self {
    case .gate: [.approved, .rejected, .asked]
    case .release: [.promoted, .rolledBack]
    case .breach: [.reverted]
    case .incident: [.incidentAccepted, .incidentRejected]
    }
  }

  fileprivate var fields: [String: ConfigurationValue] {
    func digests(_ shown: [String: String]) -> ConfigurationValue { .map(shown.mapValues(ConfigurationValue.text)) }
    switch self {
    case .gate(let gate, let evidence, let shown, let release):
      var fields: [String: ConfigurationValue] = [
        "gate": .text(gate), "evidence": .text(evidence.digest.hex), "shown": digests(shown),
      ]
      fields["release"] = release.map { .text($0.string) }
      return fields
    case .release(let release): return ["release": .text(release.string)]
    case .breach(let release, let task, let evidence):
      return ["release": .text(release.string), "task": .text(task.key), "evidence": .text(evidence.digest.hex)]
    case .incident(let incident, let task, let evidence, let shown):
      return [
        "incident": .text(incident), "task": .text(task.key), "evidence": .text(evidence.digest.hex), "shown": digests(shown),
      ]
    }
  }

  /// Reads what `fields` wrote.
  fileprivate init?(_ kind: HistoryEntry.Kind, _ line: ConfigurationValue) {
    let release = line.text("release").map { ArtifactPath($0) }
    let evidence = line.text("evidence").flatMap { Digest(hex: $0) }.map(Fingerprint.init(digest:))
    let task = line.text("task").flatMap(TaskInstance.init(key:))
    let shown: [String: String]? = if case .map(let map)? = line["shown"] { map.mapValues(\.display) } else { nil }
    switch kind {
    case .approved, .rejected, .asked:
      guard let gate = line.text("gate"), let evidence, let shown else { return nil }
      self = .gate(gate, evidence: evidence, shown: shown, release: release)
    case .promoted, .rolledBack:
      guard let release else { return nil }
      self = .release(release)
    case .reverted:
      guard let release, let task, let evidence else { return nil }
      self = .breach(release: release, task: task, evidence: evidence)
    case .incidentAccepted, .incidentRejected:
      guard let incident = line.text("incident"), let task, let evidence, let shown else { return nil }
      self = .incident(incident, task: task, evidence: evidence, shown: shown)
    }
  }
}

// MARK: The line

extension HistoryEntry {
  private var fields: [String: ConfigurationValue] {
    var fields = subject.fields
    fields["schema"] = .text(HistoryEntry.schema)
    fields["sequence"] = .integer(sequence)
    fields["kind"] = .text(kind.rawValue)
    fields["at"] = .text(at)
    fields["by"] = .text(by)
    fields["previous"] = .text(previous.hex)
    fields["comment"] = comment.map { .text($0) }
    fields["figures"] = figures.isEmpty ? nil : .map(figures)
    fields["requester"] = requester.map { .text($0) }
    fields["settled_by"] = settledBy.map { .integer($0) }
    return fields
  }

  /// The digest of the line without its own `digest`: what the next line holds as `previous`.
  public var digest: Digest { Digest(of: Array(ConfigurationValue.map(fields).canonicalJSON.utf8)) }

  /// The line as written, without its end.
  public var line: String {
    var fields = fields
    fields["digest"] = .text(digest.hex)
    return ConfigurationValue.map(fields).canonicalJSON
  }

  /// `nil` unless the line is, byte for byte, one that `line` wrote, with its own digest right.
  public init?(line: String) {
    guard let value = ConfigurationValue(canonicalJSON: line), value.text("schema") == HistoryEntry.schema,
      case .integer(let sequence)? = value["sequence"], let kind = value.text("kind").flatMap(Kind.init(rawValue:)),
      let subject = Subject(kind, value), let at = value.text("at"), let by = value.text("by"),
      let previous = value.text("previous").flatMap({ Digest(hex: $0) })
    else { return nil }
    let figures: [String: ConfigurationValue] = if case .map(let map)? = value["figures"] { map } else { [:] }
    let settledBy: Int? = if case .integer(let sequence)? = value["settled_by"] { sequence } else { nil }
    self.init(
      sequence: sequence, kind: kind, subject: subject, at: at, by: by, comment: value.text("comment"), figures: figures,
      requester: value.text("requester"), settledBy: settledBy, previous: previous)
    guard Array(self.line.utf8) == Array(line.utf8) else { return nil }
  }
}

extension ConfigurationValue {
  fileprivate func text(_ key: String) -> String? {
    guard case .text(let text)? = self[key] else { return nil }
    return text
  }
}
