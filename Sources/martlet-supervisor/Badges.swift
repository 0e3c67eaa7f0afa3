// A number that each process of an attempt carries, and that none loses by accident: its limit on file locks.
//
// A daemon may empty its environment and make a session of its own; limits are handed down through both. The kernel has not enforced this
// one since Linux 2.4.25 (getrlimit(2)), so that it can hold a number.

import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers of this supervisor's attempts; another one's are others, also where one runs below the other.
struct Badges {
  private static let limit = __rlimit_resource_t(10)
  private static let first = UInt64(UInt32(bitPattern: getpid())) << 24
  private var count: UInt64 = 0

  /// Has what this process starts from now on carry a new number.
  /// - Returns: the number; `nil` where the limit cannot be set, and processes are told apart by session and environment alone.
  mutating func wearNext() -> UInt64? {
    count += 1
    let number = Badges.first + count & 0xff_ffff
    var limits = rlimit()
    guard getrlimit(Badges.limit, &limits) == 0 else { return nil }
    limits.rlim_cur = rlim_t(number)
    return setrlimit(Badges.limit, &limits) == 0 ? number : nil
  }

  /// The number that a process carries, if it is of an attempt of this supervisor.
  static func number(of pid: Int32) -> UInt64? {
    guard let bytes = try? FileContent.read("/proc/\(pid)/limits") else { return nil }
    let line = bytes.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "Max file locks".utf8) }
    let word = line?.split(separator: UInt8(ascii: " ")).dropFirst(3).first
    guard let number = word.flatMap({ UInt64(String(decoding: $0, as: UTF8.self)) }) else { return nil }
    return number & ~0xff_ffff == first ? number : nil
  }
}
