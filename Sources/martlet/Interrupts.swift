/// Turns signals that ask the program to end into calls.

import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

final class Interrupts: Sendable {
  static let shared = Interrupts()

  private struct State {
    var count = 0
    var last: Int32?
    var handler: (@Sendable (Int) -> Void)?
    var isWatching = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "martlet.signals")

  /// The newest signal that came; `nil` while none did.
  var last: Int32? { state.withLock(\.last) }

  /// The handler is called on a queue of its own; a later one replaces it.
  func handle(_ handler: @escaping @Sendable (_ count: Int) -> Void) {
    let wasWatching = state.withLock { state in
      state.handler = handler
      // A second signal is one more than the first for the same work, not for the work before it.
      state.count = 0
      defer { state.isWatching = true }
      return state.isWatching
    }
    guard !wasWatching else { return }
    // Whoever closes the terminal does not mean the work: it goes on, and `martlet status` and `cancel` reach it from another one.
    signal(SIGHUP, SIG_IGN)
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [self] in
        let (count, handler) = state.withLock { state in
          state.count += 1
          state.last = number
          return (state.count, state.handler)
        }
        handler?(count)
        // The source holds its handler and the handler the source: both last as long as the program.
        _ = source
      }
      source.resume()
    }
  }
}
