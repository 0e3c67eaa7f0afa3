// The lock whose holder is the workspace's only writer. The kernel releases it with the process, so nothing ever needs unlocking.

import MartletRun

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Who holds the lock: for the message to the one who does not get it.
public struct LockHolder: Hashable, Sendable, Codable, CustomStringConvertible {
  public let process: ProcessIdentity
  public let host: String
  public let command: String
  /// Seconds since 1970.
  public let since: Double

  public init(process: ProcessIdentity, host: String, command: String, since: Double) {
    self.process = process
    self.host = host
    self.command = command
    self.since = since
  }

  public var description: String { "process \(process.pid) on \(host) (\(command))" }
}

/// Held as long as this object lives.
public final class WorkspaceLock: Sendable {
  public enum Attempt: Sendable {
    case acquired(WorkspaceLock)
    /// Somebody else has it; `nil` if they have not said yet who they are.
    case busy(LockHolder?)
  }

  private let path: String
  private let descriptor: Int32
  private let folder: Int32?

  private init(path: String, descriptor: Int32, folder: Int32?) {
    self.path = path
    self.descriptor = descriptor
    self.folder = folder
  }

  deinit {
    close(descriptor)
    if let folder { close(folder) }
  }

  /// Tries to get the lock, without waiting. The folder must exist.
  /// - Parameters:
  ///   - path: the lock's file, `.martlet/lock`.
  ///   - folder: one that only this lock is about, locked too: whoever removes the lock's file while it is held does not free the lock.
  ///     File systems that lock no folders, as NFS, have the file alone.
  ///   - command: what the holder is doing, for others to read.
  ///   - now: seconds since 1970.
  public static func acquire(_ path: String, folder: String? = nil, command: String, now: Double) throws -> Attempt {
    while true {
      let descriptor = try check("open the lock", path) { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666) }
      let folderDescriptor = folder.map { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }.flatMap { $0 < 0 ? nil : $0 }
      let lock = WorkspaceLock(path: path, descriptor: descriptor, folder: folderDescriptor)
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK || errno == EINTR else { throw SystemError("lock", path) }
        if errno == EINTR { continue }
        return .busy(try FileContent.read(path).flatMap(decode))
      }
      // Somebody may have removed the file between our opening and locking it: then we hold a lock that nobody else can see.
      guard lock.isVisible else { continue }
      if let folderDescriptor, flock(folderDescriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { return .busy(nil) }
      try lock.sign(command: command, now: now)
      return .acquired(lock)
    }
  }

  /// Whether the locked file is still the one at the path. If it is not, another process can hold "the" lock too.
  public var isVisible: Bool {
    var held = stat()
    var there = stat()
    guard fstat(descriptor, &held) == 0, stat(path, &there) == 0 else { return false }
    return held.st_dev == there.st_dev && held.st_ino == there.st_ino
  }

  private func sign(command: String, now: Double) throws {
    guard let process = ProcessTable.identity(of: getpid()) else { throw SystemError("read", "/proc/self/stat", code: ENOENT) }
    let holder = LockHolder(process: process, host: hostName(), command: command, since: now)
    let bytes = [UInt8](try JSONEncoder().encode(holder))
    try check("write", path) { ftruncate(descriptor, 0) }
    try check("write", path) { bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) } }
  }

  /// `nil` for a file that its holder is just writing.
  private static func decode(_ bytes: [UInt8]) -> LockHolder? {
    // The lock itself is the kernel's; who holds it is only told.
    try? JSONDecoder().decode(LockHolder.self, from: Data(bytes))
  }
}

/// The name of this machine.
public func hostName() -> String {
  var buffer = [UInt8](repeating: 0, count: 256)
  let result = buffer.withUnsafeMutableBytes { gethostname($0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count - 1) }
  return result == 0 ? String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self) : "this machine"
}
