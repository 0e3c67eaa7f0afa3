// What the kernel says about processes that it killed because memory ran out.

import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Two witnesses, either of which may be missing: the kernel's log, and the counter of the control group this process lives in.
final class MemoryEvidence {
  /// Becomes readable with every new line of the log; -1 where we may not read it.
  let kernelLog: Int32
  private let counterPath: String?

  init() {
    kernelLog = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    if kernelLog >= 0 { lseek(kernelLog, 0, SEEK_END) }
    counterPath = MemoryEvidence.counterPath()
  }

  deinit { if kernelLog >= 0 { close(kernelLog) } }

  /// The processes that the log has named since the last call.
  func killedProcesses() -> [Int32] {
    guard kernelLog >= 0 else { return [] }
    var killed: [Int32] = []
    var buffer = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(kernelLog, $0.baseAddress, $0.count) }
      if count > 0 {
        if let pid = MemoryEvidence.killedProcess(in: String(decoding: buffer[..<count], as: UTF8.self)) { killed.append(pid) }
      } else if count < 0 && (errno == EPIPE || errno == EINTR) {
        continue  // Lines were overwritten before we read them; go on with the oldest that is left.
      } else {
        return killed
      }
    }
  }

  /// Whose process it was, as far as that can still be seen.
  enum Owner: Equatable {
    case attempt(String)
    case somebodyElse
    /// It is gone already.
    case unknown
  }

  /// - Parameter mains: the attempts by the number of their own process, which is that of their session too.
  static func owner(of pid: Int32, mains: [Int32: String]) -> Owner {
    var next = pid
    // One that reaches us directly was left behind by an attempt, we cannot say which.
    while next > 1 {
      if next == getpid() { return .unknown }
      if let attempt = mains[next] { return .attempt(attempt) }
      guard let entry = ProcessTable.entry(next) else { return .unknown }
      if let attempt = mains[entry.session] { return .attempt(attempt) }
      next = entry.parent
    }
    return .somebodyElse
  }

  /// `Out of memory: Killed process 4242 (python3) …`, also of a control group.
  static func killedProcess(in line: String) -> Int32? {
    let words = line.split(separator: " ")
    guard line.contains("ut of memory"), let index = words.firstIndex(of: "process"), index > 0, index + 1 < words.count,
      words[index - 1].hasPrefix("Kill")
    else { return nil }
    return Int32(words[index + 1])
  }

  /// How many processes of our own control group were killed so far, or `nil` if nobody counts.
  func groupKills() -> Int? {
    guard let counterPath, let text = try? FileContent.read(counterPath) else { return nil }
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2 && words[0] == "oom_kill" { return Int(words[1]) }
    }
    return nil
  }

  /// Version 2 counts in `memory.events`, version 1 in `memory.oom_control`.
  private static func counterPath() -> String? {
    guard let text = try? FileContent.read("/proc/self/cgroup") else { return nil }
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let candidates =
        fields[1].isEmpty
        ? ["/sys/fs/cgroup\(fields[2])/memory.events"]
        : fields[1].split(separator: ",").contains("memory") ? ["/sys/fs/cgroup/memory\(fields[2])/memory.oom_control"] : []
      if let path = candidates.first(where: { access($0, R_OK) == 0 }) { return path }
    }
    return nil
  }
}
