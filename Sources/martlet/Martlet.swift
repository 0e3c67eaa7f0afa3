/// The list of commands.

import ArgumentParser

/// The version that `martlet --version` prints and that runs record.
let martletVersion = "0.1.0"

struct Martlet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "martlet", abstract: "Keeps file-based data and ML pipelines going: no server, nothing lost when it is killed.",
    version: "martlet \(martletVersion)",
    subcommands: [
      InitCommand.self, CheckCommand.self, PlanCommand.self, RunCommand.self, StatusCommand.self, RunsCommand.self,
      ShowCommand.self, LogsCommand.self, WhyCommand.self, GraphCommand.self, GatesCommand.self, ApproveCommand.self,
      RejectCommand.self, PromoteCommand.self, RollbackCommand.self, DoctorCommand.self, SchemaCommand.self,
    ])

  /// Every command's name, `help` included.
  static var commandNames: [String] { configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"] }
}

/// A command that is given the world it runs in.
protocol HostedCommand: ParsableCommand {
  /// Does what the command says.
  /// - Throws: `UserError`, `StoreError`, `Diagnostics`; anything else is a mistake of ours and exits with 70.
  mutating func run(on host: Host) throws -> ExitStatus
}

/// Moves shared options that stand before the command's name behind it: `martlet -C examples runs` is `martlet runs -C examples`.
func sharedOptionsBehindCommand(_ arguments: [String]) -> [String] {
  let withValue: Set = ["-C", "-f", "--color", "--directory", "--file"]
  let flags: Set = ["-q", "--quiet", "-v", "--verbose", "--json", "--no-input"]
  var count = 0
  while count < arguments.count {
    if withValue.contains(arguments[count]) {
      count += 2
    } else if flags.contains(arguments[count]) || withValue.contains(where: { arguments[count].hasPrefix($0 + "=") }) {
      count += 1
    } else {
      break
    }
  }
  guard count > 0, count < arguments.count, !arguments[count].hasPrefix("-") else { return arguments }
  return [arguments[count]] + arguments[..<count] + arguments[(count + 1)...]
}
