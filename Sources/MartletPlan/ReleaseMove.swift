/// Decides which release a promotion or a rollback makes current, or why none: from the history alone.

import MartletModel

/// What a person asks for.
public enum ReleaseMove: Sendable, Hashable {
  /// make a release current that once was
  case promote(ArtifactPath)
  /// go back, to the release before the current one unless another is named
  case rollBack(to: ArtifactPath?)
}

/// Why nothing moves.
public enum ReleaseRefusal: Error, Sendable, Hashable {
  case nothingPromoted
  case isCurrent(ArtifactPath)
  /// A new release goes through its gate.
  case neverPromoted(ArtifactPath)
  /// There is nothing before the current one to go back to.
  case nothingBefore(current: ArtifactPath)
  /// It was promoted, but going back has cut it off: it does not lie before the current one.
  case cutOff(ArtifactPath)
}

extension ReleaseMove {
  /// The folder that becomes current.
  public func target(in history: History) throws(ReleaseRefusal) -> ArtifactPath {
    guard let current = history.current else { throw .nothingPromoted }
    switch self {
    case .promote(let release):
      guard history.everPromoted.contains(release) else { throw .neverPromoted(release) }
      // Promoting the pinned release again says that going on from it is right.
      guard release != current || history.isPinned else { throw .isCurrent(release) }
      return release
    case .rollBack(nil):
      guard let before = history.beforeCurrent else { throw .nothingBefore(current: current) }
      return before
    case .rollBack(let release?):
      guard release != current else { throw .isCurrent(release) }
      guard history.everPromoted.contains(release) else { throw .neverPromoted(release) }
      guard history.promoted.contains(release) else { throw .cutOff(release) }
      return release
    }
  }

  /// What the history calls it.
  public var kind: HistoryEntry.Kind {
    switch self {
    case .promote: .promoted
    case .rollBack: .rolledBack
    }
  }
}
