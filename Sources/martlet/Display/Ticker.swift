/// Calls something again and again on a thread of its own, until it is ended.

import MartletFiles
import MartletRun

final class Ticker: Sendable {
  private let ended = Mailbox()

  /// - Parameter tick: may still be under way when `end` returns.
  func start(everySeconds interval: Double, _ tick: @escaping @Sendable () -> Void) {
    OwnThread { [ended] in
      while ended.next(timeoutSeconds: interval) == nil { tick() }
    }.detach()
  }

  func end() { ended.post(.workDone) }
}
