/// Decides for each task instance whether it must run, and why: a function of the pipeline, the partitions and the facts.

import MartletModel

public struct Planner: Sendable {
  public let pipeline: Pipeline
  public let graph: InstanceGraph
  public let selection: Selection
  /// For each node whether it may run.
  public let selected: [Bool]

  public init(pipeline: Pipeline, partitions: [String: [Partition]], selection: Selection = .everything) {
    self.pipeline = pipeline
    graph = InstanceGraph(pipeline: pipeline, partitions: partitions)
    self.selection = selection
    selected = selection.selected(in: graph)
  }

  public func task(of position: Int) -> PipelineTask {
    pipeline.tasks[graph.nodes[position].task]
  }

  /// The whole plan, in the graph's order.
  public func plan(_ facts: Facts) -> Plan {
    var standings: [Standing] = []
    var entries: [Plan.Entry?] = []
    var judgements: [Judgement?] = []
    for position in graph.nodes.indices {
      let instance = graph.nodes[position].instance
      guard selected[position] else {
        standings.append(standingOutsideSelection(position, facts) { standings[$0] })
        entries.append(nil)
        judgements.append(nil)
        continue
      }
      let judgement = judge(position, facts: facts) { standings[$0] }
      judgements.append(judgement)
      standings.append(standing(after: judgement, of: instance, facts))
      entries.append(
        Plan.Entry(instance: instance, action: judgement.action, reasons: judgement.reasons, ingredients: judgement.ingredients))
    }
    return Plan(entries: planningRebuilds(entries, facts).compactMap { $0 }, judgements: judgements)
  }

  /// How a node stands that the selection leaves out: by its checkpoint, which is not judged anew, or by the decision on a gate.
  /// - Parameter standing: how the nodes upstream stand, selected or not.
  public func standingOutsideSelection(_ position: Int, _ facts: Facts, standing: (Int) -> Standing) -> Standing {
    let node = graph.nodes[position]
    if task(of: position).gate != nil {
      return judge(position, facts: facts, standing: standing).action == .reuse ? .approved : .notSelected
    }
    if let checkpoint = facts.checkpoints[node.instance] {
      return checkpoint.damage.isEmpty ? .stands(checkpoint) : .notSelected
    }
    guard let partition = node.instance.partition else { return .notSelected }
    // A partition without a source is missing whoever asks; one that could be made must not be left out unseen.
    let isOutsideRange = selection.range.map { $0.name == partition.name && !$0.contains(partition) } ?? false
    let hasSource = missingSource(of: node, facts) == nil || unreadableSource(of: node, facts) != nil
    let hasUpstream = node.upstream.allSatisfy { if case .missing = standing($0) { false } else { true } }
    return isOutsideRange || !hasSource || !hasUpstream ? .missing : .notSelected
  }

  private func standing(after judgement: Judgement, of instance: TaskInstance, _ facts: Facts) -> Standing {
    switch judgement.action {
    case .run, .maybe: .unsettled
    case .reuse: facts.checkpoints[instance].map(Standing.stands) ?? .approved
    case .wait: judgement.reasons.contains { $0.kind == "upstream_may_change" } ? .unsettled : .waiting
    case .blocked:
      switch judgement.obstruction {
      case .rejected: .rejected
      case .failed: .failed(message: judgement.message)
      case .blocked: .blocked(message: judgement.message)
      }
    case .missing: .missing
    }
  }

  /// Judges one node. Its upstream nodes must have been judged; `standing` tells how they stand.
  public func judge(_ position: Int, facts: Facts, standing: (Int) -> Standing) -> Judgement {
    let node = graph.nodes[position]
    let task = task(of: position)
    if task.condition == .ready, let blocked = obstacle(upstreamOf: node, task, facts, standing) { return blocked }
    if let unreadable = unreadableSource(of: node, facts) { return unreadable }
    if let missing = missingSource(of: node, facts) { return missing }
    let unsettled = node.upstream.first { if case .unsettled = standing($0) { true } else { false } }
    if task.condition == .settled, let unsettled, facts.checkpoints[node.instance] != nil, !selection.forces(node.instance) {
      return Judgement(.maybe, [.upstreamMayChange(task: graph.nodes[unsettled].instance.task)])
    }
    let list = ingredients(of: position, facts: facts, standing: standing)
    if task.gate != nil { return judgeGate(node, list, unsettled, facts) }
    if let absent = absentLibrary(of: task, facts) { return Judgement(.blocked, [.libraryMissing(absent)]) }
    return judgeTask(node, list, unsettled: unsettled, facts)
  }

  private func judgeTask(_ node: InstanceGraph.Node, _ list: IngredientList, unsettled: Int?, _ facts: Facts) -> Judgement {
    let ingredients = list.isComplete && unsettled == nil ? Ingredients(list.entries) : nil
    if selection.forces(node.instance) { return Judgement(.run, [.forced], ingredients: ingredients) }
    if !selection.retry, let held = facts.heldFailures[node.instance], held.fingerprint == ingredients?.fingerprint,
      facts.checkpoints[node.instance]?.stands(for: held.fingerprint) != true
    {
      return Judgement(.blocked, [.heldFailure(held.failureClass)], ingredients: ingredients, message: held.message)
    }
    guard let checkpoint = facts.checkpoints[node.instance] else {
      let reason: Reason = facts.removedCheckpoints[node.instance] != nil ? .checkpointRemoved : .neverRun
      return Judgement(.run, [reason], ingredients: ingredients)
    }
    let damages = damageReasons(checkpoint)
    if let ingredients, ingredients.fingerprint == checkpoint.fingerprint {
      if checkpoint.stands(for: ingredients.fingerprint) { return Judgement(.reuse, [.unchanged], ingredients: ingredients) }
      return Judgement(.run, damages, ingredients: ingredients)
    }
    let changes = Explanation.changes(
      from: facts.recordedIngredients(node.instance)?.entries ?? [], to: list.entries, isComplete: ingredients != nil)
    if let ingredients { return Judgement(.run, changes + damages, ingredients: ingredients) }
    if !changes.isEmpty || !damages.isEmpty { return Judgement(.run, changes + damages) }
    return Judgement(.maybe, [.upstreamMayChange(task: graph.nodes[unsettled ?? node.upstream[0]].instance.task)])
  }

  private func judgeGate(
    _ node: InstanceGraph.Node, _ list: IngredientList, _ unsettled: Int?, _ facts: Facts
  ) -> Judgement {
    let gate = node.instance.task
    guard list.isComplete, unsettled == nil else {
      let upstream = graph.nodes[unsettled ?? node.upstream[0]].instance.task
      return Judgement(.wait, [.waitsForGate(gate), .upstreamMayChange(task: upstream)])
    }
    let ingredients = Ingredients(list.entries)
    switch facts.decisions[GateEvidence(gate: gate, evidence: ingredients.fingerprint)] {
    case .approved: return Judgement(.reuse, [.unchanged], ingredients: ingredients)
    case .rejected: return Judgement(.blocked, [.gateRejected(gate)], ingredients: ingredients)
    case .lapsed: return Judgement(.wait, [.waitsForGate(gate), .approvalLapsed(gate)], ingredients: ingredients)
    case nil: return Judgement(.wait, [.waitsForGate(gate)], ingredients: ingredients)
    }
  }

  /// What upstream forbids: the first obstacle, named; or that a partition is missing upstream too.
  private func obstacle(
    upstreamOf node: InstanceGraph.Node, _ task: PipelineTask, _ facts: Facts, _ standing: (Int) -> Standing
  ) -> Judgement? {
    for upstream in node.upstream {
      let upstreamNode = graph.nodes[upstream]
      if let obstacle = obstacle(upstreamNode.instance, standing(upstream), facts) {
        return Judgement(.blocked, [.blocked(by: upstreamNode.instance.description, why: obstacle)])
      }
      if case .missing = standing(upstream), node.instance.partition != nil {
        return Judgement(.missing, [.blocked(by: upstreamNode.instance.description, why: .noPartition)])
      }
    }
    let isEmpty = node.inputs.contains { input in
      guard case .nodes(let producers, _) = input.origin, !input.isOptional else { return false }
      return producers.allSatisfy { if case .missing = standing($0) { true } else { false } }
    }
    guard isEmpty else { return nil }
    return Judgement(
      .blocked, [.blocked(by: node.upstream.first.map { graph.nodes[$0].instance.task } ?? task.name, why: .noPartition)])
  }

  /// What stands in the way of an instance's dependents; a failing verdict does, unless a person accepted it.
  private func obstacle(_ instance: TaskInstance, _ standing: Standing, _ facts: Facts) -> Reason.Obstacle? {
    guard case .stands(let checkpoint) = standing, checkpoint.verdict == .fail else { return standing.obstacle }
    switch facts.ruling(on: instance, checkpoint) {
    case .accepted: return nil
    case .rejected: return .rejected
    case nil: return .verdict
    }
  }

  /// What is there and cannot be read stands in the way also where the input is optional.
  private func unreadableSource(of node: InstanceGraph.Node, _ facts: Facts) -> Judgement? {
    guard !facts.unreadable.isEmpty else { return nil }
    let inputs = node.inputs.compactMap { input -> (name: String, path: ArtifactPath)? in
      if case .source(let path) = input.origin { (input.name, path) } else { nil }
    }
    for (name, path) in inputs + pipeline.tasks[node.task].code.map({ ("code", $0) }) {
      guard let why = facts.unreadable[path] else { continue }
      return Judgement(.blocked, [.sourceUnreadable(input: name, path: path, why: why)])
    }
    return nil
  }

  private func missingSource(of node: InstanceGraph.Node, _ facts: Facts) -> Judgement? {
    for input in node.inputs where !input.isOptional {
      guard case .source(let path) = input.origin else { continue }
      let isThere = input.keys == nil ? facts.sources[path] != nil : facts.configurations[path] != nil
      guard !isThere else { continue }
      let isPartitioned = node.instance.partition != nil && sourceIsPartitioned(input.name, of: node)
      return Judgement(isPartitioned ? .missing : .blocked, [.sourceMissing(input: input.name, path: path)])
    }
    return nil
  }

  private func sourceIsPartitioned(_ name: String, of node: InstanceGraph.Node) -> Bool {
    guard let input = pipeline.tasks[node.task].inputs.first(where: { $0.name == name }),
      case .source(let template) = input.origin
    else { return false }
    return template.expressions.contains { if case .partition = $0 { true } else { false } }
  }

  private func absentLibrary(of task: PipelineTask, _ facts: Facts) -> String? {
    guard let builtin = task.builtin.flatMap(BuiltinCatalog.description(of:)) else { return nil }
    return builtin.libraries.first { $0.isRequired && (facts.libraries[$0] ?? absentValue) == absentValue }?.rawValue
  }

  private func damageReasons(_ checkpoint: StandingCheckpoint) -> [Reason] {
    checkpoint.outputs.compactMap { output in
      checkpoint.damage[output.name].map {
        $0 == .missing ? .outputMissing(path: output.path) : .outputModified(path: output.path)
      }
    }
  }
}

/// What would happen, for each selected task instance, in the order in which it could.
public struct Plan: Sendable {
  public struct Entry: Sendable {
    public let instance: TaskInstance
    public let action: Judgement.Action
    public internal(set) var reasons: [Reason]
    /// `nil` while something upstream is unsettled.
    public let ingredients: Ingredients?
  }

  public internal(set) var entries: [Entry]
  /// By position in the graph; `nil` outside the selection.
  public let judgements: [Judgement?]

  /// Whether nothing would run.
  public var isSettled: Bool {
    entries.allSatisfy { $0.action != .run && $0.action != .maybe }
  }
}
