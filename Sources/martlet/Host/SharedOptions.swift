/// The options that every command has.

import ArgumentParser

struct SharedOptions: ParsableArguments {
  @Option(name: [.customShort("C"), .customLong("directory")], help: ArgumentHelp("Work in this folder.", valueName: "dir"))
  var directory: String?

  @Option(name: [.customShort("f"), .customLong("file")], help: ArgumentHelp("The pipeline file.", valueName: "file"))
  var file: String?

  @Flag(name: .shortAndLong, help: "Say only what is wrong.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more.")
  var verbose = false

  @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
  var color: ColorChoice = .auto

  @Flag(help: "Print data as JSON.")
  var json = false

  @Flag(name: .customLong("no-input"), help: "Never ask.")
  var noInput = false
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto
  case always
  case never

  /// Whether `console` is to be coloured: what was asked for, then the conventions of no-color.org and bixense.com/clicolors.
  func isOn(_ console: Console, environment: [String: String]) -> Bool {
    func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
    switch self {
    case .always: return true
    case .never: return false
    case .auto:
      if isSet("NO_COLOR") { return false }
      if ["CLICOLOR_FORCE", "FORCE_COLOR"].contains(where: { isSet($0) && environment[$0] != "0" }) { return true }
      return console.isTerminal && environment["TERM"] != "dumb"
    }
  }
}

extension SharedOptions {
  /// How text for stdout is painted.
  func outputPainter(_ host: Host) -> Painter {
    Painter(isOn: color.isOn(host.output, environment: host.environment))
  }

  /// How text for stderr is painted.
  func diagnosticsPainter(_ host: Host) -> Painter {
    Painter(isOn: color.isOn(host.diagnostics, environment: host.environment))
  }

  /// A line for a person on stderr, unless `--quiet`.
  func note(_ line: String, _ host: Host) {
    if !quiet { host.diagnostics.write(line + "\n") }
  }
}
