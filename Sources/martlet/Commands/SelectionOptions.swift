/// The options that say which part of the pipeline a command is about.

import ArgumentParser
import MartletModel
import MartletPlan

struct SelectionOptions: ParsableArguments {
  @Argument(help: "Tasks to bring up to date, with everything upstream of them; all if none is named.")
  var tasks: [String] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("These tasks alone: what they read must stand.", valueName: "task"))
  var only: [String] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("These tasks and everything downstream of them.", valueName: "task"))
  var from: [String] = []

  @Option(
    name: [.customShort("p"), .long],
    help: ArgumentHelp("Only these partitions: dt=2013-01-31 or dt=2013-01-01..2013-01-31.", valueName: "range"))
  var partition: String?

  @Option(name: .customLong("param"), help: ArgumentHelp("A parameter for this run: min_rows=500.", valueName: "name=value"))
  var parameters: [String] = []

  @Flag(help: "Run the named tasks although nothing changed.")
  var force = false

  var order: RunOrder {
    RunOrder(tasks: tasks, only: only, from: from, partition: partition, parameters: parameters, force: force)
  }
}

extension RunOrder {
  /// - Throws: `UserError` for an unknown task or a range that is none.
  func selection(_ pipeline: Pipeline) throws -> Selection {
    let given = [tasks, only, from].filter { !$0.isEmpty }
    guard given.count <= 1 else {
      throw UserError("tasks, --only and --from exclude each other", hint: "give one of them")
    }
    let names = given.first ?? []
    for name in names where pipeline.task(name) == nil {
      throw UserError.unknown("task", name, among: pipeline.tasks.map(\.name))
    }
    let reach: Selection.Reach = only.isEmpty ? from.isEmpty ? .upstream : .downstream : .only
    return Selection(tasks: names, reach: reach, range: try range(pipeline), force: force)
  }

  private func range(_ pipeline: Pipeline) throws -> PartitionRange? {
    guard let partition else { return nil }
    guard let range = PartitionRange(partition) else {
      throw UserError(
        "\(partition) is no range of partitions",
        hint: "-p dt=2013-01-31, or -p dt=2013-01-01..2013-01-31 with the earlier day first")
    }
    guard pipeline.partitions.contains(where: { $0.name == range.name }) else {
      throw UserError.unknown("partition", range.name, among: pipeline.partitions.map(\.name))
    }
    return range
  }

  /// The order that `typed` describes, without `--force`: what was forced and worked is not forced again.
  init(typed: [String]) {
    self.init()
    var words = typed[...]
    while let word = words.popFirst() {
      switch word {
      case "--only": if let task = words.popFirst() { only.append(task) }
      case "--from": if let task = words.popFirst() { from.append(task) }
      case "-p": partition = words.popFirst()
      case "--param": if let parameter = words.popFirst() { parameters.append(parameter) }
      case "--force": continue
      default: tasks.append(word)
      }
    }
  }

  /// What was typed, for the run's record.
  var typed: [String] {
    tasks + only.flatMap { ["--only", $0] } + from.flatMap { ["--from", $0] } + (partition.map { ["-p", $0] } ?? [])
      + parameters.flatMap { ["--param", $0] } + (force ? ["--force"] : [])
  }
}
