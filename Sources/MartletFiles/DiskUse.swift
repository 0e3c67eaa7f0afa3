// How much is at a path, and when it was last written.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public struct DiskUse: Sendable, Hashable {
  /// Of all files together.
  public let bytes: Int
  /// Seconds since 1970: of the newest file or folder.
  public let writtenAt: Double

  /// `nil` if nothing is there. Links count as themselves.
  public static func of(_ path: String) throws -> DiskUse? {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw SystemError("look at", path)
    }
    let writtenAt = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    guard FileKind(mode: status.st_mode) == .folder else { return DiskUse(bytes: Int(status.st_size), writtenAt: writtenAt) }
    var (bytes, newest) = (0, writtenAt)
    for name in try FolderListing.names(of: path) {
      guard let inside = try of("\(path)/\(name)") else { continue }
      bytes += inside.bytes
      newest = max(newest, inside.writtenAt)
    }
    return DiskUse(bytes: bytes, writtenAt: newest)
  }
}
