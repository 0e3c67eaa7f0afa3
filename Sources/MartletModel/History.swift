/// The whole history, checked link by link, and what follows from it: which releases were promoted, which one is current, what a gate was
/// told.
public struct History: Hashable, Sendable {
  public let entries: [HistoryEntry]

  public init(entries: [HistoryEntry] = []) {
    self.entries = entries
  }

  /// What is wrong with a history's file.
  public struct Damage: Error, Hashable, Sendable, CustomStringConvertible {
    public let file: String
    /// Counted from 1.
    public let line: Int
    public let fault: String

    public var description: String {
      "\(file):\(line): \(fault)\n  the record of decisions and promotions was changed outside Martlet\n"
        + "  put back the file as it was, from a backup; docs/incidents.md says how to go on without one"
    }
  }

  /// Reads the lines of a history's file. Bytes after the last line end were never synced and are no entry.
  public init(text: String, file: String) throws(Damage) {
    var entries: [HistoryEntry] = []
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines.removeLast()
    for (index, line) in lines.enumerated() {
      guard let entry = HistoryEntry(line: line) else {
        throw Damage(file: file, line: index + 1, fault: "this line is not as it was written")
      }
      guard entry.sequence == index + 1, entry.previous == entries.last?.digest ?? HistoryEntry.origin else {
        throw Damage(file: file, line: index + 1, fault: "this line does not follow the one before it")
      }
      entries.append(entry)
    }
    self.entries = entries
  }

  /// The entry that would come next.
  /// - Parameter at: RFC 3339 with offset.
  public func next(
    _ kind: HistoryEntry.Kind, _ subject: HistoryEntry.Subject, at: String, by: String, comment: String?,
    figures: [String: ConfigurationValue] = [:], requester: String? = nil, settledBy: Int? = nil
  ) -> HistoryEntry {
    HistoryEntry(
      sequence: entries.count + 1, kind: kind, subject: subject, at: at, by: by, comment: comment, figures: figures,
      requester: requester, settledBy: settledBy,
      previous: entries.last?.digest ?? HistoryEntry.origin)
  }

  // MARK: Releases

  /// The releases that were current one after another, the current one last: an approval and a promotion push, going back pops down to
  /// its target.
  private var stack: [ArtifactPath] {
    var stack: [ArtifactPath] = []
    for entry in entries {
      guard let release = entry.release else { continue }
      if entry.kind == .rolledBack || entry.kind == .reverted {
        while let last = stack.last, last != release { stack.removeLast() }
      }
      if stack.last != release { stack.append(release) }
    }
    return stack
  }

  /// Folders of the promoted releases, the current one first, then backwards, each once; without those that going back cut off.
  public var promoted: [ArtifactPath] {
    var seen: Set<ArtifactPath> = []
    return stack.reversed().filter { seen.insert($0).inserted }
  }

  /// Folders of all releases that ever were current.
  public var everPromoted: Set<ArtifactPath> { Set(entries.compactMap(\.release)) }

  /// The folder of the release in production.
  public var current: ArtifactPath? { stack.last }

  /// The folder of the release that was in production before the current one.
  public var beforeCurrent: ArtifactPath? { stack.dropLast().last }

  /// Whether someone went back to the current release: then only an approval or a promotion after that moves on from it.
  public var isPinned: Bool {
    let last = entries.last { $0.release != nil }
    return last?.kind == .rolledBack || last?.kind == .reverted
  }

  /// The history as it was.
  /// - Parameter seconds: since 1970; an entry of that very time is part of it.
  public func asOf(_ seconds: Double) -> History {
    let last = entries.lastIndex { Timestamp($0.at).map { $0.seconds <= seconds } ?? false }
    return History(entries: last.map { Array(entries[...$0]) } ?? [])
  }

  /// The folder of the release that was in production.
  /// - Parameter seconds: since 1970.
  public func current(at seconds: Double) -> ArtifactPath? { asOf(seconds).current }

  // MARK: Decisions

  /// The newest entry that made a release current.
  public func promotion(of release: ArtifactPath) -> HistoryEntry? {
    entries.last { $0.release == release }
  }

  /// Who started the run that made a release, as its newest approval says; `nil` where none does.
  public func requester(of release: ArtifactPath) -> String? {
    entries.last { $0.release == release && $0.requester != nil }?.requester
  }

  /// The newest decision on a gate with this evidence, lapsed or not.
  public func decision(onGate gate: String, evidence: Fingerprint) -> HistoryEntry? {
    entries.last { entry in entry.decidedGate.map { $0 == (gate, evidence) } ?? false }
  }

  /// Since when a gate waits with this evidence: the entry that says so, unless a decision came after it.
  public func asked(gate: String, evidence: Fingerprint) -> HistoryEntry? {
    let last = entries.last { entry in
      guard case .gate(gate, evidence, _, _) = entry.subject else { return false }
      return entry.settledBy == nil
    }
    return last?.kind == .asked ? last : nil
  }

  /// Whether a gate has waited for longer than it may, with whatever evidence.
  /// - Parameter now: seconds since 1970.
  public func isOver(gate: String, _ expiry: GateExpiry, now: Double) -> Bool {
    entries.contains { entry in
      guard case .gate(gate, let evidence, _, _) = entry.subject, entry.kind == .asked,
        asked(gate: gate, evidence: evidence) == entry, let since = Timestamp(entry.at)?.seconds
      else { return false }
      return since + expiry.afterSeconds <= now
    }
  }

  /// The newest decision that counts on the verdict of a task instance with this fingerprint.
  public func decision(on verdict: JudgedVerdict) -> HistoryEntry? {
    entries.last { $0.judged == verdict && $0.settledBy == nil }
  }

  /// What the newest decisions on failing verdicts say.
  public var rulings: [JudgedVerdict: VerdictRuling] {
    var rulings: [JudgedVerdict: VerdictRuling] = [:]
    for entry in entries where entry.settledBy == nil {
      guard let verdict = entry.judged else { continue }
      rulings[verdict] = entry.kind == .incidentAccepted ? .accepted : .rejected
    }
    return rulings
  }
}

extension HistoryEntry {
  /// The verdict that a decision on an incident is about.
  fileprivate var judged: JudgedVerdict? {
    guard case .incident(_, let task, let evidence, _) = subject else { return nil }
    return JudgedVerdict(instance: task, fingerprint: evidence)
  }
}
