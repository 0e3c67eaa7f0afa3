/// A workspace without files or processes: sources are texts, a task that runs writes a text made of its fingerprint.

import MartletModel
import MartletPlan
import TestPipelines

struct PlannedWorld {
  var pipeline: Pipeline
  var sources: [String: String]
  var libraries: [NativeLibrary: String] = [.duckdb: "1.4", .lightgbm: "4.6", .gnuplot: "6.0", .graphviz: "12"]
  var checkpoints: [TaskInstance: StandingCheckpoint] = [:]
  var ingredients: [TaskInstance: Ingredients] = [:]
  var removed: [TaskInstance: [RecordedOutput]] = [:]
  var releases: [PromotedRelease] = []
  var decisions: [GateEvidence: GateDecision] = [:]
  var heldFailures: [TaskInstance: HeldFailure] = [:]
  /// What a task writes whatever it reads, by `task.output`.
  var constantOutputs: [String: String] = [:]
  /// Verdicts by task.
  var verdicts: [String: Verdict] = [:]
  /// Tasks that fail when they run.
  var failing: Set<String> = []

  init(_ pipeline: Pipeline, sources: [String: String] = [:]) {
    self.pipeline = pipeline
    self.sources = sources
  }

  static func flights() -> PlannedWorld {
    PlannedWorld(.flights(), sources: Pipeline.flightsSources())
  }

  var facts: Facts {
    let ingredients = ingredients
    return Facts(
      sources: Dictionary(uniqueKeysWithValues: sources.map { (ArtifactPath($0), Digest(of: Array($1.utf8))) }),
      configurations: Dictionary(
        uniqueKeysWithValues: sources.compactMap { path, text in
          guard case .map(let keys) = ConfigurationValue(canonicalJSON: text) else { return nil }
          return (ArtifactPath(path), keys)
        }),
      libraries: libraries, checkpoints: checkpoints, removedCheckpoints: removed, releases: releases, decisions: decisions,
      heldFailures: heldFailures, recordedIngredients: { ingredients[$0] })
  }

  func planner(_ selection: Selection = .everything) -> Planner {
    Planner(pipeline: pipeline, partitions: pipeline.partitionsByName, selection: selection)
  }

  /// The plan, one line for each instance that is not simply reused: `train run: parameter learning_rate 0.1 -> 0.05`.
  func plan(_ selection: Selection = .everything) -> [String] {
    planner(selection).plan(facts).entries.filter { $0.action != .reuse }.map { entry in
      "\(entry.instance) \(entry.action.rawValue): \(entry.reasons.map(\.text).joined(separator: "; "))"
    }
  }

  /// Runs what the planner wants run, node by node.
  /// - Returns: the instances that ran.
  @discardableResult
  mutating func run(_ selection: Selection = .everything) -> [String] {
    let planner = planner(selection)
    var standings: [Standing] = []
    var ran: [String] = []
    for position in planner.graph.nodes.indices {
      let instance = planner.graph.nodes[position].instance
      guard planner.selected[position] else {
        standings.append(planner.standingOutsideSelection(position, facts) { standings[$0] })
        continue
      }
      let judgement = planner.judge(position, facts: facts) { standings[$0] }
      guard judgement.action == .run else {
        standings.append(standing(judgement, instance))
        continue
      }
      ran.append(instance.description)
      guard !failing.contains(instance.task) else {
        standings.append(.failed(message: "exit status 1"))
        continue
      }
      let checkpoint = succeed(instance, judgement.ingredients!, planner.task(of: position))
      standings.append(.stands(checkpoint))
    }
    return ran
  }

  private mutating func succeed(
    _ instance: TaskInstance, _ decided: Ingredients, _ task: PipelineTask
  ) -> StandingCheckpoint {
    let outputs = (instance.slice == .gather ? task.gathered : task.outputs).map { output in
      let content = constantOutputs["\(task.name).\(output.name)"] ?? "\(output.name) of \(decided.fingerprint)"
      return RecordedOutput(
        name: output.name,
        path: ArtifactPath(pipeline.expand(output.path, partition: instance.partition, hash: decided.fingerprint.hash)),
        digest: Digest(of: Array(content.utf8)), bytes: content.utf8.count)
    }
    let checkpoint = StandingCheckpoint(fingerprint: decided.fingerprint, outputs: outputs, verdict: verdicts[task.name])
    checkpoints[instance] = checkpoint
    ingredients[instance] = decided
    removed[instance] = nil
    return checkpoint
  }

  private func standing(_ judgement: Judgement, _ instance: TaskInstance) -> Standing {
    switch judgement.action {
    case .reuse: checkpoints[instance].map(Standing.stands) ?? .approved
    case .wait: .waiting
    case .missing: .missing
    case .blocked: .blocked(message: judgement.message)
    case .run, .maybe: preconditionFailure("\(instance) is left open by \(judgement)")
    }
  }

  // MARK: What people do behind our back

  mutating func removeCheckpoint(_ key: String) {
    let instance = TaskInstance(key: key)!
    removed[instance] = checkpoints.removeValue(forKey: instance)?.outputs ?? []
  }

  mutating func damage(_ key: String, _ output: String, _ damage: StandingCheckpoint.Damage) {
    checkpoints[TaskInstance(key: key)!]!.damage[output] = damage
  }

  /// Decides on a gate as it stands now.
  mutating func decide(_ gate: String, _ decision: GateDecision) {
    let planner = planner()
    let position = planner.graph.index[TaskInstance(task: gate)]!
    let judgement = planner.judge(position, facts: facts) { upstream in
      let instance = planner.graph.nodes[upstream].instance
      return checkpoints[instance].map(Standing.stands) ?? .missing
    }
    decisions[GateEvidence(gate: gate, evidence: judgement.ingredients!.fingerprint)] = decision
  }

  /// Promotes the release that `package` made last.
  mutating func promote() {
    let instance = TaskInstance(task: "package")
    let release = checkpoints[instance]!.outputs[0]
    var lineage: [String: Digest] = [:]
    for entry in ingredients[instance]!.entries where entry.kind == .lineage { lineage[entry.name] = Digest(hex: entry.value)! }
    let profile = checkpoints[TaskInstance(task: "validate")]!.output("profile")!.digest
    releases.insert(
      PromotedRelease(
        folder: release.path, lineage: lineage, files: ["data_profile.json": profile], digest: release.digest),
      at: 0)
  }
}
