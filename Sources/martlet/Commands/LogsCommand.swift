// `martlet logs TASK`: what an attempt printed, byte for byte.

import ArgumentParser
import MartletModel
import MartletRun
import MartletStore

struct LogsCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Print what a task's newest attempt printed.",
    discussion: "The bytes are printed as they are. Which attempt it is stands on stderr.")

  @Argument(help: "The task.")
  var task: String

  @Option(name: [.customShort("p"), .long], help: ArgumentHelp("The partition, as dt=2013-01-31.", valueName: "partition"))
  var partition: String?

  @Option(help: ArgumentHelp("The attempt's number within its run; the last if left out.", valueName: "number"))
  var attempt: Int?

  @Option(help: ArgumentHelp("The run; the newest that attempted the task if left out.", valueName: "run"))
  var run: String?

  @Flag(name: [.customShort("F"), .long], help: "Go on printing until the attempt has ended.")
  var follow = false

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    guard let reader = try location.reader() else { throw UserError.noRunYet }
    let chosen = try choose(reader)
    let path = "\(location.root)/\(chosen.logPath)"
    if shared.json {
      host.output.write(Document.line(schema: "martlet.logs/1", ["attempt": Document.attempt(chosen), "path": .text(path)]))
      return .done
    }
    let state = chosen.end.map { $0.outcome.rawValue } ?? "running"
    let name = [chosen.task, chosen.partitionText].filter { !$0.isEmpty }.joined(separator: " ")
    shared.note("\(name), attempt \(chosen.number) of run \(chosen.run): \(state)", host)
    let hasLog = try LogTail(path: path).print(to: host.output) { [follow] in
      guard follow else { return true }
      return try reader.attempt(chosen.id)?.end != nil
    }
    guard hasLog else {
      throw UserError("the attempt left no log", facts: [("looked at", path)], hint: "logs are removed with .martlet/attempts")
    }
    return .done
  }

  private func choose(_ reader: StoreReader) throws -> AttemptRecord {
    var attempts: [AttemptRecord]
    if let run {
      attempts = try reader.attempts(takenBy: reader.run(named: run).id).filter { $0.task == task }.reversed()
    } else {
      attempts = try reader.latestAttempts(task: task, limit: 1000)
    }
    guard !attempts.isEmpty else { throw UserError.unknown("task with attempts", task, among: try reader.attemptedTasks()) }
    if let partition {
      attempts = attempts.filter {
        $0.instances.contains { $0.partition?.description == partition || $0.partition?.value == partition }
      }
      guard !attempts.isEmpty else {
        throw UserError("no attempt of \(task) ran partition \(partition)", hint: "partitions are given as dt=2013-01-31")
      }
    }
    guard let attempt else { return attempts[0] }
    let ofRun = attempts.filter { $0.run == attempts[0].run }
    guard let chosen = ofRun.first(where: { $0.number == attempt }) else {
      throw UserError(
        "\(task) has no attempt \(attempt) in run \(attempts[0].run)",
        hint: "there are: \(Set(ofRun.map(\.number)).sorted().map(String.init).joined(separator: ", "))")
    }
    return chosen
  }
}
