/// The list of commands.

import ArgumentParser

/// The version that `martlet --version` prints and that runs record.
let martletVersion = "0.1.0"

struct Martlet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "martlet", abstract: "Keeps file-based data and ML pipelines going: no server, nothing lost when it is killed.",
    version: "martlet \(martletVersion)",
    subcommands: [
      InitCommand.self, CheckCommand.self, PlanCommand.self, RunCommand.self, RetryCommand.self, CancelCommand.self,
      StatusCommand.self, RunsCommand.self, ShowCommand.self, LogsCommand.self, WhyCommand.self, GraphCommand.self,
      GatesCommand.self, ApproveCommand.self, RejectCommand.self, IncidentCommand.self, BackfillCommand.self,
      ReleasesCommand.self, PromoteCommand.self, RollbackCommand.self, AuditCommand.self, QuarantineCommand.self,
      RunbookCommand.self, VerifyCommand.self, CollectCommand.self, DoctorCommand.self, SchemaCommand.self,
      SelftestCommand.self,
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

/// Moves shared options that stand before the command's name behind it, and behind the name of its subcommand where it has those:
/// `martlet -C examples runs` is `martlet runs -C examples`, `martlet quarantine -q list` is `martlet quarantine list -q`.
func sharedOptionsBehindCommand(_ arguments: [String]) -> [String] {
  let options = leadingSharedOptions(arguments[...])
  var rest = arguments[options.endIndex...]
  guard let name = rest.first, !name.hasPrefix("-") else { return arguments }
  rest.removeFirst()
  let subcommands = Martlet.configuration.subcommands.first { $0.configuration.commandName == name }?.configuration.subcommands
  guard let subcommands, !subcommands.isEmpty else { return [name] + options + rest }
  let inner = leadingSharedOptions(rest)
  guard let subcommand = rest[inner.endIndex...].first, !subcommand.hasPrefix("-") else { return [name] + options + rest }
  return [name, subcommand] + options + inner + rest[(inner.endIndex + 1)...]
}

private func leadingSharedOptions(_ arguments: ArraySlice<String>) -> ArraySlice<String> {
  let withValue: Set = ["-C", "-f", "--color", "--directory", "--file"]
  let flags: Set = ["-q", "--quiet", "-v", "--verbose", "--json", "--no-input"]
  var end = arguments.startIndex
  while end < arguments.endIndex {
    if withValue.contains(arguments[end]) {
      end += 2
    } else if flags.contains(arguments[end]) || withValue.contains(where: { arguments[end].hasPrefix($0 + "=") }) {
      end += 1
    } else {
      break
    }
  }
  return arguments[arguments.startIndex..<min(end, arguments.endIndex)]
}
