/// What is to be done again of a run: its selection and parameters, narrowed to what failed.

import MartletModel
import MartletPlan
import MartletRun
import MartletStore

struct Retry {
  /// The run that is repeated.
  let record: RunRecord
  /// What it was asked for.
  let order: RunOrder
  /// What failed, was blocked or was cancelled in it, or got a verdict of fail.
  let unfinished: [InstanceRecord]

  /// - Returns: `nil` for a run in which nothing failed.
  /// - Throws: `UserError` for a part of a backfill, which has a retry of its own.
  init?(of record: RunRecord, _ reader: StoreReader) throws {
    if record.command.hasPrefix("backfill "), let backfill = record.command.split(separator: " ").last {
      throw UserError(
        "run \(record.id) was a part of backfill \(backfill)",
        hint: "`martlet backfill retry \(backfill)` runs what failed in it; `martlet retry RUN` does so of another run")
    }
    self.record = record
    order = RunOrder(typed: record.arguments)
    switch record.result {
    case .failed, .cancelled, nil: break
    case .succeeded, .waiting, .rejected: return nil
    }
    unfinished = try reader.instances(run: record.id).filter { instance in
      switch instance.settlement {
      case .failed, .blocked, .cancelled: true
      case .succeeded: instance.verdict == .fail
      case .reused, .missing, .waiting, .rejected: false
      }
    }
    if record.result != nil, unfinished.isEmpty { return nil }
  }

  /// The run that an argument names; without one the newest that was more than the end of another's attempts.
  static func run(named name: String?, _ reader: StoreReader) throws -> RunRecord {
    if name == nil, let newest = try reader.runs(limit: 100).first(where: { $0.command != "cancel" }) { return newest }
    return try reader.run(named: name)
  }

  /// What was asked for, as far as it did not come out well. A run that was killed has not said of everything how it came out: of it,
  /// all that was asked for.
  func selection(_ pipeline: Pipeline) throws -> Selection {
    let asked = try order.selection(pipeline)
    return Selection(
      tasks: asked.tasks, reach: asked.reach, range: asked.range, retry: true,
      targets: record.result == nil ? nil : targets)
  }

  var targets: Set<TaskInstance> { Set(unfinished.map(\.instance)) }

  /// What it will do, in a line.
  var sentence: String {
    guard record.result != nil else { return "going on with run \(record.id), which was interrupted" }
    let failed = unfinished.filter { $0.settlement.failureClass != nil || $0.verdict == .fail }
    let names = failed.prefix(3).map { record in
      "\(record.instance): \(record.settlement.failureClass?.rawValue ?? "verdict fail")"
    }
    let rest = failed.count > names.count ? ["and \(failed.count - names.count) more"] : []
    var parts = failed.isEmpty ? [] : ["\(failed.count) failed (\((names + rest).joined(separator: ", ")))"]
    for (word, count) in [
      ("blocked", unfinished.count { $0.settlement == .blocked }),
      ("cancelled", unfinished.count { $0.settlement == .cancelled }),
    ] where count > 0 { parts.append("\(count) \(word)") }
    return "retrying run \(record.id): \(parts.joined(separator: ", "))"
  }

  /// Attempts of the run that kept what they had written for these instances.
  func attempts(_ reader: StoreReader) throws -> [String] {
    let targets = targets
    return try reader.attempts(takenBy: record.id).filter { !targets.isDisjoint(with: $0.instances) && $0.end != nil }.map(\.id)
  }
}

extension Planner {
  /// What the targets read of tasks that are none of them.
  func upstream(of targets: Set<TaskInstance>) -> Set<TaskInstance> {
    var found: Set<TaskInstance> = []
    for position in graph.nodes.indices where targets.contains(graph.nodes[position].instance) {
      for upstream in graph.nodes[position].upstream { found.insert(graph.nodes[upstream].instance) }
    }
    return found.subtracting(targets)
  }
}
