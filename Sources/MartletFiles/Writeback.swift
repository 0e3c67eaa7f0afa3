// Syncing many files for little more than the price of one.

import CLinux

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum Writeback {
  /// Syncs the data of files, and of folders with everything in them. The disk is set to work on all of them before any is waited for.
  /// - Parameter paths: files and folders; links in folders are left alone.
  public static func sync(_ paths: [String]) throws {
    let items = try paths.flatMap(everything)
    if items.count > 1 { for item in items where !item.isFolder { try start(item.path) } }
    for item in items { try DurableFile.sync(item.path) }
  }

  private struct Item {
    let path: String
    let isFolder: Bool
  }

  private static func start(_ path: String) throws {
    let file = try OpenFile(path, O_RDONLY | O_NONBLOCK, operation: "sync")
    // Only a hint: a file system that can't is made up for by the sync that follows.
    _ = martlet_start_writeback(file.descriptor)
  }

  /// A folder comes after what is in it.
  private static func everything(at path: String) throws -> [Item] {
    guard let kind = try FileKind.of(path, followingLinks: false) else { throw SystemError("sync", path, code: ENOENT) }
    switch kind {
    case .file: return [Item(path: path, isFolder: false)]
    case .folder:
      let inside = try FolderListing.names(of: path).flatMap { try everything(at: "\(path)/\($0)") }
      return inside + [Item(path: path, isFolder: true)]
    case .link, .fifo, .other: return []
    }
  }
}
