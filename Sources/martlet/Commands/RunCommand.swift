// `martlet run`: brings the pipeline up to date.

import ArgumentParser
import MartletModel
import MartletRun

/// How progress is shown.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
  /// a block on a terminal, lines elsewhere
  case auto
  case plain
  /// a line of JSON for each change, on stdout, before that of `--json`
  case json
  case none
}

struct RunCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run what is not up to date.",
    discussion: """
      A task runs when something that decides its result has changed, and only then: `martlet plan` says beforehand what and why. \
      After a crash nothing has to be cleaned up: the next run goes on. While another process holds the workspace, the request is \
      handed to it and answered in its turn.
      """)

  @OptionGroup var selection: SelectionOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("At most so many attempts at once.", valueName: "count"))
  var jobs: Int?

  @Flag(help: "Start nothing more after the first failure.")
  var failFast = false

  @Flag(help: "Exit with 0 although a gate waits for a person.")
  var allowWaiting = false

  @Option(help: ArgumentHelp("Progress: auto, plain, json or none.", valueName: "style"))
  var progress: ProgressStyle = .auto

  @Option(help: ArgumentHelp("In plain progress, say so often what runs longest; 0: never.", valueName: "seconds"))
  var heartbeat = 60

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("-j takes a number from 1") }
    guard heartbeat >= 0 else { throw ValidationError("--heartbeat takes seconds, from 0") }
  }

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    var order = selection.order
    order.jobs = jobs
    order.failFast = failFast
    order.wantsEvents = progress == .json
    var shared = shared
    if order.wantsEvents { shared.json = true }
    switch try WorkspaceSession.openOrAsk(location, .run(order), parameters: order.parameters, shared: shared, host: host) {
    case .answered(let status): return status == .waiting && allowWaiting ? .done : status
    case .opened(let session):
      let holder = try WorkspaceHolder(session)
      let result = try holder.run(order, output(host, shared, root: location.root))
      try holder.finish()
      return ExitStatus(result, allowWaiting: allowWaiting, signal: host.lastInterrupt())
    }
  }

  private func output(_ host: Host, _ shared: SharedOptions, root: String) -> RunOutput {
    RunOutput(
      line: { shared.note($0, host) }, document: { if shared.json { host.output.write($0) } },
      makeReporter: { pipeline in
        switch progress {
        case .none: nil
        case .json: EventReporter(host: host, root: root) { host.output.write($0) }
        case .auto, .plain:
          RunReporter(
            host: host, shared: shared, progress: progress, heartbeatSeconds: heartbeat > 0 ? Double(heartbeat) : nil, root: root,
            pipeline: pipeline)
        }
      })
  }
}
