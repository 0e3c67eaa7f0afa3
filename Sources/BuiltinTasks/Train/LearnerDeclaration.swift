/// What is learnt and how long: `learner`, `parameters` and `seeds` of `config/train.yaml`.

import Foundation
import LightGBM
import MartletModel
import MartletSyntax

/// What a model predicts.
enum Objective: String, CaseIterable {
  /// The probability of 1.
  case binary
  /// A number.
  case regression
}

/// A metric that training can watch.
enum WatchedMetric: String, CaseIterable {
  case auc
  case logLoss = "log_loss"
  case rootMeanSquaredError = "rmse"
  case meanAbsoluteError = "mae"

  var objective: Objective { self == .auc || self == .logLoss ? .binary : .regression }
  var largerIsBetter: Bool { self == .auc }

  /// LightGBM's name of it.
  var nativeName: String {
    switch self {
    case .auc: "auc"
    case .logLoss: "binary_logloss"
    case .rootMeanSquaredError: "rmse"
    case .meanAbsoluteError: "l1"
    }
  }

  func isBetter(_ value: Double, than other: Double) -> Bool { largerIsBetter ? value > other : value < other }
}

struct LearnerDeclaration {
  enum Kind: String, CaseIterable { case lightgbm }

  var objective = Objective.binary
  var metric = WatchedMetric.auc
  var rounds = 100
  /// 0: never.
  var earlyStopping = 0

  init(_ file: TrainFile) throws {
    let diagnostics = file.diagnostics
    guard
      let map = try file.requiredSection("learner")?
        .map(keys: ["kind", "objective", "metric", "rounds", "early_stopping"], diagnostics)
    else { return }
    if let value = map["kind"] { let _: Kind? = value.choice(diagnostics) }
    if let value: Objective = map.required("objective", diagnostics)?.choice(diagnostics) { objective = value }
    metric = objective == .binary ? .auc : .rootMeanSquaredError
    if let located = map["metric"], let value: WatchedMetric = located.choice(diagnostics) {
      metric = value
      if value.objective != objective {
        let known = WatchedMetric.allCases.filter { $0.objective == objective }.map(\.rawValue)
        diagnostics.report(
          .invalidValue, "the metric \(value.rawValue) is not for the objective \(objective.rawValue)", at: located,
          help: "known are: \(known.joined(separator: ", "))")
      }
    }
    if let value = map.required("rounds", diagnostics)?.integer(in: 1...100_000, diagnostics) { rounds = value }
    if let value = map["early_stopping"]?.integer(in: 0...100_000, diagnostics) { earlyStopping = value }
  }
}

/// LightGBM's own parameters, as the file gives them.
struct LearnerParameters {
  /// What Martlet sets itself, with LightGBM's other names for it.
  private static let reserved: Set<String> = [
    "objective", "objective_type", "app", "application", "loss", "metric", "metrics", "metric_types", "seed", "random_seed",
    "random_state", "num_threads", "num_thread", "nthread", "nthreads", "n_jobs", "deterministic", "force_row_wise",
    "force_col_wise",
    "verbosity", "verbose", "num_iterations", "num_iteration", "n_iter", "num_tree", "num_trees", "num_round", "num_rounds",
    "nrounds", "num_boost_round", "n_estimators", "max_iter", "early_stopping_round", "early_stopping_rounds", "early_stopping",
    "n_iter_no_change", "categorical_feature", "cat_feature", "categorical_column", "cat_column", "categorical_features", "task",
    "task_type", "device", "device_type", "data", "train", "valid", "label", "label_column", "num_class", "num_classes",
    "tree_learner", "num_machines", "machines", "input_model", "output_model", "linear_tree", "data_seed", "bagging_seed",
    "feature_fraction_seed", "extra_seed", "drop_seed", "objective_seed",
  ]

  private(set) var values: [String: ConfigurationValue] = [:]

  /// The names that LightGBM itself says it knows.
  static func known(to library: LightGBMLibrary) throws -> Set<String> {
    let aliases = try JSONDecoder().decode([String: [String]].self, from: Data(try library.parameterAliases().utf8))
    return Set(aliases.flatMap { [$0.key] + $0.value })
  }

  /// - Parameter known: as of `known(to:)`; with `nil` every name passes.
  init(_ file: TrainFile, known: Set<String>? = nil) throws {
    let diagnostics = file.diagnostics
    guard let map = try file.section("parameters")?.anyMap(diagnostics) else { return }
    for entry in map.entries where !entry.key.hasPrefix("x-") {
      if Self.reserved.contains(entry.key) {
        diagnostics.report(
          .keyNotHere, "Martlet sets \"\(entry.key)\" itself", atKeyOf: entry,
          help: "see learner and seeds in docs/configuration.md")
        continue
      }
      if let known, !known.contains(entry.key) {
        diagnostics.report(
          .unknownKey, "LightGBM has no parameter \"\(entry.key)\"", atKeyOf: entry,
          help: suggestion(for: entry.key, among: known.subtracting(Self.reserved).sorted()))
        continue
      }
      // A space would end the value in the one string that LightGBM takes.
      guard entry.key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }), Self.text(entry.value) != nil else {
        diagnostics.report(
          .wrongType, "\"\(entry.key)\" must be a number, a word, true, false or a list of them", at: entry.value)
        continue
      }
      values[entry.key] = entry.value.configuration
    }
  }

  /// As LightGBM reads them.
  var native: [String: String] { values.mapValues { Self.text($0) ?? "" } }

  private static func text(_ value: LocatedValue) -> String? { text(value.configuration) }

  private static func text(_ value: ConfigurationValue) -> String? {
    switch value {
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): "\(value)"
    case .text(let value): value.isEmpty || value.contains { $0.isWhitespace || $0 == "=" } ? nil : value
    case .list(let values):
      values.isEmpty || values.contains { text($0) == nil || text($0)?.contains(",") == true }
        ? nil : values.compactMap(text).joined(separator: ",")
    case .null, .map: nil
    }
  }
}

/// The seeds in their order: a further one for each attempt that ended as `unstable`.
struct SeedList {
  private(set) var values: [Int] = []

  init(_ file: TrainFile) throws {
    let diagnostics = file.diagnostics
    guard let section = try file.requiredSection("seeds"), let list = section.list(diagnostics) else { return }
    values = list.compactMap { $0.integer(in: 0...Int(Int32.max), diagnostics) }
    if list.isEmpty { diagnostics.report(.invalidValue, "\"seeds\" must have at least one seed", at: section) }
  }
}
