/// The history and the release in production, on the disk.

import MartletFiles
import MartletModel
import MartletRun
import MartletStore

struct WorkspaceProduction: Production {
  /// The workspace's absolute path.
  let root: String
  let store: Store

  func knownEnd() throws -> HistoryEnd? { try store.reader.historyEnd() }
  func keepEnd(_ end: HistoryEnd) throws { try store.saveHistoryEnd(end) }
  func append(_ entry: HistoryEntry) throws { try HistoryFile(root: root).append(entry) }
  func syncHistory() throws { try HistoryFile(root: root).sync() }
  func isCurrent(_ release: ArtifactPath) throws -> Bool { try ReleaseFolder(root: root, path: release).isCurrent() }
  func faults(of release: ArtifactPath) throws -> [String] { try ReleaseFolder(root: root, path: release).faults() }
  func makeCurrent(_ release: ArtifactPath) throws { try ReleaseFolder(root: root, path: release).makeCurrent() }
}
