/// Says now and then what runs longest, where no block of lines shows it: a log that stands still looks like a run that hangs.

import Synchronization

final class Heartbeat: Sendable {
  private struct State {
    var running: [RunningAttempt] = []
    var isEnded = false
  }

  private let host: Host
  private let root: String
  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())
  private let ticker = Ticker()

  /// - Parameter root: the workspace's absolute path.
  init(host: Host, root: String, everySeconds interval: Double, write: @escaping @Sendable (String) -> Void) {
    self.host = host
    self.root = root
    self.write = write
    ticker.start(everySeconds: interval) { [self] in beat() }
  }

  func update(_ running: [RunningAttempt]) { state.withLock { $0.running = running } }

  func end() {
    ticker.end()
    state.withLock { $0.isEnded = true }
  }

  private func beat() {
    state.withLock { state in
      guard !state.isEnded, let longest = state.running.first else { return }
      let elapsed = TimeText.duration(host.wallSeconds() - longest.startedAt)
      let progress = AttemptProgress.read(longest.record.id, root: root)?.text ?? ""
      let others = state.running.count > 1 ? ["\(state.running.count - 1) more running"] : []
      write(([longest.name + " for " + elapsed, progress].filter { !$0.isEmpty } + others).joined(separator: ", "))
    }
  }
}
