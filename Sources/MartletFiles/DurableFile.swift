// The one way in which files that matter are written.
//
// Two levels (the process contract's page on durability calls them so): *written* survives the end of this process, *synced* survives
// the loss of power. A reader sees the old content or the new one, never a part.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum DurableFile {
  /// Puts `bytes` at `path`: a sibling is written, synced and renamed, then the folder is synced. A sibling that a kill left behind is
  /// overwritten by the next write.
  public static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o666) throws {
    try replace(path, with: bytes, mode: mode, isSynced: true)
    try syncFolder(ofItemAt: path)
  }

  /// Puts `bytes` at `path` in one step, without a sync: *written*, not yet *synced*.
  public static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o666) throws {
    try replace(path, with: bytes, mode: mode, isSynced: false)
  }

  /// Adds a line with a single write and syncs the file; the folder too where the file was empty. The line break is added here.
  public static func append(line: [UInt8], to path: String, mode: mode_t = 0o666) throws {
    let file = try OpenFile(path, O_WRONLY | O_APPEND | O_CREAT, mode: mode, operation: "append to")
    let isNew = try file.status().st_size == 0
    try (line + [UInt8(ascii: "\n")]).withUnsafeBytes { try file.write($0) }
    try file.sync()
    if isNew { try syncFolder(ofItemAt: path) }
  }

  /// Adds a line, which ends in its line break, without a sync. It stays a line of its own also behind one that a full disk cut short.
  public static func add(_ line: [UInt8], to path: String, mode: mode_t = 0o666) throws {
    let file = try OpenFile(path, O_WRONLY | O_APPEND | O_CREAT, mode: mode, operation: "append to")
    try ([UInt8(ascii: "\n")] + line).withUnsafeBytes { try file.write($0) }
  }

  /// Syncs a file's data, or a folder's entries.
  public static func sync(_ path: String) throws {
    try OpenFile(path, O_RDONLY | O_NONBLOCK, operation: "sync").sync()
  }

  /// Syncs the folder in which `path` lies.
  public static func syncFolder(ofItemAt path: String) throws {
    try sync(folder(ofItemAt: path))
  }

  static func folder(ofItemAt path: String) -> String {
    let bytes = Array(path.utf8)
    let slash = UInt8(ascii: "/")
    guard let last = bytes.lastIndex(where: { $0 != slash }) else { return path.isEmpty ? "." : "/" }
    guard let cut = bytes[...last].lastIndex(of: slash) else { return "." }
    return cut == 0 ? "/" : String(decoding: bytes[..<cut], as: UTF8.self)
  }

  private static func replace(_ path: String, with bytes: [UInt8], mode: mode_t, isSynced: Bool) throws {
    let sibling = "\(path).new"
    do {
      let file = try OpenFile(sibling, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode, operation: "write")
      try bytes.withUnsafeBytes { try file.write($0) }
      if isSynced { try file.sync() }
      try Rename.replacing(sibling, to: path)
    } catch {
      unlink(sibling)
      throw error
    }
  }
}
