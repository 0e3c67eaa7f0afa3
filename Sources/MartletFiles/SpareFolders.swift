// Empty folders that one attempt is done with and the next one takes.
//
// Every attempt needs a few folders for a moment. Made and removed each time they would slow the whole file system down: ext4 keeps inodes
// that were freed out of use for minutes, and looks at each of them before it gives out another.

import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

final class SpareFolders: Sendable {
  private struct State {
    /// The names under which a folder waits.
    var waiting: [Int] = []
    /// The names that are not in use. A folder that a killed process left under one of them is replaced by the next.
    var unused = Array(0..<16)
    /// What the system says of one that was just made.
    var made: Rights?
  }

  private struct Rights: Equatable {
    let mode: mode_t
    let user: uid_t
    let group: gid_t
  }

  private let folder: String
  private let state = Mutex(State())

  /// - Parameter folder: where they wait, absolute.
  init(_ folder: String) {
    self.folder = folder
  }

  /// Makes an empty folder at `path`, where nothing is; its parent exists.
  func take(_ path: String) throws {
    guard let name = state.withLock({ $0.waiting.popLast() }) else { return try make(path) }
    defer { state.withLock { $0.unused.append(name) } }
    do {
      try Rename.replacing("\(folder)/\(name)", to: path)
    } catch {
      // Whatever became of the spare one, a new one does as well, or says why not.
      try make(path)
    }
  }

  private func make(_ path: String) throws {
    try FileTree.makeFolder(path)
    let rights = rights(of: path)
    state.withLock { $0.made = rights }
  }

  /// Removes the folder at `path` with everything in it. Nothing there is fine.
  func giveBack(_ path: String) throws {
    guard try isAsMade(path), let name = state.withLock({ $0.unused.popLast() }) else {
      return try FileTree.remove(path)
    }
    do {
      try Rename.replacing(path, to: "\(folder)/\(name)")
      state.withLock { $0.waiting.append(name) }
    } catch {
      // The folder of spare ones is not there yet, or cannot be written to: then none is kept.
      state.withLock { $0.unused.append(name) }
      try FileTree.remove(path)
      try FileTree.makeFolder(folder)
    }
  }

  /// Whether nothing is in the folder, and nobody has put something else in its place or changed who may use it.
  private func isAsMade(_ path: String) throws -> Bool {
    guard let rights = rights(of: path), rights == state.withLock({ $0.made }) else { return false }
    return try FolderListing.names(of: path).isEmpty
  }

  /// `nil` if nothing is there.
  private func rights(of path: String) -> Rights? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return Rights(mode: status.st_mode, user: status.st_uid, group: status.st_gid)
  }
}
