// `martlet backfill`: plans a range of partitions, and what goes on with such a plan.

import ArgumentParser
import MartletModel
import MartletPlan
import MartletRun

extension BackfillChoice: ExpressibleByArgument {}
extension PartitionOrder: ExpressibleByArgument {}

struct BackfillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backfill", abstract: "Run a range of partitions, from a plan that survives whatever happens.",
    discussion: """
      `martlet backfill dt=2013-01-01..2013-12-31` plans every partition of the range that is not up to date, of every task with \
      `each`, writes the plan down and runs it. A partition that fails stops no other. Whatever joins the partitions is left to the \
      next `martlet run`.
      """,
    subcommands: [
      BackfillStartCommand.self, BackfillListCommand.self, BackfillShowCommand.self, BackfillPauseCommand.self,
      BackfillResumeCommand.self, BackfillCancelCommand.self, BackfillRetryCommand.self,
    ], defaultSubcommand: BackfillStartCommand.self)
}

struct BackfillStartCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Plan a range and run it; `start` may be left out.",
    discussion: """
      --select missing takes partitions without a checkpoint, missing+failed also those whose last try failed, stale whatever is not \
      up to date, all every one although nothing changed. While another process holds the workspace the request is handed to it.
      """)

  @Argument(help: ArgumentHelp("dt=2013-01-01..2013-01-31, both ends included; or dt=2013-01-31.", valueName: "range"))
  var range: String

  @Argument(help: "Tasks with `each`, with what is upstream of them; all of those if none is named.")
  var tasks: [String] = []

  @Option(help: ArgumentHelp("missing, missing+failed, stale or all.", valueName: "which"))
  var select: BackfillChoice = .stale

  @Option(help: ArgumentHelp("Which partitions come first: oldest or newest.", valueName: "which"))
  var order: PartitionOrder = .oldest

  @Option(name: .shortAndLong, help: "Why; kept with the backfill.")
  var message: String?

  @Flag(help: "Say what would run, and why; change nothing.")
  var dryRun = false

  @Flag(help: "Run although it is more than a thousand partitions.")
  var yes = false

  @OptionGroup var working: BackfillWorkingOptions
  @OptionGroup var shared: SharedOptions

  private var request: BackfillRequest {
    BackfillRequest(
      range: range, tasks: tasks, choice: select, order: order, jobs: working.jobs, comment: Comment.optional(message),
      isConfirmed: yes)
  }

  func run(on host: Host) throws -> ExitStatus {
    guard dryRun else { return try BackfillWork(order: .start(request), working: working, shared: shared).run(on: host) }
    let reader = try WorkspaceReader(try WorkspaceLocation.find(shared, host), host: host)
    let scope = try BackfillScope(request, in: reader.loaded)
    let plan = scope.planner(in: reader.loaded, select).plan(
      try reader.survey.facts(for: reader.planner()), troubles: try reader.store?.latestSettlements().troubles ?? [:])
    try ConfigurationCheck(location: reader.location, pipeline: reader.loaded.pipeline, host: host).check(plan.entries)
    if let note = scope.note { shared.note("note: \(note)", host) }
    if shared.json {
      host.output.write(Document.backfillPlan(plan))
      return .done
    }
    let table = PlanGroup.table(plan.entries).rendered(shared.outputPainter(host), width: host.output.columns)
    let rest = plan.restText.isEmpty ? "" : ", \(plan.restText)"
    host.output.write("\(table)\(BackfillText.partitions(plan.entries.map(\.instance))) to run\(rest)\n")
    if let left = BackfillText.left(by: reader.loaded.pipeline, scope.range) { host.output.write(left + "\n") }
    return .done
  }
}

struct BackfillResumeCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with a backfill that was paused or interrupted.",
    discussion: """
      What ended while no engine lived is taken, what another run made is not made again. A pipeline that changed since the plan was \
      written pauses the backfill again; with --replan it is taken as it is now, and what was made by the old one runs again.
      """)

  @Argument(help: "The backfill's id or the beginning of it.")
  var backfill: String

  @Flag(help: "Take the pipeline as it is now.")
  var replan = false

  @OptionGroup var working: BackfillWorkingOptions
  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    try BackfillWork(
      order: .resume(backfill: backfill, replan: replan, jobs: working.jobs), working: working, shared: shared
    ).run(on: host)
  }
}

struct BackfillRetryCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Run the partitions of a backfill again that failed or were blocked, and only those.")

  @Argument(help: "The backfill's id or the beginning of it.")
  var backfill: String

  @OptionGroup var working: BackfillWorkingOptions
  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    try BackfillWork(order: .retry(backfill: backfill, jobs: working.jobs), working: working, shared: shared).run(on: host)
  }
}

struct BackfillPauseCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Let what has started end, and start nothing more of a backfill.")

  @OptionGroup var steered: SteeredBackfill

  func run(on host: Host) throws -> ExitStatus { try steered.steer(.pause, host) }
}

struct BackfillCancelCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "End a backfill for good; what it has made stays.")

  @OptionGroup var steered: SteeredBackfill

  func run(on host: Host) throws -> ExitStatus { try steered.steer(.cancel, host) }
}

/// The options that start, resume and retry share.
struct BackfillWorkingOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("At most so many attempts at once.", valueName: "count"))
  var jobs: Int?

  @Option(help: ArgumentHelp("Progress: auto, plain or none.", valueName: "style"))
  var progress: ProgressStyle = .auto

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("-j takes a number from 1") }
    if progress == .json { throw ValidationError("--progress json is for runs: `backfill show --json` says how far one is") }
  }
}

/// What start, resume and retry do.
private struct BackfillWork {
  let order: BackfillOrder
  let working: BackfillWorkingOptions
  let shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    switch try WorkspaceSession.openOrAsk(location, .backfill(order), parameters: [], shared: shared, host: host) {
    case .answered(let status): return status
    case .opened(let session):
      let holder = try WorkspaceHolder(session)
      return try holder.finishing { try holder.backfill(order, user: host.user, output(host, location)) }
    }
  }

  private func output(_ host: Host, _ location: WorkspaceLocation) -> RunOutput {
    RunOutput(
      say: { $0.tell(shared, host) },
      makeReporter: { pipeline in
        working.progress == .none
          ? nil
          : RunReporter(
            host: host, shared: shared, progress: working.progress, heartbeatSeconds: 60, root: location.root,
            pipeline: pipeline)
      })
  }
}

/// What pause and cancel share.
struct SteeredBackfill: ParsableArguments {
  @Argument(help: "The backfill's id or the beginning of it.")
  var backfill: String

  @OptionGroup var shared: SharedOptions

  func steer(_ wish: BackfillSteering.Wish, _ host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let steering = BackfillSteering(backfill: backfill, wish: wish)
    switch try WorkspaceSession.openOrAsk(location, .steer(steering), parameters: [], shared: shared, host: host) {
    case .answered(let status): return status
    case .opened(let session):
      let desk = BackfillDesk(session: session)
      let sentence = Result { try desk.steer(try session.store.reader.backfill(named: backfill), wish) }
      try session.leave()
      shared.note(try sentence.get(), host)
      return .done
    }
  }
}
