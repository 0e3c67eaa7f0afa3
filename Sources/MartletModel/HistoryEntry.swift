/// One line of `artifact/history.jsonl`: a decision or a change of what is in production, chained to the line before it by digest.
public struct HistoryEntry: Hashable, Sendable {
  public static let schema = "martlet.history/1"

  /// What was done.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A gate was approved; `release` names what that promoted, if anything.
    case approved
    case rejected
  }

  /// Counts from 1 without gaps.
  public let sequence: Int
  public let kind: Kind
  /// RFC 3339 with offset.
  public let at: String
  /// The operating-system user.
  public let by: String
  public let comment: String?
  public let gate: String
  /// What the decision is bound to: the digest over everything that was shown and what is promoted.
  public let evidence: Fingerprint
  /// The digests behind `evidence`, by `task.output`.
  public let shown: [String: String]
  /// The folder of the release that became the current one.
  public let release: ArtifactPath?
  /// The digest of the line before; of no bytes for the first.
  public let previous: Digest

  public init(
    sequence: Int, kind: Kind, at: String, by: String, comment: String?, gate: String, evidence: Fingerprint,
    shown: [String: String], release: ArtifactPath?, previous: Digest
  ) {
    self.sequence = sequence
    self.kind = kind
    self.at = at
    self.by = by
    self.comment = comment
    self.gate = gate
    self.evidence = evidence
    self.shown = shown
    self.release = release
    self.previous = previous
  }

  /// What `previous` of the first line holds.
  public static let origin = Digest(of: [])

  private var fields: [String: ConfigurationValue] {
    var fields: [String: ConfigurationValue] = [
      "schema": .text(HistoryEntry.schema), "sequence": .integer(sequence), "kind": .text(kind.rawValue), "at": .text(at),
      "by": .text(by), "gate": .text(gate), "evidence": .text(evidence.digest.hex),
      "shown": .map(shown.mapValues(ConfigurationValue.text)), "previous": .text(previous.hex),
    ]
    if let comment { fields["comment"] = .text(comment) }
    if let release { fields["release"] = .text(release.string) }
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

  /// `nil` unless the line is one that `line` wrote, with its own digest right.
  public init?(line: String) {
    guard let value = ConfigurationValue(canonicalJSON: line) else { return nil }
    func text(_ key: String) -> String? {
      guard case .text(let text)? = value[key] else { return nil }
      return text
    }
    guard text("schema") == HistoryEntry.schema, case .integer(let sequence)? = value["sequence"],
      let kind = text("kind").flatMap(Kind.init(rawValue:)), let at = text("at"), let by = text("by"), let gate = text("gate"),
      let evidence = text("evidence").flatMap({ Digest(hex: $0) }), case .map(let shown)? = value["shown"],
      let previous = text("previous").flatMap({ Digest(hex: $0) }), let digest = text("digest")
    else { return nil }
    self.init(
      sequence: sequence, kind: kind, at: at, by: by, comment: text("comment"), gate: gate,
      evidence: Fingerprint(digest: evidence), shown: shown.mapValues(\.display),
      release: text("release").map { ArtifactPath($0) }, previous: previous)
    guard self.digest.hex == digest else { return nil }
  }
}

/// The whole history, checked link by link.
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
        + "  put back the file as it was, from a backup or from version control"
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

  /// Folders of the promoted releases, the current one first, each once.
  public var promoted: [ArtifactPath] {
    var seen: Set<ArtifactPath> = []
    return entries.reversed().compactMap(\.release).filter { seen.insert($0).inserted }
  }
}
