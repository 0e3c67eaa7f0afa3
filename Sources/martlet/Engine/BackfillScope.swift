/// What a backfill is about, checked against the pipeline before anything is planned.

import MartletModel
import MartletPlan
import MartletRun

struct BackfillScope {
  let range: PartitionRange
  let tasks: [String]
  /// Of partitions in the range that the pipeline does not have.
  let note: String?

  /// Above so many partitions a backfill wants `--yes`.
  static let largestUnconfirmed = 1000

  /// - Throws: `UserError` for a range or a task that a backfill cannot be about.
  init(_ request: BackfillRequest, in loaded: LoadedPipeline) throws {
    let pipeline = loaded.pipeline
    range = try Self.range(request.range)
    tasks = request.tasks
    guard pipeline.partitions.contains(where: { [range] in $0.name == range.name }) else {
      throw UserError.unknown("partition", range.name, among: pipeline.partitions.map(\.name))
    }
    let partitioned = pipeline.tasks.filter { [range] in $0.each == range.name }.map(\.name)
    for name in tasks where !partitioned.contains(name) {
      guard let task = pipeline.task(name) else { throw UserError.unknown("task", name, among: partitioned) }
      throw UserError(
        "\(name) does not run for each \(range.name)",
        facts: [("each", task.each ?? "none"), ("tasks that do", partitioned.joined(separator: " "))],
        hint: "`martlet run \(name)` brings it up to date, with what it reads")
    }
    guard !partitioned.isEmpty else {
      throw UserError("no task runs for each \(range.name)", hint: "a backfill runs tasks with each: \(range.name)")
    }
    note = try loaded.partitions(in: range).note
  }

  private static func range(_ text: String) throws -> PartitionRange {
    if let range = PartitionRange(text) { return range }
    let ends = text.split(separator: "=", maxSplits: 1).last?.split(separator: "..") ?? []
    if text.contains("="), ends.count == 2, let first = CalendarDay(ends[0]), let last = CalendarDay(ends[1]) {
      let name = text[..<text.firstIndex(of: "=")!]
      throw UserError("the range \(text) runs backwards", hint: "the earlier day comes first: \(name)=\(last)..\(first)")
    }
    throw UserError("\(text) is no range of partitions", hint: "dt=2013-01-01..2013-01-31, or dt=2013-01-31 for one")
  }

  func planner(in loaded: LoadedPipeline, _ choice: BackfillChoice) -> BackfillPlanner {
    BackfillPlanner(
      pipeline: loaded.pipeline, partitions: loaded.partitions, range: range, tasks: tasks, choice: choice)
  }

  /// - Throws: `UserError` if so many want a word of a person that was not given.
  static func confirm(_ plan: BackfillPlan, _ request: BackfillRequest) throws {
    guard plan.entries.count > largestUnconfirmed, !request.isConfirmed else { return }
    throw UserError(
      "\(BackfillText.partitions(plan.entries.map(\.instance))) would run",
      facts: [("asked for", request.range), ("without a question", "up to \(NumberText.grouped(largestUnconfirmed))")],
      hint: "--dry-run shows them, --yes runs them")
  }
}

extension [InstanceRecord] {
  /// Of the newest settlements: what failed, and what that blocked.
  var troubles: [TaskInstance: EarlierTrouble] {
    Dictionary(
      compactMap { record -> (TaskInstance, EarlierTrouble)? in
        if let failureClass = record.settlement.failureClass { return (record.instance, .failed(failureClass)) }
        return record.settlement == .blocked ? (record.instance, .blocked) : nil
      }, uniquingKeysWith: { $1 })
  }
}
