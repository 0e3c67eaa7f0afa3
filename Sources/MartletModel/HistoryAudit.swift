/// Looks for what was done to a history outside Martlet: at every line, not only the first that is wrong.

/// The last entry that was known: what shows that the end of a file was cut off or the whole of it written anew.
public struct HistoryEnd: Hashable, Sendable {
  public let sequence: Int
  public let digest: Digest

  public init(sequence: Int, digest: Digest) {
    self.sequence = sequence
    self.digest = digest
  }
}

extension History {
  /// `nil` without entries.
  public var end: HistoryEnd? {
    entries.last.map { HistoryEnd(sequence: $0.sequence, digest: $0.digest) }
  }

  /// Whether an entry that was known is still there, as it was.
  public func holds(_ end: HistoryEnd) -> Bool {
    end.sequence <= entries.count && entries[end.sequence - 1].digest == end.digest
  }

  public struct Fault: Hashable, Sendable {
    /// Counted from 1; `nil` for what is missing at the end.
    public let line: Int?
    public let text: String

    public init(line: Int?, text: String) {
      self.line = line
      self.text = text
    }
  }

  /// Everything that is wrong with the lines of a history's file.
  /// - Parameter known: the last entry that was known.
  public static func faults(text: String, known: HistoryEnd?) -> [Fault] {
    // Bytes behind the last line end were never acknowledged.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast()
    let entries = lines.map { HistoryEntry(line: $0) }
    let present = Set(entries.compactMap { $0?.sequence })
    var faults: [Fault] = []
    /// The entry before, and its digest where its line is as it was written.
    var before: (sequence: Int, digest: Digest?) = (0, HistoryEntry.origin)
    for (index, entry) in entries.enumerated() {
      guard let entry else {
        faults.append(Fault(line: index + 1, text: "this line is not as it was written"))
        before = (before.sequence + 1, nil)
        continue
      }
      if let fault = fault(of: entry, after: before, present) { faults.append(Fault(line: index + 1, text: fault)) }
      before = (entry.sequence, entry.digest)
    }
    if let cut = end(of: entries, known) { faults.append(Fault(line: nil, text: cut)) }
    return faults
  }

  private static func fault(
    of entry: HistoryEntry, after before: (sequence: Int, digest: Digest?), _ present: Set<Int>
  ) -> String? {
    let expected = before.sequence + 1
    if entry.sequence == expected {
      guard let digest = before.digest, digest != entry.previous else { return nil }
      return "this line does not follow the one before it, which was changed and given a new digest"
    }
    let place = "entry \(entry.sequence) stands where entry \(expected) belongs"
    guard entry.sequence > expected else { return "\(place): it was moved or doubled" }
    let missing = (expected..<entry.sequence).filter { !present.contains($0) }
    guard let first = missing.first, let last = missing.last else { return "\(place): lines were moved" }
    return "\(place): \(first == last ? "entry \(first) was" : "entries \(first) to \(last) were") removed"
  }

  private static func end(of entries: [HistoryEntry?], _ known: HistoryEnd?) -> String? {
    guard let known else { return nil }
    if let entry = entries.compactMap({ $0 }).first(where: { $0.sequence == known.sequence }) {
      return entry.digest == known.digest
        ? nil : "entry \(known.sequence) is another than the one that was known: the file was written anew"
    }
    let last = max(entries.compactMap { $0?.sequence }.max() ?? 0, entries.count)
    guard known.sequence > last else { return nil }
    return last + 1 == known.sequence
      ? "entry \(known.sequence), the last one, was removed"
      : "entries \(last + 1) to \(known.sequence), the last ones, were removed"
  }
}
