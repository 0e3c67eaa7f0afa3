/// evaluate@1: a model's metrics on the days it has not seen, beside the promoted release's, with drift and a verdict.

import Crypto
import LightGBM
import MartletFiles
import MartletModel

/// Input `model` (LightGBM's text), `features`, `config`, optional `champion` (a release's folder); output `metrics` (JSON), `drift`
/// (Markdown).
struct Evaluate: BuiltinTask {
  /// So many rows of the training window, evenly spread, are enough to see how its scores are distributed.
  private static let referenceScores = 50_000

  static let configuration = "config"

  static func check(_ item: TaskSpecification.Item, _ libraries: NativeLibrarySearch) throws { _ = try declared(item) }

  private static func declared(
    _ item: TaskSpecification.Item
  ) throws -> (SplitDeclaration, ThresholdDeclaration, DriftDeclaration) {
    let file = try TrainFile(item)
    let declared = try (SplitDeclaration(file), ThresholdDeclaration(file), DriftDeclaration(file))
    try file.finish()
    return declared
  }

  static func run(_ context: TaskContext) throws {
    let item = context.item
    let (split, thresholds, drift) = try declared(item)
    let outputs = try (metrics: item.output("metrics"), drift: item.output("drift"))
    let library = try context.openLightGBM()
    let reader = try FeatureReader(path: try item.input("features"), connection: try context.openDuckDB(memoryShare: 0.5))
    try check(thresholds.slices, drift.ignore, reader.roles)

    let windows = try TimeWindows(try reader.days(), split)
    let model = try model(at: try item.input("model"), reader, library)
    let champion = ChampionModel(item, reader, library, objective: model.objective)
    let threads = context.specification.resources.cpu
    let rows = try ScoredRows(
      windows.test, models: [model] + (champion?.model.map { [$0] } ?? []), slices: thresholds.slices, reader: reader,
      threads: threads
    ) { context.progress.report(done: $0, total: windows.test.rowCount, unit: "rows", message: "scoring") }
    let every = max(1, windows.training.rowCount / referenceScores)
    let reference = try ScoredRows(
      windows.training, every: every, models: [model], slices: [], reader: reader, threads: threads)
    let table = try DriftTable(
      reader, windows, drift, referenceScores: reference.scores[0], currentScores: rows.scores[0])

    let evaluation = Evaluation(
      objective: model.objective, windows: windows, thresholds: thresholds, drift: drift, rows: rows, table: table,
      champion: champion?.result(rows, cut: thresholds.cut))
    try TaskFile.write(JSONText.pretty(evaluation.json), to: outputs.metrics)
    try TaskFile.write(DriftReport(table: table, windows: windows, declaration: drift).markdown, to: outputs.drift)
    try context.succeeded(
      item, ItemResult(verdict: evaluation.judgement.verdict, message: evaluation.message, figures: evaluation.figures))
  }

  private static func model(at path: String, _ reader: FeatureReader, _ library: LightGBMLibrary) throws -> ScoringModel {
    do {
      return try ScoringModel(text: try TaskFile.text(path), reader: reader, library: library)
    } catch let mismatch as ScoringModel.Mismatch {
      throw TaskFailure(.config, "the model at \(path) does not fit the features: \(mismatch)")
    }
  }

  private static func check(_ slices: [String], _ ignored: [String], _ roles: FeatureRoles) throws {
    let features = roles.features.map(\.name)
    for (names, known, key) in [(slices, roles.columns, "thresholds.slices"), (ignored, features, "drift.ignore")] {
      for name in names where !known.contains(name) {
        let hint = Suggestion.nearest(to: name, among: known).map { ", did you mean \"\($0)\"?" } ?? ""
        throw TaskFailure(.config, "\(key) of config/train.yaml names \"\(name)\", which the features do not have\(hint)")
      }
    }
  }
}

/// The promoted release, if there is one, and whether its model can read these features.
private struct ChampionModel {
  let version: String
  let model: ScoringModel?
  private let reason: String

  init?(_ item: TaskSpecification.Item, _ reader: FeatureReader, _ library: LightGBMLibrary, objective: Objective) {
    guard let path = item.optionalInput("champion") else { return nil }
    let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
    version = folder.split(separator: "/").last.map { $0.hasPrefix("model_v") ? String($0.dropFirst(7)) : String($0) } ?? folder
    // A champion never fails the evaluation: whatever is wrong with it is told in the report.
    do {
      let model = try ScoringModel(text: try TaskFile.text("\(folder)/model.txt"), reader: reader, library: library)
      let fits = model.objective == objective
      self.model = fits ? model : nil
      reason = fits ? "" : "its objective is \(model.objective.rawValue), not \(objective.rawValue)"
    } catch {
      model = nil
      reason = (error as? TaskFailure)?.message ?? "\(error)"
    }
  }

  func result(_ rows: ScoredRows, cut: Double) -> Champion {
    guard let model else { return .notComparable(reason: reason, version: version) }
    return .scored(Metrics(model.objective, scores: rows.scores[1], labels: rows.labels, cut: cut), version: version)
  }
}
