/// The options of commands that run tasks: how many at once, when to stop, what to show.

import ArgumentParser

/// How progress is shown.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
  /// a block on a terminal, lines elsewhere
  case auto
  case plain
  /// a line of JSON for each change, on stdout, before that of `--json`
  case json
  case none
}

struct RunningOptions: ParsableArguments {
  @Option(
    name: [.customShort("j", allowingJoined: true), .long],
    help: ArgumentHelp("At most so many attempts at once.", valueName: "count"))
  var jobs: Int?

  @Flag(help: "Start nothing more after the first failure.")
  var failFast = false

  @Flag(help: "Exit with 0 although a gate waits for a person.")
  var allowWaiting = false

  @Option(help: ArgumentHelp("Progress: auto, plain, json or none.", valueName: "style"))
  var progress: ProgressStyle = .auto

  @Option(help: ArgumentHelp("In plain progress, say so often what runs longest; 0: never.", valueName: "seconds"))
  var heartbeat = 60

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("-j takes a number from 1") }
    guard heartbeat >= 0 else { throw ValidationError("--heartbeat takes seconds, from 0") }
  }

  /// The shared options, with what `--progress json` brings along.
  func shared(_ shared: SharedOptions) -> SharedOptions {
    var shared = shared
    if progress == .json { shared.json = true }
    return shared
  }

  /// The exit status that the holder of the workspace answered, as this command means it.
  func status(_ answered: ExitStatus) -> ExitStatus {
    answered == .waiting && allowWaiting ? .done : answered
  }

  func output(_ shared: SharedOptions, _ host: Host, root: String) -> RunOutput {
    RunOutput(
      say: { $0.tell(shared, host) }, allowsWaiting: allowWaiting,
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
