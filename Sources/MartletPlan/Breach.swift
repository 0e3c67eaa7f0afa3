/// Whether a breach by the release in production goes back, and to which: `on_breach: revert`.

import MartletModel

/// A failing verdict on the release in production, by a task whose thresholds say to go back.
public struct Breach: Sendable, Hashable {
  public let task: TaskInstance
  /// Of the task's checkpoint.
  public let fingerprint: Fingerprint
  /// When the judgement was made, seconds since 1970.
  public let at: Double

  public init(task: TaskInstance, fingerprint: Fingerprint, at: Double) {
    self.task = task
    self.fingerprint = fingerprint
    self.at = at
  }

  /// The releases to go back to, the one to try first in front; empty where none was promoted before the current one. `nil` where
  /// nothing is to move.
  ///
  /// Going back happens once: what it leads to is pinned, and neither that nor what a person made current after the judgement is left
  /// again for it. A gate opens only behind a verdict that lets others go on, so every promoted release had one, or it was accepted.
  public func ways(in history: History) -> [ArtifactPath]? {
    guard let current = history.current, !history.isPinned,
      let since = history.promotion(of: current).flatMap({ Timestamp($0.at) }), since.seconds <= at
    else { return nil }
    let wasAnswered = history.entries.contains { entry in
      if case .breach(_, task, fingerprint) = entry.subject { true } else { false }
    }
    return wasAnswered ? nil : Array(history.promoted.dropFirst())
  }
}
