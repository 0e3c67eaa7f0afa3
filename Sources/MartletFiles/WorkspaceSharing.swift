// A workspace whose folder lets its group write is shared: what Martlet makes in it is the group's, too.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public struct WorkspaceSharing: Sendable {
  /// Whether members of the group of the workspace's folder may write there.
  public let isShared: Bool
  private let group: gid_t

  /// - Parameter root: the workspace's absolute path.
  public init(root: String) throws {
    var facts = stat()
    try check("look at", root) { stat(root, &facts) }
    isShared = facts.st_mode & S_IWGRP != 0
    group = facts.st_gid
  }

  /// Has this process and those that it starts leave the group its rights on all that they make, whatever the user's umask says.
  /// The umask is the process's: to be called before anything is made.
  public func apply() {
    guard isShared else { return }
    let old = umask(0o077)
    _ = umask(old & ~0o070)
  }

  /// Makes a folder for Martlet's own files: the group's in a shared workspace, and nobody else's otherwise. One that is there stays as
  /// it is.
  public func makeOwnFolder(_ path: String) throws {
    guard try FileKind.of(path) == nil else { return try FileTree.makeFolder(path) }
    try FileTree.makeFolder(path, mode: 0o700)
    // What is made in it later is the group's by the folder's set-group-id bit.
    if isShared, chown(path, uid_t.max, group) == 0 {
      try check("share", path) { chmod(path, 0o2770) }
    }
  }
}
