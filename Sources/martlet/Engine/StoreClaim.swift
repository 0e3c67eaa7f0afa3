/// That a store which `store:` puts elsewhere has one workspace and one writer.

import MartletFiles
import MartletStore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Held as long as the store is open. The workspace's own lock says nothing of a folder that another workspace may name too.
struct StoreClaim {
  private let location: WorkspaceLocation
  private let storePath: String
  /// Links resolved.
  private let folder: String
  private let lock: WorkspaceLock?

  /// - Parameter storePath: its folder exists.
  /// - Throws: `UserError` with status 75 while another process has the store.
  init(of storePath: String, for location: WorkspaceLocation, _ host: Host) throws {
    self.location = location
    self.storePath = storePath
    folder = StoreClaim.resolved(String(storePath[..<storePath.lastIndex(of: "/")!]))
    guard folder != StoreClaim.resolved(location.engineFolder) else {
      lock = nil
      return
    }
    switch try WorkspaceLock.acquire("\(storePath).lock", command: host.command, now: host.wallSeconds()) {
    case .acquired(let lock): self.lock = lock
    case .busy(let holder):
      throw UserError(
        "the store is in use",
        facts: [("store", storePath), ("held by", holder?.description ?? "a process that is just starting")],
        hint: "does another workspace name the same folder under store:?", status: .inUse)
    }
  }

  /// Refuses a store of another workspace that still exists; one that was moved takes its store along.
  /// - Throws: `UserError`
  func check(_ store: Store) throws {
    let recorded = try store.workspace()
    guard recorded != location.root else { return }
    if let recorded, !isWithinWorkspace, try isAnotherWorkspace(recorded) {
      throw UserError(
        "the store belongs to another workspace",
        facts: [("store", storePath), ("belongs to", recorded), ("asked for by", location.root)],
        hint: "give this workspace a folder of its own: store: in \(location.pipelineFile)")
    }
    try store.recordWorkspace(location.root)
  }

  /// A store inside the workspace was copied with it.
  private var isWithinWorkspace: Bool { folder.hasPrefix(location.root + "/") }

  /// The same workspace may have two paths, as under a bind mount.
  private func isAnotherWorkspace(_ root: String) throws -> Bool {
    guard try FileKind.of("\(root)/.martlet") == .folder, let other = try FileStamp.of(root),
      let own = try FileStamp.of(location.root)
    else { return false }
    return other.device != own.device || other.inode != own.inode
  }

  private static func resolved(_ path: String) -> String {
    guard let pointer = realpath(path, nil) else { return path }
    defer { free(pointer) }
    return String(cString: pointer)
  }
}
