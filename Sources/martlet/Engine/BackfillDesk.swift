/// What becomes of a backfill between its runs: planned, looked at again, planned anew. Every change is on the disk when it returns.

import MartletModel
import MartletPlan
import MartletRun
import MartletStore

struct BackfillDesk {
  let session: WorkspaceSession

  private var store: Store { session.store }
  private var now: Double { session.host.wallSeconds() }

  /// Plans a backfill and keeps the plan.
  /// - Returns: `nil` for the backfill if nothing has to run.
  /// - Throws: `UserError`
  func plan(_ request: BackfillRequest, by user: String) throws -> (backfill: Backfill?, plan: BackfillPlan, note: String?) {
    let loaded = session.loaded
    let scope = try BackfillScope(request, in: loaded)
    let plan = scope.planner(in: loaded, request.choice).plan(
      try session.facts(for: session.planner()), troubles: try store.reader.latestSettlements().troubles)
    guard !plan.entries.isEmpty else { return (nil, plan, scope.note) }
    try ConfigurationCheck(location: session.location, pipeline: loaded.pipeline, host: session.host).check(plan.entries)
    try BackfillScope.confirm(plan, request)
    let backfill = Backfill(
      id: "b\(RunIdentifier.make(now: now))", pipeline: loaded.pipeline.name, range: scope.range, tasks: scope.tasks,
      choice: request.choice, order: request.order, jobs: request.jobs, comment: request.comment, by: user, createdAt: now,
      changedAt: now)
    let items = plan.entries.map { entry in
      BackfillItem(
        instance: entry.instance, recipe: plan.recipes[entry.instance.task]!.digest, reasons: entry.reasons.map(\.text))
    }
    try store.add(backfill, items: items, recipes: Array(plan.recipes.values))
    return (backfill, plan, scope.note)
  }

  /// What is still to run of a backfill.
  struct Rest {
    let items: [BackfillItem]
    /// By task, what has changed in the pipeline since these were planned.
    let changes: [(task: String, what: [String])]
  }

  /// Looks at the workspace and the pipeline file again.
  /// - Parameter wanted: only of these; `nil` means all.
  func rest(of backfill: Backfill, wanted: Set<TaskInstance>?) throws -> Rest {
    try session.reload(parameters: [])
    let planner = session.planner()
    var left: [BackfillItem] = []
    var gone: [String: Int] = [:]
    for item in try store.reader.items(ofBackfill: backfill.id) where item.state == .planned {
      guard wanted?.contains(item.instance) ?? true else { continue }
      if planner.graph.index[item.instance] == nil { gone[item.instance.task, default: 0] += 1 } else { left.append(item) }
    }
    let made = try madeUnseen(Set(left.map(\.instance)), of: backfill)
    let settled = left.filter { made.contains($0.instance) }.map { $0.settled(.succeeded) }
    left.removeAll { made.contains($0.instance) }
    try store.replan(backfill: backfill.id, items: settled, recipes: [])
    let removed = gone.sorted { $0.key < $1.key }.map {
      (task: $0.key, what: ["the pipeline has \(BackfillText.partitions($0.value)) of it no more"])
    }
    return Rest(items: left, changes: try changes(in: left, planner) + removed)
  }

  /// Items that a run of the backfill published without living to say so. What is forced must not be made twice either.
  private func madeUnseen(_ instances: Set<TaskInstance>, of backfill: Backfill) throws -> Set<TaskInstance> {
    let runs = Set(try store.reader.runs(ofBackfill: backfill.id))
    guard !runs.isEmpty, !instances.isEmpty else { return [] }
    let made = Set(try store.reader.checkpoints().filter { runs.contains($0.run) }.map(\.instance)).intersection(instances)
    guard !made.isEmpty else { return [] }
    let planner = session.planner(Selection(instances: instances))
    let standing = planner.plan(try session.facts(for: planner)).entries.filter { $0.action == .reuse }.map(\.instance)
    return made.intersection(standing)
  }

  private func changes(in items: [BackfillItem], _ planner: Planner) throws -> [(task: String, what: [String])] {
    guard !items.isEmpty else { return [] }
    let recipes = try recipes(of: items.map(\.instance), planner)
    var changes: [(task: String, what: [String])] = []
    for item in items where !changes.contains(where: { $0.task == item.instance.task }) {
      let recipe = recipes[item.instance.task]!
      guard recipe.digest != item.recipe else { continue }
      let reasons = try store.reader.recipe(item.recipe).map { Planner.changes(from: $0, to: recipe) } ?? []
      changes.append((item.instance.task, reasons.map(\.text)))
    }
    return changes
  }

  /// The recipes by task as they are now.
  private func recipes(of instances: [TaskInstance], _ planner: Planner) throws -> [String: Recipe] {
    let facts = try session.facts(for: planner)
    var recipes: [String: Recipe] = [:]
    for instance in instances where recipes[instance.task] == nil {
      recipes[instance.task] = planner.recipe(of: planner.graph.index[instance]!, facts)
    }
    return recipes
  }

  /// Takes the pipeline as it is now: what was planned, or even made, by another recipe is to run, and with it what reads from that; what
  /// the pipeline has no more is left out.
  func replan(_ backfill: Backfill) throws {
    try session.reload(parameters: [])
    let all = try store.reader.items(ofBackfill: backfill.id)
    let planner = session.planner(Selection(instances: Set(all.map(\.instance))))
    let known = all.filter { planner.graph.index[$0.instance] != nil }
    let recipes = try recipes(of: known.map(\.instance), planner)
    let stale = Set(
      planner.plan(try session.facts(for: planner)).entries.filter { $0.action == .run || $0.action == .maybe }.map(\.instance))
    let again = known.compactMap { item -> BackfillItem? in
      let recipe = recipes[item.instance.task]!.digest
      guard recipe != item.recipe || (item.state.isDone && stale.contains(item.instance)) else { return nil }
      var planned = item.settled(.planned)
      planned.recipe = recipe
      return planned
    }
    let gone = all.filter { $0.state == .planned && planner.graph.index[$0.instance] == nil }
      .map { $0.settled(.missing, message: "the pipeline has it no more") }
    try store.replan(backfill: backfill.id, items: again + gone, recipes: Array(recipes.values))
  }

  /// Makes what failed or was blocked ready to run again.
  /// - Returns: what that is.
  func planAgain(_ backfill: Backfill) throws -> Set<TaskInstance> {
    let items = try store.reader.items(ofBackfill: backfill.id).filter(\.state.isRetried)
    try store.replan(backfill: backfill.id, items: items.map { $0.settled(.planned) }, recipes: [])
    return Set(items.map(\.instance))
  }

  /// Keeps what a run found to be done or gone without working on it: its journal leaves that out.
  func keep(_ found: [TaskInstance: BackfillItem.State], of backfill: Backfill, run: String) throws {
    let items = try store.reader.items(ofBackfill: backfill.id).compactMap { item in
      found[item.instance].map { item.settled($0, run: run) }
    }
    try store.replan(backfill: backfill.id, items: items, recipes: [])
  }

  func set(_ state: BackfillState, of backfill: Backfill, note: String? = nil) throws {
    try store.setState(of: backfill.id, state, note: note, at: now)
  }

  /// Pauses or cancels a backfill that nobody works on.
  /// - Returns: what was done, in a sentence.
  func steer(_ backfill: Backfill, _ wish: BackfillSteering.Wish) throws -> String {
    switch (backfill.state, wish) {
    case (.ended, _), (.cancelled, _):
      throw UserError(
        "backfill \(backfill.id) \(backfill.state == .ended ? "has ended" : "was cancelled")",
        hint: "`martlet backfill show \(backfill.id)` says what it did")
    case (_, .pause):
      try set(.paused, of: backfill)
      return "backfill \(backfill.id) is paused; martlet backfill resume \(backfill.id) goes on with it"
    case (_, .cancel):
      try set(.cancelled, of: backfill)
      return "backfill \(backfill.id) is cancelled; what it has made stays"
    }
  }
}

extension BackfillItem {
  fileprivate func settled(_ state: State, message: String? = nil, run: String? = nil) -> BackfillItem {
    BackfillItem(instance: instance, recipe: recipe, reasons: reasons, state: state, message: message, run: run)
  }
}

extension StoreReader {
  /// The backfill that an argument names: its id or the beginning of it.
  /// - Throws: `UserError`
  func backfill(named name: String) throws -> Backfill {
    if let exact = try backfill(name) { return exact }
    let candidates = try backfills(prefix: name)
    guard let first = candidates.first else {
      throw UserError("there is no backfill \(name)", hint: "`martlet backfill list` lists them")
    }
    guard candidates.count == 1 else {
      throw UserError("more than one backfill begins with \(name)", hint: "give more of it: `martlet backfill list` lists them")
    }
    return first
  }
}
