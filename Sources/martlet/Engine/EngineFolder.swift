/// Paths below `.martlet/`, and the lock there.

import MartletFiles

extension WorkspaceLocation {
  var engineFolder: String { "\(root)/.martlet" }

  /// Tries to become the workspace's one writer, without waiting.
  func acquireLock(_ host: Host) throws -> WorkspaceLock.Attempt {
    try WorkspaceLock.acquire(
      "\(engineFolder)/lock", folder: engineFolder, command: host.command, now: host.wallSeconds())
  }
}
