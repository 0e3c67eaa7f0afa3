/// Tells programs what a run does: one line of JSON for each change, with the schema `martlet.event/1`.

import MartletModel
import MartletPlan
import MartletRun
import Synchronization

final class EventReporter: RunObserver, Sendable {
  /// What the two threads share: the loop's, and the one that looks at progress.
  private struct State {
    var running = RunningAttempts()
    var told: [String: AttemptProgress] = [:]
    var isEnded = false
  }

  private let host: Host
  private let root: String
  /// Takes a line with its end.
  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())
  private let ticker = Ticker()

  /// - Parameter root: the workspace's absolute path.
  init(host: Host, root: String, write: @escaping @Sendable (String) -> Void) {
    self.host = host
    self.root = root
    self.write = write
  }

  func observe(_ observation: RunObservation) {
    switch observation {
    case .began(let record, let planner):
      let tasks = Set(planner.graph.nodes.indices.filter { planner.selected[$0] }.map { planner.graph.nodes[$0].task }).count
      state.withLock { _ in
        tell("run_started", ["run": .text(record.id), "pipeline": .text(record.pipeline), "tasks": .integer(tasks)])
      }
      ticker.start(everySeconds: 1) { [self] in tellProgress() }
    case .notice(let notice):
      state.withLock { state in
        state.running.take(notice, now: host.wallSeconds())
        tell(notice)
      }
    }
  }

  func end() {
    ticker.end()
    state.withLock { $0.isEnded = true }
  }

  private func tell(_ notice: Notice) {
    switch notice {
    case .attemptStarted(let record, let reasons):
      tell(
        "attempt_started", Document.attempt(record).members.merging(["reasons": .list(reasons.map(Document.reason))]) { $1 })
    case .retrying(let instance, let failureClass, let message, let attempt, let at):
      tell(
        "retrying",
        Document.members(instance).merging([
          "class": .text(failureClass.rawValue), "message": Document.text(message), "number": .integer(attempt),
          "nextAttempt": Document.time(at),
        ]) { $1 })
    case .inputsChanged(let instance): tell("input_changed", Document.members(instance))
    case .gateWaits(let instance): tell("gate_waits", Document.members(instance))
    case .rebuilding(let instance, let reasons, _):
      tell("rebuilding", Document.members(instance).merging(["reasons": .list(reasons.map(Document.reason))]) { $1 })
    case .settled(let notice): tell("settled", Document.settled(notice))
    // Told by the command that compares.
    case .compared: break
    }
  }

  /// The running attempts that have come further since the last look.
  private func tellProgress() {
    state.withLock { state in
      guard !state.isEnded else { return }
      for attempt in state.running.list {
        let id = attempt.record.id
        guard let progress = AttemptProgress.read(id, root: root), progress != state.told[id] else { continue }
        state.told[id] = progress
        tell("progress", ["task": .text(attempt.record.task), "attempt": .text(id), "progress": progress.document])
      }
    }
  }

  private func tell(_ event: String, _ members: [String: ConfigurationValue?]) {
    write(
      Document.line(
        schema: "martlet.event/1",
        members.merging(["event": .text(event), "time": Document.time(host.wallSeconds())]) { $1 }))
  }
}

extension ConfigurationValue {
  fileprivate var members: [String: ConfigurationValue?] {
    if case .map(let entries) = self { entries } else { [:] }
  }
}
