/// train@1: a model from the features, trained by time, stopped early, checked for stability.

import LightGBM
import MartletFiles
import MartletModel

/// Input `features`, `config`; output `model` (pickle), `native` (LightGBM's text), `metrics` (JSON).
struct Train: BuiltinTask {
  static let configuration = "config"

  /// Where LightGBM is missing, nobody knows which parameters it has: `martlet doctor` tells of that.
  static func check(_ item: TaskSpecification.Item, _ libraries: NativeLibrarySearch) throws {
    var known: Set<String>?
    if case .found(let path) = libraries.find(.lightgbm) {
      known = try LearnerParameters.known(to: try LightGBMLibrary(path: path))
    }
    _ = try TrainingPlan(TrainFile(item), seedIndex: 0, knownParameters: known)
  }

  static func run(_ context: TaskContext) throws {
    let item = context.item
    let library = try context.openLightGBM()
    let plan = try TrainingPlan(
      TrainFile(item), seedIndex: context.specification.seedIndex, knownParameters: LearnerParameters.known(to: library))
    let reader = try FeatureReader(path: try item.input("features"), connection: try context.openDuckDB(memoryShare: 0.4))
    try plan.check(reader.roles)
    let outputs = try (model: item.output("model"), native: item.output("native"), metrics: item.output("metrics"))

    let training = try Training(
      plan, reader, library, threads: context.specification.resources.cpu, progress: context.progress)
    let outcome = try stable(plan, context) { try training.run() }
    try TaskFile.write(outcome.text.text, to: outputs.native)
    try TaskFile.write(BoosterPickle.bytes(of: outcome.text, bestRound: outcome.bestRound), to: outputs.model)
    try TaskFile.write(JSONText.pretty(outcome.report), to: outputs.metrics)
    try context.succeeded(
      item,
      ItemResult(
        message:
          "\(plan.learner.metric.rawValue) \(shortened(outcome.bestValue)) on validation after \(NumberText.counted(outcome.bestRound, "round"))",
        figures: [
          plan.learner.metric.rawValue: .number(outcome.bestValue), "rounds": .integer(outcome.bestRound),
          "rows": .integer(training.windows.training.rowCount), "seed": .integer(plan.seed),
          "training_seconds": .number((outcome.roundsTime / .milliseconds(1)).rounded() / 1000),
        ]))
  }

  /// Runs a training. One that is unstable leaves a report and fails with class `unstable`.
  private static func stable(
    _ plan: TrainingPlan, _ context: TaskContext, _ body: () throws -> TrainingOutcome
  ) throws -> TrainingOutcome {
    do {
      return try body()
    } catch let instability as Instability {
      var message = plan.unstable(instability.reason)
      guard let folder = context.specification.diagnostics else { throw plan.failure(message) }
      do {
        let page = try InstabilityReport(instability: instability, plan: plan).write(into: folder, message: message)
        message += "; see \(page)"
      } catch {
        // The finding counts, whatever becomes of its report.
        context.log("the report on it could not be written: \(TaskFailure(error).message)")
      }
      throw plan.failure(message)
    }
  }
}

extension TaskContext {
  /// Opens LightGBM.
  ///
  /// - Throws: `TaskFailure` of class `config` where it is missing or cannot be opened.
  func openLightGBM() throws -> LightGBMLibrary {
    switch libraries.find(.lightgbm) {
    case .missing(let places):
      let searched = places.map { "\n  looked in \($0)" }.joined()
      throw TaskFailure(.config, "LightGBM was not found\(searched)\n  hint: \(NativeLibrarySearch.hint)")
    case .found(let path):
      do {
        return try LightGBMLibrary(path: path)
      } catch {
        throw TaskFailure(.config, error.description)
      }
    }
  }
}

/// A number for a message: four digits after the point.
func shortened(_ value: Double, digits: Int = 4) -> String {
  guard value.isFinite else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 1e15 else { return "\(value)" }
  let number = Int(scaled)
  let unit = Int(scale)
  let fraction = String(number % unit)
  let sign = value < 0 && number > 0 ? "-" : ""
  if digits == 0 { return "\(sign)\(number)" }
  return "\(sign)\(number / unit).\(String(repeating: "0", count: digits - fraction.utf8.count))\(fraction)"
}
