/// A workspace with its history and its processes, and the people who edit it: what outlives a run.

import MartletModel
import MartletPlan
import MartletRun
import TestPipelines

final class World {
  var pipeline: Pipeline
  let files = MemoryFiles()
  private(set) var journal = MemoryJournal()
  /// Successes that were told and that no later attempt has set out to replace.
  var told: [TaskInstance: Fingerprint] = [:]
  let processes: Processes
  /// Seconds since 1970; moves only when a run has nothing to do but wait.
  var now: Double = 1_000_000
  var libraries: [NativeLibrary: String] = [.duckdb: "1.4", .lightgbm: "4.6", .gnuplot: "6.0", .graphviz: "12"]
  var decisions: [GateEvidence: GateDecision] = [:]
  var rulings: [JudgedVerdict: VerdictRuling] = [:]
  private var runCount = 0

  init(_ pipeline: Pipeline, sources: [String: String]) {
    self.pipeline = pipeline
    processes = Processes(files: files)
    for (path, text) in sources { files.edit(ArtifactPath(path), text) }
  }

  static func flights(days: ClosedRange<Int> = 1...3, batch: Int = 1) -> World {
    World(.flights(days: days, batch: batch), sources: Pipeline.flightsSources(days: days))
  }

  // MARK: What people do

  subscript(path: String) -> String? {
    get { files.texts[ArtifactPath(path)] }
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

  /// Removes outputs as `gc` does, by the keys of instances and their outputs' names.
  func collect(_ outputs: [String: [String]]) {
    for (key, names) in outputs {
      let instance = TaskInstance(key: key)!
      for output in journal.checkpoints[instance]!.outputs where names.contains(output.name) { files.edit(output.path, nil) }
      journal.collect(instance, names)
    }
  }

  /// Decides on a gate as it stands now.
  func decide(_ gate: String, _ decision: GateDecision) {
    let planner = planner(.everything)
    let facts = facts
    let judgement = planner.judge(planner.graph.index[TaskInstance(task: gate)]!, facts: facts) { upstream in
      facts.checkpoints[planner.graph.nodes[upstream].instance].map(Standing.stands) ?? .missing
    }
    decisions[GateEvidence(gate: gate, evidence: judgement.ingredients!.fingerprint)] = decision
  }

  /// Decides on a task's verdict as it stands now.
  @discardableResult
  func rule(_ task: String, _ ruling: VerdictRuling) -> JudgedVerdict {
    let instance = TaskInstance(task: task)
    let verdict = JudgedVerdict(instance: instance, fingerprint: journal.checkpoints[instance]!.fingerprint)
    rulings[verdict] = ruling
    return verdict
  }

  // MARK: Running

  /// The machine stops: no process goes on, and what was not synced may be gone.
  func losePower(_ generator: inout SeededGenerator) {
    processes.loseAll()
    files.losePower(&generator)
    journal = journal.afterPowerLoss(&generator)
  }

  /// What was told to be done and is not there any more.
  var lost: [TaskInstance] {
    told.filter { instance, fingerprint in
      guard let checkpoint = journal.checkpoints[instance], checkpoint.fingerprint == fingerprint else { return true }
      return checkpoint.outputs.contains { files.digest($0.path) != $0.digest }
    }.map(\.key).sorted { $0.key < $1.key }
  }

  /// One run from its begin to its end.
  func run(_ options: RunOptions = RunOptions()) -> RunReport {
    let engine = start(options)
    precondition(engine.go(steps: .max), "the run did not end")
    return RunReport(engine)
  }

  /// A run whose engine is killed after so many steps. Processes live on.
  /// - Returns: `true` if it had ended before.
  func runKilled(after steps: Int, _ options: RunOptions = RunOptions()) -> Bool {
    start(options).go(steps: steps)
  }

  private func start(_ options: RunOptions) -> Engine {
    let state = state(options)
    return Engine(self, state, options)
  }

  /// The state with which the next run begins.
  func state(_ options: RunOptions) -> RunState {
    recover()
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
  func plan(_ selection: Selection = .everything) -> [String] {
    planner(selection).plan(facts).entries.filter { $0.action != .reuse }.map { entry in
      "\(entry.instance) \(entry.action.rawValue): \(entry.reasons.map(\.text).joined(separator: "; "))"
    }
  }

  private func planner(_ selection: Selection) -> Planner {
    Planner(pipeline: pipeline, partitions: pipeline.partitionsByName, selection: selection)
  }

  /// Finishes or undoes, by digest, what a killed engine had begun to publish.
  private func recover() {
    for (instance, intent) in journal.intents.sorted(by: { $0.key.key < $1.key.key }) {
      let canFinish = intent.moves.allSatisfy { move in
        files.digest(move.staged) == move.digest || files.digest(move.target) == move.digest
      }
      if canFinish {
        for move in intent.moves where files.digest(move.staged) == move.digest { files.perform(move) }
        files.write(intent.checkpoint)
        journal.commit([.published(attempt: intent.attempt, instances: [instance])])
      } else {
        journal.commit([.publishUndone(attempt: intent.attempt, instances: [instance])])
      }
    }
    for (instance, checkpoint) in journal.checkpoints
    where ![nil, checkpoint.fingerprint.description].contains(files.texts[instance.checkpointPath]) { files.write(checkpoint) }
    files.sync()
    journal.sync()
  }

  private var facts: Facts {
    var standing: [TaskInstance: StandingCheckpoint] = [:]
    var removed: [TaskInstance: [RecordedOutput]] = [:]
    for (instance, checkpoint) in journal.checkpoints {
      guard files.texts[instance.checkpointPath] != nil else {
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
      sources: Dictionary(uniqueKeysWithValues: files.texts.keys.map { ($0, files.digest($0)!) }),
      configurations: Dictionary(
        uniqueKeysWithValues: files.texts.keys.compactMap { path in files.configuration(path).map { (path, $0) } }),
      libraries: libraries, checkpoints: standing, removedCheckpoints: removed, decisions: decisions,
      rulings: rulings,
      heldFailures: journal.heldFailures.mapValues {
        HeldFailure(fingerprint: $0.fingerprint, failureClass: $0.failureClass, message: $0.message)
      },
      recordedIngredients: { checkpoints[$0]?.ingredients })
  }
}
