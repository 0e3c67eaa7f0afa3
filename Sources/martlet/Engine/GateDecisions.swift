/// What a person last said at each gate, where no run has settled the gate since.

import MartletModel
import MartletRun

/// A decision is no part of a run, and a gate that stands approved is reused, which no run records: the history knows.
struct GateDecisions {
  private let newest: [String: HistoryEntry]

  /// - Parameter settled: what the runs last made of each task.
  init(_ history: History, settled: [InstanceRecord]) {
    let settledAt = Dictionary(settled.map { ($0.instance.task, $0.at) }, uniquingKeysWith: max)
    var newest: [String: HistoryEntry] = [:]
    for entry in history.entries {
      if let decided = entry.decidedGate { newest[decided.gate] = entry }
    }
    let promoted = Set(history.promoted)
    self.newest = newest.filter { gate, entry in
      !entry.hasLapsed(among: promoted) && (settledAt[gate] ?? 0) <= (Timestamp(entry.at)?.seconds ?? 0)
    }
  }

  subscript(gate: String) -> HistoryEntry? { newest[gate] }

  /// The settlements, decided gates with their decision in place of what was recorded before it.
  func documents(_ settled: [InstanceRecord]) -> [ConfigurationValue] {
    let decided = newest.sorted { $0.key < $1.key }.map { gate, entry in
      Document.object([
        "task": .text(gate), "state": .text(entry.kind.rawValue), "by": .text(entry.by), "at": .text(entry.at),
        "message": Document.text(entry.comment), "reasons": .list([]),
      ])
    }
    return settled.filter { newest[$0.instance.task] == nil }.map(Document.settlement) + decided
  }
}
