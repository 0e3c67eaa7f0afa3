/// What a run is given beside the pipeline and the facts.

import MartletModel

public struct RunSettings: Sendable {
  public let run: RunRecord
  /// What all live attempts together may ask for.
  public let capacity: Resources
  /// How many attempts may live at once (`-j`).
  public let maximumAttempts: Int
  /// Whether the first failure stops everything that has not started.
  public let failFast: Bool
  public let retryPolicy: RetryPolicy
  /// Seeds the jitter.
  public let seed: UInt64
  /// Attempts of an interrupted run that may still live or may have ended unseen.
  public let adoptable: [AttemptRecord]
  /// Waits of an interrupted run.
  public let waits: [TaskInstance: CarriedWait]
  /// Instances that an earlier run failed or never came to, as the record has it.
  public let troubled: Set<TaskInstance>
  /// Which partitions start first, with all their tasks; `nil` means task by task, as the graph has them.
  public let partitionOrder: PartitionOrder?
  /// The digests of the recipes that instances were planned with: one whose recipe has changed meanwhile is left out.
  public let recipes: [TaskInstance: Digest]
  /// Instances that stand and are run once more to compare what they write with what their checkpoints recorded. Such a run does nothing
  /// else, publishes nothing, and keeps no record but its attempts'.
  public let comparing: Set<TaskInstance>

  public init(
    run: RunRecord, capacity: Resources, maximumAttempts: Int = .max, failFast: Bool = false,
    retryPolicy: RetryPolicy = RetryPolicy(), seed: UInt64, adoptable: [AttemptRecord] = [],
    waits: [TaskInstance: CarriedWait] = [:], troubled: Set<TaskInstance> = [], partitionOrder: PartitionOrder? = nil,
    recipes: [TaskInstance: Digest] = [:],
    comparing: Set<TaskInstance> = []
  ) {
    self.run = run
    self.capacity = capacity
    self.maximumAttempts = maximumAttempts
    self.failFast = failFast
    self.retryPolicy = retryPolicy
    self.seed = seed
    self.adoptable = adoptable
    self.waits = waits
    self.troubled = troubled
    self.partitionOrder = partitionOrder
    self.recipes = recipes
    self.comparing = comparing
  }
}
