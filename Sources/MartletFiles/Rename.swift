// Renames: the only way in which anything comes into view.

import CLinux

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum Rename {
  /// Puts `path` at `target`; a file or an empty folder that is there goes away.
  public static func replacing(_ path: String, to target: String) throws {
    try check("rename \(path) to", target) { rename(path, target) }
  }

  /// Puts `path` at `target` if nothing is there.
  /// - Returns: whether it was; `false` if something is at `target`.
  public static func withoutReplacing(_ path: String, to target: String) throws -> Bool {
    if martlet_rename_without_replacing(path, target) == 0 { return true }
    let code = errno
    if code == EEXIST || code == ENOTEMPTY { return false }
    throw SystemError("rename \(path) to", target, code: code)
  }

  /// Swaps what two paths name, in one step: how a folder replaces a folder.
  public static func exchanging(_ first: String, _ second: String) throws {
    try check("exchange \(first) with", second) { martlet_rename_exchanging(first, second) }
  }

  /// Points the link at `path` to `destination`, in one step. What is there already must be a link.
  public static func link(_ path: String, to destination: String) throws {
    if let kind = try FileKind.of(path, followingLinks: false), kind != .link {
      throw UnfitFileError(path: path, found: kind, expected: .link)
    }
    let sibling = "\(path).new"
    if unlink(sibling) != 0 && errno != ENOENT { throw SystemError("remove", sibling) }
    try check("make the link", sibling) { symlink(destination, sibling) }
    try replacing(sibling, to: path)
  }

  /// Where the link at `path` points, or `nil` if there is no link.
  public static func destination(ofLink path: String) throws -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count) }
    if count >= 0 { return String(decoding: buffer[..<count], as: UTF8.self) }
    if errno == ENOENT || errno == EINVAL || errno == ENOTDIR { return nil }
    throw SystemError("read the link", path)
  }
}
