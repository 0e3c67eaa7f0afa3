// Making and removing folders with what is in them.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum FileTree {
  /// Makes a folder and those above it that are missing.
  public static func makeFolder(_ path: String, mode: mode_t = 0o777) throws {
    if mkdir(path, mode) == 0 { return }
    switch errno {
    case EEXIST:
      guard let kind = try FileKind.of(path), kind != .folder else { return }
      throw UnfitFileError(path: path, found: kind, expected: .folder)
    case ENOENT:
      let parent = DurableFile.folder(ofItemAt: path)
      if parent == path { throw SystemError("make the folder", path, code: ENOENT) }
      try makeFolder(parent, mode: mode)
      if mkdir(path, mode) != 0 && errno != EEXIST { throw SystemError("make the folder", path) }
    default:
      throw SystemError("make the folder", path)
    }
  }

  /// Removes a file, a link (not what it points to) or a folder with everything in it. Nothing there is fine.
  public static func remove(_ path: String) throws {
    if unlink(path) == 0 { return }
    switch errno {
    case ENOENT, ENOTDIR: return
    case EISDIR, EPERM: break
    default: throw SystemError("remove", path)
    }
    try empty(OpenFile(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, operation: "remove"))
    if rmdir(path) != 0 && errno != ENOENT { throw SystemError("remove", path) }
  }

  private static func empty(_ folder: borrowing OpenFile) throws {
    let parent = folder.descriptor
    for name in try FolderListing.names(in: folder) {
      let path = "\(folder.path)/\(name)"
      if try folder.kind(of: name) == .folder {
        try empty(OpenFile(in: folder, name: name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
        try check("remove", path) { name.withPointer { unlinkat(parent, $0, AT_REMOVEDIR) } }
      } else {
        try check("remove", path) { name.withPointer { unlinkat(parent, $0, 0) } }
      }
    }
  }
}
