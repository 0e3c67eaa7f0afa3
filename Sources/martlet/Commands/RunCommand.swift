// `martlet run`: brings the pipeline up to date.

import ArgumentParser
import MartletModel
import MartletPlan
import MartletRun

/// How progress is shown.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
  /// a block on a terminal, lines elsewhere
  case auto
  case plain
  case none
}

struct RunCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run what is not up to date.",
    discussion: """
      A task runs when something that decides its result has changed, and only then: `martlet plan` says beforehand what and why. \
      After a crash nothing has to be cleaned up: the next run goes on.
      """)

  @OptionGroup var selection: SelectionOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("At most so many attempts at once.", valueName: "count"))
  var jobs: Int?

  @Flag(help: "Start nothing more after the first failure.")
  var failFast = false

  @Flag(help: "Exit with 0 although a gate waits for a person.")
  var allowWaiting = false

  @Option(help: ArgumentHelp("Progress: auto, plain or none.", valueName: "style"))
  var progress: ProgressStyle = .auto

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("-j takes a number from 1") }
  }

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let session = try WorkspaceSession(location, host: host, parameters: selection.parameters)
    for note in session.notes { shared.note("note: \(note)", host) }
    let chosen = try selection.selection(session.loaded.pipeline)
    let engine = RunEngine(
      session: session,
      request: RunRequest(
        selection: chosen, parameters: session.loaded.overrides, arguments: selection.typed, jobs: jobs, failFast: failFast))
    let reporter = RunReporter(
      host: host, shared: shared, progress: progress, root: location.root, pipeline: session.loaded.pipeline)
    let recorder = RunSummary()
    let end: (run: RunRecord, result: RunResult, counts: RunCounts)
    do {
      end = try engine.run { observation in
        recorder.observe(observation)
        if progress != .none { reporter.observe(observation) }
      }
    } catch {
      reporter.end()
      throw error
    }
    reporter.end()
    try session.close()
    report(end, recorder, session, host)
    return ExitStatus(end.result, allowWaiting: allowWaiting)
  }

  private func report(
    _ end: (run: RunRecord, result: RunResult, counts: RunCounts), _ summary: RunSummary, _ session: WorkspaceSession,
    _ host: Host
  ) {
    let seconds = host.wallSeconds() - end.run.startedAt
    let painter = shared.diagnosticsPainter(host)
    let counts = end.counts
    if counts.ran == 0, end.result == .succeeded {
      shared.note("nothing to do: \(counts.reused) tasks are up to date  (\(TimeText.duration(seconds)))", host)
    } else {
      let parts = [
        (counts.ran, "ran"), (counts.reused, "reused"), (counts.failed, "failed"), (counts.blocked, "blocked"),
        (counts.waiting, "waiting"),
      ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      shared.note("\(painter.state(end.result.rawValue)): \(parts)  (\(TimeText.duration(seconds)), run \(end.run.id))", host)
    }
    for command in summary.nextCommands(session.loaded.pipeline, end.run.id) { shared.note("  \(command)", host) }
    if shared.json { host.output.write(summary.document(end.run.id, end.result, counts, seconds: seconds)) }
  }
}
