/// Appends progress events to the file at `MARTLET_EVENTS`, a few a second at most.

import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Tells how far a task is. Events have no effect but on the display, so that one that cannot be written is passed over.
public final class ProgressReporter {
  private let path: String?
  private let intervalNanoseconds: UInt64
  private var lastNanoseconds: UInt64 = 0

  /// - Parameter path: where events go; `nil` for nowhere.
  public init(path: String?, intervalMilliseconds: UInt64 = 100) {
    self.path = path
    intervalNanoseconds = intervalMilliseconds * 1_000_000
  }

  /// Reports `done` of `total` units. The last report (`done == total`) is always written, others when enough time has passed.
  public func report(done: Int, total: Int, unit: String, message: String? = nil) {
    guard let path else { return }
    let now = monotonicNanoseconds()
    guard done >= total || now - lastNanoseconds >= intervalNanoseconds else { return }
    lastNanoseconds = now
    var event: [String: ConfigurationValue] = ["done": .integer(done), "total": .integer(total), "unit": .text(unit)]
    event["progress"] = .number(total > 0 ? min(1, Double(done) / Double(total)) : 1)
    if let message { event["message"] = .text(message) }
    do {
      try TaskFile.append(ConfigurationValue.map(event).canonicalJSON + "\n", to: path)
    } catch {
      // A lost event costs a step of a progress bar; failing the task for it would cost the task.
      lastNanoseconds = now
    }
  }

  private func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
