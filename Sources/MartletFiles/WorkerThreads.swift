// Threads for work that blocks: as many as the disk can use, however few processors there are.

import Dispatch
import MartletRun
import Synchronization

/// Work is taken in the order in which it was submitted. Threads start when they are needed and end with this object.
///
/// A pool as wide as the machine would not do: while two files are synced, two cores have nothing to do.
public final class WorkerThreads: Workers {
  private let line: WaitingLine

  /// - Parameter limit: of threads at once.
  public init(limit: Int = max(16, 2 * processorCount())) {
    line = WaitingLine(limit: limit)
  }

  deinit { line.close() }

  public func submit(_ work: @escaping @Sendable () -> Void) {
    let line = line
    if line.append(work) { OwnThread { while let work = line.next() { work() } }.detach() }
  }
}

/// Work that waits for a thread, and threads that wait for work.
private final class WaitingLine: Sendable {
  private struct State {
    var work: [@Sendable () -> Void] = []
    var threads = 0
    /// Threads that wait and have not been signalled.
    var idle = 0
    var isClosed = false
  }

  private let limit: Int
  private let state = Mutex(State())
  private let bell = DispatchSemaphore(value: 0)

  init(limit: Int) { self.limit = limit }

  /// - Returns: whether one more thread is to be started for it.
  func append(_ work: @escaping @Sendable () -> Void) -> Bool {
    let (isWaking, isStarting) = state.withLock { state in
      state.work.append(work)
      if state.idle > 0 {
        state.idle -= 1
        return (true, false)
      }
      guard state.threads < limit else { return (false, false) }
      state.threads += 1
      return (false, true)
    }
    // Not under the lock: the thread that wakes would wait for it.
    if isWaking { bell.signal() }
    return isStarting
  }

  /// Waits for work; `nil` once there will be none.
  func next() -> (@Sendable () -> Void)? {
    while true {
      let (work, isClosed) = state.withLock { state in
        let work = state.work.isEmpty ? nil : state.work.removeFirst()
        if work == nil && !state.isClosed { state.idle += 1 }
        return (work, state.isClosed)
      }
      if work != nil || isClosed { return work }
      bell.wait()
    }
  }

  /// What was appended before is still done.
  func close() {
    state.withLock { state in
      state.isClosed = true
      for _ in 0..<state.idle { bell.signal() }
      state.idle = 0
    }
  }
}
