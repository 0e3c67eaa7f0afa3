// SHA-256 of files, read in pieces.

import struct Crypto.SHA256
import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum FileDigest {
  private static let bufferBytes = 1 << 20

  /// Digests a file, or a folder with everything in it.
  /// - Parameter followingLinks: whether a link counts as the file it points to; for outputs it never does.
  public static func content(of path: String, followingLinks: Bool = true) throws -> ContentDigest {
    // Non-blocking, so that a FIFO is refused instead of waited for.
    let flags = O_RDONLY | O_NONBLOCK | (followingLinks ? 0 : O_NOFOLLOW)
    if !followingLinks, try FileKind.of(path, followingLinks: false) == .link {
      throw UnfitFileError(path: path, found: .link, expected: .file)
    }
    let file = try OpenFile(path, flags, operation: "read")
    if FileKind(mode: try file.status().st_mode) == .folder {
      return try FolderDigest.content(of: file, followingLinks: followingLinks)
    }
    return try content(of: file)
  }

  /// Digests many files and folders on threads of their own; one result for each path, in order.
  public static func contents(
    of paths: [String], followingLinks: Bool = true, threads: Int = processorCount()
  ) -> [Result<ContentDigest, any Error>] {
    parallelMap(paths, threads: threads) { try content(of: $0, followingLinks: followingLinks) }
  }

  static func content(of file: borrowing OpenFile) throws -> ContentDigest {
    let before = try file.status()
    guard FileKind(mode: before.st_mode) == .file else {
      throw UnfitFileError(path: file.path, found: FileKind(mode: before.st_mode), expected: .file)
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize(for: before), alignment: 4096)
    defer { buffer.deallocate() }
    var hash = SHA256()
    var byteCount: Int64 = 0
    while case let count = try file.read(into: buffer), count > 0 {
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      byteCount += Int64(count)
    }
    let stamp = FileStamp(before)
    let isSteady = stamp == FileStamp(try file.status())
    return ContentDigest(digest: Digest(bytes: Array(hash.finalize()))!, byteCount: byteCount, stamp: isSteady ? stamp : nil)
  }

  private static func bufferSize(for status: stat) -> Int {
    min(max(Int(status.st_size) + 1, 4096), bufferBytes)
  }
}
