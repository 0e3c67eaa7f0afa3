/// Plans a backfill: which partitions of a range run, why, and by which recipe.

import MartletModel

public struct BackfillPlan: Sendable {
  /// What the backfill is to do, in the graph's order: what runs, what may run, and what stands in the way where something does.
  public let entries: [Plan.Entry]
  /// By the task's name.
  public let recipes: [String: Recipe]
  /// Partitions in the range for which nothing has to run.
  public let upToDate: Int
  /// Partitions in the range without a source.
  public let missing: Int
  /// Partitions that are not up to date and that the choice leaves out.
  public let leftOut: Int
}

/// How the last try of an instance ended that is to run again.
public enum EarlierTrouble: Sendable, Hashable {
  case failed(FailureClass)
  case blocked

  fileprivate var reason: Reason {
    switch self {
    case .failed(let failureClass): .failedBefore(failureClass)
    case .blocked: .blockedBefore
    }
  }
}

public struct BackfillPlanner: Sendable {
  private let pipeline: Pipeline
  private let partitions: [String: [Partition]]
  private let choice: BackfillChoice
  /// Every partition of every task that it may run: in the range, with `each`, named or upstream of one that is.
  public let candidates: Set<TaskInstance>

  /// - Parameter tasks: names; empty means every task with partitions.
  public init(
    pipeline: Pipeline, partitions: [String: [Partition]], range: PartitionRange, tasks: [String], choice: BackfillChoice
  ) {
    self.pipeline = pipeline
    self.partitions = partitions
    self.choice = choice
    let planner = Planner(pipeline: pipeline, partitions: partitions, selection: Selection(tasks: tasks, range: range))
    candidates = Set(
      planner.graph.nodes.indices.compactMap { position in
        let instance = planner.graph.nodes[position].instance
        guard planner.selected[position], let partition = instance.partition, range.contains(partition) else { return nil }
        return instance
      })
  }

  /// - Parameter troubles: how the last try of instances ended that failed, or were blocked by one that did.
  public func plan(_ facts: Facts, troubles: [TaskInstance: EarlierTrouble]) -> BackfillPlan {
    let first = planner(candidates).plan(facts).entries
    let chosen = first.filter { entry in
      entry.action != .reuse && entry.action != .missing && isChosen(entry.instance, facts, troubles)
    }
    // Judged again among themselves: what the choice leaves out stands as it is.
    let planner = planner(Set(chosen.map(\.instance)))
    let entries = planner.plan(facts).entries
    var recipes: [String: Recipe] = [:]
    for entry in entries where recipes[entry.instance.task] == nil {
      recipes[entry.instance.task] = planner.recipe(of: planner.graph.index[entry.instance]!, facts)
    }
    return BackfillPlan(
      entries: entries.filter { $0.action != .reuse && $0.action != .missing }.map { $0.telling(troubles[$0.instance]) },
      recipes: recipes,
      upToDate: first.count { $0.action == .reuse } + entries.count { $0.action == .reuse },
      missing: first.count { $0.action == .missing } + entries.count { $0.action == .missing },
      leftOut: first.count { $0.action != .reuse && $0.action != .missing } - chosen.count)
  }

  private func planner(_ instances: Set<TaskInstance>) -> Planner {
    Planner(pipeline: pipeline, partitions: partitions, selection: choice.selection(of: instances))
  }

  private func isChosen(_ instance: TaskInstance, _ facts: Facts, _ troubles: [TaskInstance: EarlierTrouble]) -> Bool {
    let isMissing = facts.checkpoints[instance].map { $0.damage.values.contains(.missing) } ?? true
    switch choice {
    case .missing: return isMissing && troubles[instance] == nil
    case .missingAndFailed: return isMissing || troubles[instance] != nil
    case .stale, .all: return true
    }
  }
}

extension Plan {
  /// - Parameter troubles: how the last try of instances ended that failed, or were blocked by one that did.
  public func telling(_ troubles: [TaskInstance: EarlierTrouble]) -> Plan {
    var told = self
    told.entries = entries.map { $0.telling(troubles[$0.instance]) }
    return told
  }
}

extension Plan.Entry {
  /// What was tried in vain did run, though it has no checkpoint.
  fileprivate func telling(_ trouble: EarlierTrouble?) -> Plan.Entry {
    guard let trouble, reasons == [.neverRun] else { return self }
    var told = self
    told.reasons = [trouble.reason]
    return told
  }
}

extension BackfillChoice {
  /// How a run asks for these instances.
  public func selection(of instances: Set<TaskInstance>) -> Selection {
    Selection(instances: instances, force: self == .all, retry: self == .missingAndFailed)
  }
}

extension Planner {
  /// What of a node's ingredients is not data: known before anything upstream has run.
  public func recipe(of position: Int, _ facts: Facts) -> Recipe {
    Ingredients(ingredients(of: position, facts: facts) { _ in .unsettled }.entries).recipe
  }

  /// What an edit changed in a recipe; the digests differ.
  public static func changes(from old: Recipe, to new: Recipe) -> [Reason] {
    Explanation.changes(from: old.entries, to: new.entries, isComplete: true)
  }
}
