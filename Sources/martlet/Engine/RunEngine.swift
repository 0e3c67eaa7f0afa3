/// Runs a selection of the pipeline in a workspace that this process holds.

import MartletExecutors
import MartletFiles
import MartletModel
import MartletPlan
import MartletRun
import MartletStore

/// What the command line asks of a run.
struct RunRequest {
  /// The run's id.
  var run: String
  /// The command that asked, as `RunRecord.command`.
  var command = "run"
  /// Who asked for it, as the operating system knows them; `nil` for who runs this process.
  var user: String?
  var selection = Selection.everything
  /// The run whose unfinished attempts are taken over; `nil` for those of all. The others stay for a later run.
  var orphans: String?
  var parameters: [String: ConfigurationValue] = [:]
  /// What was typed, for the record.
  var arguments: [String] = []
  /// `-j`
  var jobs: Int?
  var failFast = false
  /// As in `RunSettings`.
  var partitionOrder: PartitionOrder?
  var recipes: [TaskInstance: Digest] = [:]
  /// Instances that stand and are run once more to be compared; nothing else is done then.
  var comparing: Set<TaskInstance> = []
}

struct RunEngine {
  let session: WorkspaceSession
  let request: RunRequest
  /// Where everything that concerns the run arrives; it outlives the run.
  let mailbox: Mailbox

  /// Runs to the end.
  /// - Parameter observe: called on the loop's thread with everything that a person may be told.
  func run(observe: @escaping (RunObservation) -> Void) throws -> (run: RunRecord, result: RunResult, counts: RunCounts) {
    let host = session.host
    let planner = session.planner(request.selection)
    let facts = try session.facts(for: planner)
    var plan: Plan?
    if request.comparing.isEmpty, planner.pipeline.tasks.contains(where: { $0.builtin != nil }) {
      let known = planner.plan(facts)
      try ConfigurationCheck(location: session.location, pipeline: planner.pipeline, host: host).check(known.entries)
      plan = known
    }
    let record = RunRecord(
      id: request.run, pipeline: planner.pipeline.name, startedAt: host.wallSeconds(), command: request.command,
      startedBy: request.user ?? host.user,
      arguments: request.arguments, parameters: request.parameters, engineVersion: martletVersion)
    let settings = RunSettings(
      run: record, capacity: capacity(planner.pipeline), maximumAttempts: request.jobs ?? .max, failFast: request.failFast,
      seed: UInt64(bitPattern: Int64(host.wallSeconds() * 1e6)),
      adoptable: request.comparing.isEmpty ? try adoptable() : [],
      waits: request.comparing.isEmpty ? try waits() : [:], troubled: try session.store.reader.troubledInstances(),
      partitionOrder: request.partitionOrder, recipes: request.recipes,
      comparing: request.comparing)
    let state = RunState(planner: planner, facts: facts, settings: settings, plan: plan)
    let mailbox = mailbox
    let executor = try LocalExecutor(
      supervisorProgram: host.sibling("martlet-supervisor"),
      supervisorsFolder: "\(session.location.engineFolder)/supervisors"
    ) { event in mailbox.post(.executor(event)) }
    let loop = RunLoop(
      state: state, journal: session.store, workspace: session.workspace, executor: executor, workers: WorkerThreads(),
      clock: HostClock(host: host), mailbox: mailbox,
      launcher: Launcher(
        root: session.location.root, tasksExecutable: host.sibling("martlet-tasks"),
        hostEnvironment: Launcher.allowed(host.environment))
    ) { observe(.notice($0)) }
    observe(.began(record, planner))
    host.onInterrupt { count in mailbox.post(.cancelRequested(immediately: count > 1)) }
    let end = try loop.run()
    return (record, end.result, end.counts)
  }

  private func capacity(_ pipeline: Pipeline) -> Resources {
    Resources(
      cpu: max(1, pipeline.resources.cpu ?? session.host.processorCount),
      memoryBytes: pipeline.resources.memoryBytes ?? session.host.memoryBytes)
  }

  private func adoptable() throws -> [AttemptRecord] {
    try session.store.reader.unfinishedAttempts().filter { request.orphans == nil || $0.run == request.orphans }
  }

  /// The waits of the newest run, if its engine was killed.
  private func waits() throws -> [TaskInstance: CarriedWait] {
    guard let latest = try session.store.reader.latestRun(), latest.result == nil else { return [:] }
    var spent: [TaskInstance: [FailureClass: Int]] = [:]
    var waits: [TaskInstance: CarriedWait] = [:]
    for wait in try session.store.reader.waits(run: latest.id) {
      if waits[wait.instance]?.fingerprint != wait.fingerprint { spent[wait.instance] = [:] }
      spent[wait.instance, default: [:]][wait.failureClass, default: 0] += 1
      waits[wait.instance] = CarriedWait(
        fingerprint: wait.fingerprint, spent: spent[wait.instance]!, notBefore: wait.notBefore)
    }
    return waits
  }
}

/// What an observer of a run sees.
enum RunObservation {
  case began(RunRecord, Planner)
  case notice(Notice)
}

/// Names of runs: the time in UTC, and four letters against two in one second.
enum RunIdentifier {
  static func make(now: Double) -> String {
    let day = CalendarDay(ordinal: Int((now / 86_400).rounded(.down))).description.replacing("-", with: "")
    let seconds = Int(now) % 86_400
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let time = two(seconds / 3600) + two(seconds / 60 % 60) + two(seconds % 60)
    let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
    return "\(day)-\(time)-" + String((0..<4).map { _ in letters.randomElement()! })
  }
}
