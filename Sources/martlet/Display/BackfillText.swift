/// A backfill in words: for its last lines, its list and `backfill show`.

import MartletModel
import MartletPlan

struct BackfillText {
  let backfill: Backfill
  let counts: [BackfillItem.State: Int]

  func count(_ states: BackfillItem.State...) -> Int { states.reduce(0) { $0 + (counts[$1] ?? 0) } }

  var total: Int { counts.values.reduce(0, +) }
  var done: Int { count(.succeeded, .reused) }
  /// What `backfill retry` would run.
  var troubled: Int { count(.failed, .blocked) }

  /// `725 done, 5 failed, 12 still to run`
  var countsText: String {
    let parts = [
      (done, "done"), (count(.failed), "failed"), (count(.blocked), "blocked"), (count(.missing), "without a source"),
      (count(.planned), "still to run"),
    ].filter { $0.0 > 0 }.map { "\(NumberText.grouped($0.0)) \($0.1)" }
    return parts.isEmpty ? "nothing planned" : parts.joined(separator: ", ")
  }

  func lastLine(seconds: Double) -> String {
    "backfill \(backfill.id): \(countsText)  (\(TimeText.duration(seconds)))"
  }

  /// What a person would type next.
  var nextCommands: [String] {
    guard troubled > 0 else { return [] }
    let again = [(count(.failed), "failed"), (count(.blocked), "blocked")].filter { $0.0 > 0 }
      .map { "\(NumberText.grouped($0.0)) \($0.1)" }.joined(separator: " and ")
    return [
      "martlet backfill show \(backfill.id)    what failed, and why",
      "martlet backfill retry \(backfill.id)    runs \(again) again",
    ]
  }

  static func partitions(_ count: Int) -> String { NumberText.counted(count, "partition") }

  /// `5 partitions`, `5 partitions × 2 tasks`, or `9 partitions of 2 tasks` where not each task has them all.
  static func partitions(_ instances: [TaskInstance]) -> String {
    let tasks = Set(instances.map(\.task)).count
    let each = Set(instances.map(\.partition)).count
    guard tasks > 1 else { return partitions(instances.count) }
    return each * tasks == instances.count
      ? "\(partitions(each)) × \(tasks) tasks" : "\(partitions(instances.count)) of \(tasks) tasks"
  }

  /// What a backfill of these partitions never runs; `nil` if the pipeline has nothing of the kind.
  static func left(by pipeline: Pipeline, _ range: PartitionRange) -> String? {
    let gathers = pipeline.tasks.filter { $0.each == range.name && !$0.gathered.isEmpty }.map { "\($0.name) (gather)" }
    let others = pipeline.tasks.filter { $0.each != range.name }.map(\.name)
    let names = gathers + others
    guard !names.isEmpty else { return nil }
    let shown = names.prefix(4).joined(separator: ", ") + (names.count > 4 ? " and \(names.count - 4) more" : "")
    return "left to the next `martlet run`: \(shown)"
  }

  /// The state as a word. A backfill that runs in a workspace that nobody holds has lost its engine.
  func stateWord(isHeld: Bool) -> String {
    switch backfill.state {
    case .running: isHeld ? "running" : "interrupted"
    case .pausing: isHeld ? "pausing" : "paused"
    case .paused, .interrupted, .cancelled: backfill.state.rawValue
    case .ended: troubled > 0 ? "failed" : "succeeded"
    }
  }

  /// As it was asked for.
  var asked: String {
    var words = ["martlet backfill", backfill.range.description] + backfill.tasks
    words += ["--select", backfill.choice.rawValue, "--order", backfill.order.rawValue]
    if let jobs = backfill.jobs { words += ["-j", "\(jobs)"] }
    return words.joined(separator: " ")
  }
}

extension BackfillPlan {
  /// What of the range it leaves alone: `12 up to date, 3 without a source`.
  var restText: String {
    [(upToDate, "up to date"), (missing, "without a source"), (leftOut, "left out by --select")].filter { $0.0 > 0 }
      .map { "\(NumberText.grouped($0.0)) \($0.1)" }.joined(separator: ", ")
  }
}
