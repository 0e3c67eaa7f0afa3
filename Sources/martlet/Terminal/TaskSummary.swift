/// What a run, or all runs together, made of one task: its instances in a line.

import MartletModel
import MartletPlan
import MartletRun

struct TaskSummary {
  let task: String
  let instances: [InstanceRecord]

  /// One summary for each task, in the order of `records`.
  static func group(_ records: [InstanceRecord]) -> [TaskSummary] {
    var order: [String] = []
    var groups: [String: [InstanceRecord]] = [:]
    for record in records {
      if groups[record.instance.task] == nil { order.append(record.instance.task) }
      groups[record.instance.task, default: []].append(record)
    }
    return order.map { TaskSummary(task: $0, instances: groups[$0]!) }
  }

  /// How grave a state is: the gravest of the instances is the task's.
  private static let gravity = ["failed", "rejected", "cancelled", "waiting", "blocked", "succeeded", "reused", "missing"]

  private var counts: [(word: String, count: Int)] {
    TaskSummary.gravity.compactMap { word in
      let count = instances.count { $0.settlement.word == word }
      return count == 0 ? nil : (word, count)
    }
  }

  var word: String { counts[0].word }

  /// `✓ succeeded`, or for several instances `✗ 1 failed, 364 reused`.
  var stateCell: Table.Cell {
    Painter.cell(word, text: countsText)
  }

  /// `succeeded`, or for several instances `1 failed, 364 reused`.
  var countsText: String {
    instances.count > 1 ? counts.map { "\($0.count) \($0.word)" }.joined(separator: ", ") : word
  }

  /// The verdict that counts: fail before warn before pass.
  var verdict: Verdict? {
    let verdicts = instances.compactMap(\.verdict)
    return [.fail, .warn, .pass].first { verdicts.contains($0) }
  }

  /// Why, in a line: of the gravest instance, and of how many more.
  var text: String {
    let gravest = instances.first { $0.settlement.word == word }!
    var parts: [String] = []
    if case .failed(let failureClass) = gravest.settlement { parts.append(failureClass.rawValue) }
    if let message = gravest.message, !message.isEmpty {
      parts.append(message)
    } else {
      // Why it ran, now that it has: for want of a result, be it that it had failed before.
      parts += gravest.reasons.map { $0 == Reason.neverRun.text ? "there was no result" : $0 }
    }
    let text = parts.joined(separator: ": ")
    guard let partition = gravest.instance.partition, instances.count > 1, !["succeeded", "reused", "missing"].contains(word)
    else { return text }
    return "\(partition) \(text)"
  }
}

extension Document {
  /// The members that name an instance: `task`, and `partition` or `gather` where it has one.
  static func members(_ instance: TaskInstance) -> [String: ConfigurationValue?] {
    switch instance.slice {
    case .whole: ["task": .text(instance.task)]
    case .partition(let partition): ["task": .text(instance.task), "partition": .text(partition.description)]
    case .gather: ["task": .text(instance.task), "gather": .boolean(true)]
    }
  }

  static func settlement(_ record: InstanceRecord) -> ConfigurationValue {
    var failureClass: String?
    if case .failed(let value) = record.settlement { failureClass = value.rawValue }
    return object(
      members(record.instance).merging([
        "state": .text(record.settlement.word), "class": text(failureClass), "verdict": text(record.verdict?.rawValue),
        "reasons": .list(record.reasons.map { .text($0) }), "message": text(record.message), "at": time(record.at),
        "run": .text(record.run),
      ]) { $1 })
  }

  static func attempt(_ attempt: AttemptRecord) -> ConfigurationValue {
    let end = attempt.end
    return object([
      "attempt": .text(attempt.id), "task": .text(attempt.task), "run": .text(attempt.run), "number": .integer(attempt.number),
      "partitions": attempt.instances.contains { $0.partition != nil }
        ? .list(attempt.instances.compactMap(\.partition).map { .text($0.description) }) : nil,
      "outcome": text(end?.outcome.rawValue), "class": text(end?.failureClass?.rawValue), "rule": text(end?.rule),
      "message": text(end?.message), "followUp": text(end?.followUp), "created": time(attempt.createdAt), "ended": time(end?.at),
      "seconds": duration(attempt.seconds), "userSeconds": duration(end?.exit?.userSeconds),
      "systemSeconds": duration(end?.exit?.systemSeconds), "peakMemoryBytes": end?.exit.map { .integer($0.peakMemoryBytes) },
      "nextAttempt": time(end?.nextAttemptAt), "pid": attempt.identity.map { .integer(Int($0.pid)) },
      "log": .text(attempt.logPath),
    ])
  }
}

extension AttemptRecord {
  /// How long its process ran; `nil` while it does, and where there was none.
  var seconds: Double? { end?.exit.map { $0.endedAt - $0.startedAt } }

  /// The log's path below the workspace.
  var logPath: String { AttemptPlan.folder(of: id) + "/log" }

  /// `dt=2013-01-01`, `64 partitions`, or nothing.
  var partitionText: String {
    let partitions = instances.compactMap(\.partition)
    guard partitions.count <= 1 else { return "\(partitions.count) partitions" }
    return partitions.first?.description ?? (instances.first?.slice == .gather ? "gather" : "")
  }
}
