/// What the program's exit status says.

import MartletRun
import MartletStore

enum ExitStatus: Int32 {
  /// done, or nothing to do
  case done = 0
  /// a task failed
  case failed = 1
  /// usage, or a file that cannot be used
  case usage = 2
  /// waits at a gate or an incident
  case waiting = 3
  case rejected = 4
  /// `plan --exit-code`: there is work
  case work = 5
  /// a mistake of ours
  case bug = 70
  /// the workspace is in use and does not answer
  case inUse = 75
  case interrupted = 130
  case terminated = 143

  /// - Parameters:
  ///   - allowWaiting: whether waiting is as good as done.
  ///   - signal: what ended a cancelled run.
  init(_ result: RunResult, allowWaiting: Bool = false, signal: Int32? = nil) {
    switch result {
    case .succeeded: self = .done
    case .failed: self = .failed
    case .rejected: self = .rejected
    case .waiting: self = allowWaiting ? .done : .waiting
    case .cancelled: self = signal == 15 ? .terminated : .interrupted
    }
  }
}

extension StoreError {
  var exitStatus: ExitStatus {
    switch self {
    case .busy: .inUse
    case .inconsistent: .bug
    default: .usage
    }
  }
}
