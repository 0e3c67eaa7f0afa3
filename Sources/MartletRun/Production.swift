/// What is in production, and who decided so: in which order the two change, and what a kill in between leaves to be done.
///
/// The history is written and synced first, and `artifact/current` follows it. Where they differ, the link is behind.

import MartletModel

/// The history and the link, as whoever holds the workspace changes them.
public protocol Production {
  /// The last entry that was known, which the history itself cannot tell; `nil` where none was.
  func knownEnd() throws -> HistoryEnd?
  func keepEnd(_ end: HistoryEnd) throws
  /// Adds an entry to the history; it is synced when this returns.
  func append(_ entry: HistoryEntry) throws
  /// Syncs the history as it stands.
  func syncHistory() throws
  func isCurrent(_ release: ArtifactPath) throws -> Bool
  /// What is wrong with a release, every byte of which is read; empty for one that may go into production.
  func faults(of release: ArtifactPath) throws -> [String]
  /// Points `artifact/current` to a release in one step, and syncs it.
  func makeCurrent(_ release: ArtifactPath) throws
}

/// How the link stands to the history once a workspace is taken up.
public enum TakenUpProduction: Hashable, Sendable {
  /// It points where the history says, or nothing was promoted.
  case asRecorded
  /// It was behind, and now points to this release.
  case finished(ArtifactPath)
  /// It is behind and stays where it is, for the release that the history calls current is damaged.
  case damaged(ArtifactPath, [String])
  /// The history lacks entries that were known: production must not follow a record that someone cut.
  case historyIsCut
}

extension Production {
  /// Called before anything rests on the history.
  public func takeUp(_ history: History) throws -> TakenUpProduction {
    guard try holdsKnownEnd(history) else { return .historyIsCut }
    if let end = history.end, try end != knownEnd() {
      // Whoever wrote it was killed, perhaps before it was synced.
      try syncHistory()
      try keepEnd(end)
    }
    guard let release = history.current, try !isCurrent(release) else { return .asRecorded }
    let faults = try faults(of: release)
    guard faults.isEmpty else { return .damaged(release, faults) }
    try makeCurrent(release)
    return .finished(release)
  }

  /// Whether the last entry that was known is still there.
  public func holdsKnownEnd(_ history: History) throws -> Bool {
    try knownEnd().map(history.holds) ?? true
  }

  /// Adds the entry that follows `history`'s last, then moves the link that it may speak of. The release must be verified.
  public func record(_ entry: HistoryEntry, in history: inout History) throws {
    // What is known stays so until someone puts the file right.
    let isWhole = try holdsKnownEnd(history)
    try append(entry)
    history = History(entries: history.entries + [entry])
    if isWhole, let end = history.end { try keepEnd(end) }
    if let release = entry.release { try makeCurrent(release) }
  }
}
