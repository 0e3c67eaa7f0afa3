// One attempt as its supervisor sees it, from its start until its whole tree is gone.

import MartletExecutors
import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct SupervisedAttempt {
  /// How far the ending of the tree has got.
  enum Phase: Equatable {
    case running
    /// Every process was asked to end; at this boot time they are killed.
    case asked(killAt: Double)
    /// Kill until nothing is left.
    case killed
  }

  /// How the attempt's own process ended.
  struct MainEnd {
    let status: ExitRecord.Status
    let at: Double
    let usage: rusage
    /// Whether it ended before we asked it to.
    let isItsOwn: Bool
  }

  /// A tree whose own process has ended by itself gets no more than this, in seconds.
  static let leftoverGrace = 2.0

  let attempt: String
  let folder: AttemptFolder
  let identity: ProcessIdentity
  /// The number that its processes carry.
  let badge: UInt64?
  let graceSeconds: Double
  /// Wall clock.
  let startedAt: Double
  /// Boot clock; `nil` without a limit.
  let deadline: Double?
  /// The count of memory kills in the supervisor's own control group when it started.
  let groupKillsAtStart: Int?

  var phase = Phase.running
  var timedOut = false
  var cancelled = false
  var end: MainEnd?
  /// The kernel named one of its processes.
  var wasKilledForMemory = false
  /// The kernel named a process that was gone before we could tell whose it was.
  var mayBeKilledForMemory = false

  /// When it has to be looked at again although nothing happened, boot clock.
  var nextLook: Double? {
    switch phase {
    case .running: end == nil ? deadline : nil
    case .asked(let killAt): killAt
    case .killed: nil
    }
  }

  /// The kernel counts what a process used before it became the program too: the peak is never below the supervisor's own few megabytes.
  func record(groupKills: Int?) -> ExitRecord {
    guard let end else { preconditionFailure("\(attempt) has not ended") }
    return ExitRecord(
      attempt: attempt, status: end.status, timedOut: timedOut, cancelled: cancelled,
      outOfMemory: hasMemoryEvidence(end, groupKills: groupKills), startedAt: startedAt, endedAt: end.at,
      userSeconds: seconds(end.usage.ru_utime), systemSeconds: seconds(end.usage.ru_stime),
      peakMemoryBytes: end.usage.ru_maxrss * 1024)
  }

  /// A kill that could be anybody's counts only for an attempt that died like one: by SIGKILL, or by a shell's word for it.
  private func hasMemoryEvidence(_ end: MainEnd, groupKills: Int?) -> Bool {
    guard end.status != .exited(0) else { return false }
    if wasKilledForMemory { return true }
    guard end.isItsOwn, end.status == .signalled(SIGKILL) || end.status == .exited(128 + SIGKILL) else { return false }
    if mayBeKilledForMemory { return true }
    guard let groupKills, let groupKillsAtStart else { return false }
    return groupKills > groupKillsAtStart
  }

  private func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }
}

extension ExitRecord.Status {
  /// From what `wait4` gives.
  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7f
    self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signalled(signal)
  }
}
