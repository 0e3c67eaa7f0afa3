/// How a run of a simulated world differs from a plain one.

import MartletModel
import MartletPlan
import MartletRun

struct RunOptions {
  var selection = Selection.everything
  var capacity = Resources(cpu: 2, memoryBytes: 8_000)
  var maximumAttempts = Int.max
  var failFast = false
  var retryPolicy = RetryPolicy(baseSeconds: 1, factor: 2, jitterSeconds: 0.5, capSeconds: 60)
  var seed: UInt64 = 1
  /// In which order answers arrive; `nil` means in the order of the questions.
  var order: SeededGenerator?
  /// After how many of the world's steps the engine is killed.
  var stepLimit = Int.max
  /// How many more changes of the world the engine makes before the kill has hit it.
  var lastDeeds = 0
  /// What happens beside the run, in the order of the steps.
  var happenings: [(step: Int, act: (Engine) -> Void)] = []
  var partitionOrder: PartitionOrder?
  var recipes: [TaskInstance: Digest] = [:]
  /// Instances that are run once more to be compared.
  var comparing: Set<TaskInstance> = []
  /// Asks the run to stop in this way, once for each notice for which it says so.
  var stopsAt: (Notice) -> Stopping? = { _ in nil }
  /// Decides on the verdict of the task that it names, as it stands then.
  var rulesAt: (Notice) -> (task: String, ruling: VerdictRuling)? = { _ in nil }
  /// Asks to stop, once for each notice for which it says so.
  var cancelsAt: (Notice) -> Bool = { _ in false }
}
