/// A workspace with its history and its processes, and the people who edit it: what outlives a run.

import MartletModel
import MartletPlan
import MartletRun

final class World {
  var pipeline: Pipeline
  let invariants = Invariants()
  let files: MemoryFiles
  private(set) var journal: MemoryJournal
  /// Successes that were told and that no later attempt has set out to replace.
  private(set) var told: [TaskInstance: Fingerprint] = [:]
  /// Instances whose files a person has changed since they were published.
  private(set) var touched: Set<TaskInstance> = []
  let processes: Processes
  let production: MemoryProduction
  /// As whoever holds the workspace has read it last.
  var history = History()
  /// Entries of the history whose writers could say that it was done.
  var toldDecisions: [HistoryEntry] = []
  /// The tickets of incidents, by id; each is there as a whole and synced, or not.
  var tickets: [String: Incident] = [:]
  /// Tasks whose failing verdict is about what is in production, and sends it back.
  var reverting: Set<String> = []
  /// Seconds since 1970; moves only when a run has nothing to do but wait.
  var now: Double = 1_000_000
  var libraries: [NativeLibrary: String] = [.duckdb: "1.4", .lightgbm: "4.6", .gnuplot: "6.0", .graphviz: "12"]
  private var runCount = 0

  init(_ pipeline: Pipeline, sources: [String: String]) {
    self.pipeline = pipeline
    files = MemoryFiles(invariants: invariants)
    journal = MemoryJournal(invariants: invariants)
    processes = Processes(files: files, invariants: invariants)
    production = MemoryProduction(files: files, invariants: invariants)
    for (path, text) in sources { files.edit(ArtifactPath(path), text) }
  }

  // MARK: What people do

  subscript(path: String) -> String? {
    get { files.contents[ArtifactPath(path)]?.text }
    set { files.edit(ArtifactPath(path), newValue) }
  }

  func edit(_ path: String, _ old: String, _ new: String) {
    let text = self[path]!
    precondition(text.contains(old), "\(path) has no \(old)")
    self[path] = text.replacing(old, with: new)
  }

  func script(_ task: String, _ script: @escaping Processes.Script) {
    processes.scripts[task] = script
  }

  /// A person changes or removes what is there of an instance: nothing can be promised of it any more.
  func touch(_ instance: TaskInstance) {
    told[instance] = nil
    touched.insert(instance)
  }

  /// An instance is about to be published.
  func forget(_ instance: TaskInstance) {
    told[instance] = nil
    touched.remove(instance)
  }

  /// A success is told.
  func note(_ instance: TaskInstance) {
    if !touched.contains(instance) { told[instance] = journal.checkpoints[instance]?.fingerprint }
  }

  /// Removes outputs as `gc` does, by the keys of instances and their outputs' names.
  func collect(_ outputs: [String: [String]]) {
    for (key, names) in outputs {
      let instance = TaskInstance(key: key)!
      for output in journal.checkpoints[instance]!.outputs where names.contains(output.name) { files.edit(output.path, nil) }
      journal.collect(instance, names)
    }
  }

  // MARK: Running

  /// The machine stops: no process goes on, and what was not synced may be gone.
  func losePower(_ generator: inout SeededGenerator) {
    processes.loseAll()
    files.losePower(&generator)
    journal = journal.afterPowerLoss(&generator)
    production.losePower(&generator)
  }

  /// Whether a checkpoint's file and all outputs that it records are there.
  func isIntact(_ instance: TaskInstance) -> Bool {
    guard let checkpoint = journal.checkpoints[instance] else { return false }
    return files.contents[instance.checkpointPath]?.text == checkpoint.fingerprint.description
      && checkpoint.outputs.allSatisfy { files.digest($0.path) == $0.digest }
  }

  /// What was told to be done and is not there any more.
  var lost: [TaskInstance] {
    told.filter { journal.checkpoints[$0.key]?.fingerprint != $0.value || !isIntact($0.key) }.map(\.key).sorted {
      $0.key < $1.key
    }
  }

  /// One run from its begin to its end.
  func run(_ options: RunOptions = RunOptions()) -> RunReport {
    let engine = Engine(self, options)
    let hasEnded = engine.run()
    precondition(invariants.breach == nil, invariants.breach ?? "")
    precondition(hasEnded, "the run did not end: \(engine.failure ?? "killed")")
    return RunReport(engine)
  }

  /// A run whose engine is killed after so many steps. Processes live on.
  /// - Returns: `true` if it had ended before.
  func runKilled(after steps: Int, _ options: RunOptions = RunOptions()) -> Bool {
    var options = options
    options.stepLimit = steps
    let hasEnded = Engine(self, options).run()
    precondition(invariants.breach == nil, invariants.breach ?? "")
    return hasEnded
  }

  /// The state with which the next run begins.
  func state(_ options: RunOptions) -> RunState {
    runCount += 1
    let record = RunRecord(
      id: "r\(runCount)", pipeline: pipeline.name, startedAt: now, arguments: [], parameters: [:], engineVersion: "test")
    let settings = RunSettings(
      run: record, capacity: options.capacity, maximumAttempts: options.maximumAttempts, failFast: options.failFast,
      retryPolicy: options.retryPolicy, seed: options.seed, adoptable: journal.unfinishedAttempts,
      waits: journal.interruptedWaits, partitionOrder: options.partitionOrder, recipes: options.recipes,
      comparing: options.comparing)
    return RunState(planner: planner(options.selection), facts: facts, settings: settings)
  }

  /// The plan, one line for each instance that is not simply reused.
  func plan(_ facts: Facts? = nil) -> [String] {
    planner(.everything).plan(facts ?? self.facts).entries.filter { $0.action != .reuse }.map { entry in
      "\(entry.instance) \(entry.action.rawValue): \(entry.reasons.map(\.text).joined(separator: "; "))"
    }
  }

  func planner(_ selection: Selection) -> Planner {
    let today = CalendarDay(year: 2013, month: 12, day: 31)!
    let partitions = pipeline.partitions.map { ($0.name, $0.partitions(today: today)) }
    return Planner(pipeline: pipeline, partitions: Dictionary(uniqueKeysWithValues: partitions), selection: selection)
  }

  var facts: Facts {
    var standing: [TaskInstance: StandingCheckpoint] = [:]
    var removed: [TaskInstance: [RecordedOutput]] = [:]
    for (instance, checkpoint) in journal.checkpoints {
      guard files.contents[instance.checkpointPath] != nil else {
        removed[instance] = checkpoint.outputs
        continue
      }
      var damage: [String: StandingCheckpoint.Damage] = [:]
      var collected: Set<String> = []
      for output in checkpoint.outputs {
        let digest = files.digest(output.path)
        if digest == nil, checkpoint.collected?.contains(output.name) == true {
          collected.insert(output.name)
          continue
        }
        if digest != output.digest { damage[output.name] = digest == nil ? .missing : .modified }
      }
      standing[instance] = StandingCheckpoint(
        fingerprint: checkpoint.fingerprint, outputs: checkpoint.outputs, verdict: checkpoint.verdict,
        message: checkpoint.message, damage: damage, collected: collected)
    }
    let checkpoints = journal.checkpoints
    return Facts(
      sources: files.contents.mapValues(\.digest),
      configurations: files.contents.compactMapValues(\.keys),
      libraries: libraries, checkpoints: standing, removedCheckpoints: removed, decisions: history.gateDecisions,
      rulings: history.rulings,
      heldFailures: journal.heldFailures.mapValues {
        HeldFailure(fingerprint: $0.fingerprint, failureClass: $0.failureClass, message: $0.message)
      },
      recordedIngredients: { checkpoints[$0]?.ingredients })
  }
}
