/// What people said of the failing verdicts that the last runs left.

import MartletModel
import MartletRun

struct VerdictDecisions {
  private var byTask: [String: HistoryEntry] = [:]

  /// - Parameters:
  ///   - settled: what the runs last made of each task.
  ///   - fingerprint: of an instance's checkpoint, to which a decision is bound.
  init(
    _ history: History, settled: [InstanceRecord], fingerprint: (TaskInstance) throws -> Fingerprint?
  ) rethrows {
    guard !history.rulings.isEmpty else { return }
    let failing = Dictionary(grouping: settled.filter { $0.verdict == .fail }, by: \.instance.task)
    for (task, records) in failing {
      let decisions = try records.map { record in
        try fingerprint(record.instance).flatMap {
          history.decision(on: JudgedVerdict(instance: record.instance, fingerprint: $0))
        }
      }
      // One that nobody has decided on stands in the way as before, and one that was rejected does whatever was said of the others.
      guard !decisions.contains(nil) else { continue }
      byTask[task] = decisions.first { $0?.kind == .incidentRejected } ?? decisions[0]
    }
  }

  /// Of a task of which every failing verdict was decided on.
  subscript(task: String) -> (ruling: VerdictRuling, entry: HistoryEntry)? {
    byTask[task].map { ($0.kind == .incidentAccepted ? .accepted : .rejected, $0) }
  }
}
