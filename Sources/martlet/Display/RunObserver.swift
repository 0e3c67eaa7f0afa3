/// Whoever watches a run, and what a watcher knows of the attempts that run.

import MartletModel
import MartletRun

/// Tells of a run while it goes on. Used on the loop's thread.
protocol RunObserver: AnyObject {
  func observe(_ observation: RunObservation)
  /// Nothing is written after this.
  func end()
}

/// An attempt as the display shows it.
struct RunningAttempt: Sendable {
  let record: AttemptRecord
  /// Seconds since 1970.
  let startedAt: Double

  /// `train`, `ingest dt=2013-01-01`, `ingest 64 partitions`
  var name: String { [record.task, record.partitionText].filter { !$0.isEmpty }.joined(separator: " ") }
}

/// The attempts that run, as the notices tell of them; the oldest first.
struct RunningAttempts: Sendable {
  private(set) var list: [RunningAttempt] = []

  mutating func take(_ notice: Notice, now: Double) {
    switch notice {
    case .attemptStarted(let record, _):
      remove(record.instances)
      list.append(RunningAttempt(record: record, startedAt: now))
    case .retrying(let instance, _, _, _, _), .inputsChanged(let instance): remove([instance])
    case .settled(let notice): remove([notice.instance])
    case .compared(let notice): remove([notice.instance])
    case .gateWaits, .rebuilding: break
    }
  }

  private mutating func remove(_ instances: [TaskInstance]) {
    list.removeAll { running in running.record.instances.contains { instances.contains($0) } }
  }
}
