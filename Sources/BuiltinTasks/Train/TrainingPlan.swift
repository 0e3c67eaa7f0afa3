/// What one attempt of train is to do: the file's sections and the attempt's seed.

import LightGBM
import MartletModel

struct TrainingPlan {
  let learner: LearnerDeclaration
  let parameters: LearnerParameters
  let split: SplitDeclaration
  let stability: StabilityDeclaration
  let seed: Int
  let seedIndex: Int
  /// How many seeds would be left if this one proved unstable.
  let seedsLeft: Int

  /// - Parameter knownParameters: the names that LightGBM knows; `nil` where it cannot be asked.
  /// - Throws: `Diagnostics` for everything that is wrong with the file; `TaskFailure` of class `unstable` without a seed left.
  init(_ file: TrainFile, seedIndex: Int, knownParameters: Set<String>? = nil) throws {
    learner = try LearnerDeclaration(file)
    parameters = try LearnerParameters(file, known: knownParameters)
    split = try SplitDeclaration(file)
    stability = try StabilityDeclaration(file)
    let seeds = try SeedList(file).values
    try file.finish()
    guard seedIndex < seeds.count else {
      throw TaskFailure(.unstable, "every seed of config/train.yaml has been tried", seedsLeft: 0)
    }
    seed = seeds[seedIndex]
    self.seedIndex = seedIndex
    seedsLeft = seeds.count - seedIndex - 1
  }

  /// Whether the objective fits the label.
  func check(_ roles: FeatureRoles) throws {
    switch (learner.objective, roles.label.type) {
    case (.binary, .binary), (.regression, .binary), (.regression, .number): return
    case (.binary, .number):
      throw TaskFailure(
        .config, "the objective binary needs a label that is true or false, but \(roles.label.name) is a number; use regression")
    case (_, .class):
      throw TaskFailure(
        .config, "the label \(roles.label.name) is a text; make it true or false, or a number, in features of config/schema.yaml"
      )
    }
  }

  /// LightGBM's parameters. Everything that could make two machines differ is set here.
  func native(categorical: [Int], threads: Int) -> Parameters {
    var values = parameters.native
    values["objective"] = learner.objective.rawValue
    values["metric"] = learner.metric.nativeName
    values["seed"] = String(seed)
    values["deterministic"] = "true"
    values["force_row_wise"] = "true"
    values["verbosity"] = "-1"
    values["num_threads"] = String(max(1, threads))
    if !categorical.isEmpty { values["categorical_feature"] = categorical.map(String.init).joined(separator: ",") }
    return Parameters(values)
  }

  /// What an unstable training says of itself.
  func unstable(_ reason: String) -> String {
    let next = seedsLeft > 0 ? "\(seedsLeft) more to try" : "no seed is left to try"
    return "\(reason), with seed \(seed); \(next)"
  }

  func failure(_ message: String) -> TaskFailure {
    TaskFailure(.unstable, message, seedsLeft: seedsLeft)
  }
}
