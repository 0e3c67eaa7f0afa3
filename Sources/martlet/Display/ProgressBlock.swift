/// The few lines at the bottom of a terminal that show what runs now, redrawn in place; finished lines scroll above them.

import MartletFiles
import MartletModel
import MartletRun
import Synchronization

final class ProgressBlock: Sendable {
  private struct State {
    var running: [RunningAttempt] = []
    var tallies: [String: TaskTally] = [:]
    /// How many lines are drawn now.
    var drawn = 0
    var isEnded = false
  }

  private let host: Host
  private let painter: Painter
  private let root: String
  private let state = Mutex(State())
  private let ticker = Ticker()

  init(host: Host, painter: Painter, root: String) {
    self.host = host
    self.painter = painter
    self.root = root
  }

  /// Redraws five times a second until `end`.
  func start() {
    ticker.start(everySeconds: 0.2) { [self] in state.withLock { redraw(&$0) } }
  }

  func update(running: [RunningAttempt], tallies: [String: TaskTally]) {
    state.withLock { state in
      state.running = running
      state.tallies = tallies
    }
  }

  /// A line that stays, above the block.
  func permanent(_ line: String) {
    state.withLock { state in
      erase(&state)
      host.diagnostics.write(line + "\n")
      redraw(&state)
    }
  }

  func end() {
    state.withLock { state in
      erase(&state)
      state.isEnded = true
    }
    ticker.end()
  }

  private func erase(_ state: inout State) {
    guard state.drawn > 0 else { return }
    host.diagnostics.write("\u{1b}[\(state.drawn)F\u{1b}[J")
    state.drawn = 0
  }

  private func redraw(_ state: inout State) {
    guard !state.isEnded else { return }
    let width = max(20, (host.diagnostics.columns ?? 80) - 1)
    let height = max(1, min((host.diagnostics.rows ?? 24) / 3, 12))
    var lines: [String] = []
    for task in Set(state.running.map(\.record.task)).sorted().prefix(height - 1) {
      lines.append(line(task, state.running.filter { $0.record.task == task }, state.tallies[task], width))
    }
    let settled = state.tallies.values.filter(\.isComplete).count
    lines.append(
      Table.cut(
        " \(settled) of \(NumberText.counted(state.tallies.count, "task")) done, \(state.running.count) running", to: width))
    let up = state.drawn > 0 ? "\u{1b}[\(state.drawn)F\u{1b}[J" : ""
    host.diagnostics.write(up + lines.map { painter.paint($0, .dim) + "\n" }.joined())
    state.drawn = lines.count
  }

  private func line(_ task: String, _ attempts: [RunningAttempt], _ tally: TaskTally?, _ width: Int) -> String {
    let elapsed = host.wallSeconds() - (attempts.map(\.startedAt).min() ?? host.wallSeconds())
    let progress = attempts.map { AttemptProgress.read($0.record.id, root: root) }
    var text = " \(painter.symbol("running")) \(task)  \(TimeText.duration(elapsed))"
    if let fraction = fraction(attempts, progress, tally), fraction > 0 {
      let filled = min(20, Int(fraction * 20))
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
      text += "  \(bar) \(Int(fraction * 100))%"
      let start = tally?.startedAt ?? host.wallSeconds() - elapsed
      let left = (host.wallSeconds() - start) * (1 - fraction) / fraction
      if left.isFinite { text += "  \(TimeText.duration(left)) left" }
    }
    if let rate = rate(progress, elapsed) { text += "  \(rate)" }
    if let message = progress.compactMap({ $0?.message }).last { text += "  \(message.oneLine)" }
    return Table.cut(text, to: width)
  }

  /// The part of the task that is done: settled instances, and of the running ones what they say of themselves.
  private func fraction(_ attempts: [RunningAttempt], _ progress: [AttemptProgress?], _ tally: TaskTally?) -> Double? {
    guard let tally, tally.total > 1 else { return progress.first??.fraction }
    let running = zip(attempts, progress).reduce(0.0) { $0 + ($1.1?.fraction ?? 0) * Double($1.0.record.instances.count) }
    let untouched = tally.count("reused") + tally.count("missing")
    let work = tally.total - untouched
    return work == 0 ? nil : min(1, (Double(tally.settled - untouched) + running) / Double(work))
  }

  private func rate(_ progress: [AttemptProgress?], _ elapsed: Double) -> String? {
    let done = progress.compactMap { $0?.done.map(Double.init) }.reduce(0, +)
    guard done > 0, elapsed > 0.1, done / elapsed < 1e15, let unit = progress.compactMap({ $0?.unit }).first else { return nil }
    return "\(NumberText.grouped(Int(done / elapsed))) \(unit)/s"
  }
}
