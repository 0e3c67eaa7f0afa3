// What a file's status says about its content without reading it: the key of the memo of digests.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Identity, size and times of a file. Equal stamps mean equal bytes only where the earlier one was trusted when it was taken.
public struct FileStamp: Hashable, Sendable, Codable {
  public let device: UInt64
  public let inode: UInt64
  /// In bytes.
  public let size: Int64
  /// Nanoseconds since 1970.
  public let modifiedNanoseconds: Int64
  /// Nanoseconds since 1970, of the last change of content, name or rights.
  public let changedNanoseconds: Int64

  public init(device: UInt64, inode: UInt64, size: Int64, modifiedNanoseconds: Int64, changedNanoseconds: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modifiedNanoseconds = modifiedNanoseconds
    self.changedNanoseconds = changedNanoseconds
  }

  init(_ status: stat) {
    self.init(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
      changedNanoseconds: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec))
  }

  /// The stamp of what `path` names, links followed, or `nil` if there is nothing.
  public static func of(_ path: String) throws -> FileStamp? {
    var status = stat()
    if stat(path, &status) == 0 { return FileStamp(status) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw SystemError("look at", path)
  }

  /// Whether a later write must give another stamp: the clock has passed the file's times by more than the file system's resolution.
  /// - Parameter nowNanoseconds: the wall clock *before* the file was read, nanoseconds since 1970.
  public func isTrusted(nowNanoseconds: Int64) -> Bool {
    nowNanoseconds - max(modifiedNanoseconds, changedNanoseconds) > resolutionNanoseconds
  }

  /// Linux stamps files with a clock that ticks at least a hundred times a second. Old file systems keep whole seconds, FAT every
  /// other one; they are known by times without fractions.
  private var resolutionNanoseconds: Int64 {
    let isWhole = modifiedNanoseconds % 1_000_000_000 == 0 && changedNanoseconds % 1_000_000_000 == 0
    return isWhole ? 2_000_000_000 : 20_000_000
  }
}

/// The wall clock, nanoseconds since 1970.
func wallNanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
