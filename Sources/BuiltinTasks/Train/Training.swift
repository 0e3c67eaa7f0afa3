/// One training: bins from a sample, rows pushed batch by batch, rounds until they stop helping, then the rolling folds.

import LightGBM
import MartletModel

/// What training leaves behind.
struct TrainingOutcome {
  let text: ModelText
  let bestRound: Int
  let bestValue: Double
  /// `train_metrics.json`.
  let report: ConfigurationValue
  /// The time inside LightGBM's rounds, folds included: what no other program could save.
  let roundsTime: Duration
}

struct Training {
  /// LightGBM's own default for `bin_construct_sample_cnt`.
  private static let sampleRows = 200_000

  let plan: TrainingPlan
  let reader: FeatureReader
  let library: LightGBMLibrary
  let progress: ProgressReporter
  let windows: TimeWindows
  let categories: [[String]]
  private let encoding: FeatureEncoding
  private let parameters: Parameters
  private let keptBytes: Int

  /// - Parameter keptBytes: up to this size the training rows stay in memory between sampling and filling.
  init(
    _ plan: TrainingPlan, _ reader: FeatureReader, _ library: LightGBMLibrary, threads: Int, keptBytes: Int = 64 << 20,
    progress: ProgressReporter
  ) throws {
    self.plan = plan
    self.reader = reader
    self.library = library
    self.progress = progress
    self.keptBytes = keptBytes
    windows = try TimeWindows(try reader.days(), plan.split)
    categories = try reader.categories(in: windows.training)
    guard let encoding = reader.encoding(names: reader.roles.features.map(\.name), categories: categories) else {
      preconditionFailure("roles' own features fit them")
    }
    self.encoding = encoding
    let categorical = encoding.columns.indices.filter { encoding.columns[$0].coding != nil }
    parameters = plan.native(categorical: categorical, threads: threads)
  }

  func run() throws -> TrainingOutcome {
    let (training, days) = try binned()
    let validation = try training.dataset.sibling(rowCount: windows.validation.rowCount)
    let validationLabels = try fill(validation, windows.validation).labels
    try checkLabels(training.labels, "training")
    try checkLabels(validationLabels, "validation")

    let booster = try Booster(training: training.dataset, parameters: parameters)
    try booster.addValidation(validation)
    let start = ContinuousClock.now
    let history = try rounds(booster)
    let roundsTime = ContinuousClock.now - start
    let text = ModelText(trees: try booster.text(rounds: history.bestRound), categories: categories)
    try checkLeaves(text, history)
    try checkFloor(history)
    let folds = try RollingFolds(days: days, trainingDays: windows.trainingDays, count: plan.stability.folds)
    let (foldValues, foldTime) = try folds.values(
      training.dataset, plan, parameters, progress, roundsBefore: history.values.count)
    try checkSpread(foldValues, folds, training.dataset)

    let report = try TrainingReport(
      training: self, history: history, folds: zip(folds.folds, foldValues).map { ($0, $1) },
      gains: booster.importance(.gain, rounds: history.bestRound),
      splits: booster.importance(.splits, rounds: history.bestRound),
      positives: (Self.positives(training.labels), Self.positives(validationLabels)))
    return TrainingOutcome(
      text: text, bestRound: history.bestRound, bestValue: history.bestValue, report: report.json,
      roundsTime: roundsTime + foldTime)
  }

  /// The labels and the days of a window's rows.
  private struct RowFacts {
    var labels: [Float] = []
    var days: [Int32] = []

    init(capacity: Int) {
      labels.reserveCapacity(capacity)
      days.reserveCapacity(capacity)
    }

    mutating func append(_ batch: FeatureBatch) {
      labels += batch.labels
      days += batch.days
    }
  }

  /// The training window as LightGBM holds it, and the day of each of its rows.
  ///
  /// LightGBM wants a sample of the rows before the first of them. Few rows are kept from sampling; many are read a second time.
  private func binned() throws -> (training: (dataset: Dataset, labels: [Float]), days: [Int32]) {
    let window = windows.training
    let width = encoding.columns.count
    let isKept = window.rowCount * width * MemoryLayout<Double>.stride <= keptBytes
    var kept: [Double] = []
    if isKept { kept.reserveCapacity(window.rowCount * width) }
    var facts = RowFacts(capacity: window.rowCount)
    let wanted = min(window.rowCount, Self.sampleRows)
    let sample = FeatureSample(columnCount: width, capacity: wanted)
    var row = 0
    try reader.scan(window, encoding) { batch in
      for index in 0..<batch.rowCount {
        // Evenly spread over the window, the same rows every time.
        if (row + 1) * wanted / window.rowCount > row * wanted / window.rowCount {
          sample.append(row: UnsafeBufferPointer(rebasing: batch.matrices[0][(index * width)..<((index + 1) * width)]))
        }
        row += 1
      }
      if isKept { kept += batch.matrices[0] }
      facts.append(batch)
    }
    let dataset = try Dataset.binned(by: sample, rowCount: window.rowCount, parameters: parameters, library: library)
    if isKept {
      try kept.withUnsafeBufferPointer { try dataset.push(rows: $0) }
      try dataset.setLabels(facts.labels)
    } else {
      facts = try fill(dataset, window)
    }
    try dataset.setFeatureNames(encoding.columns.map(\.name))
    return ((dataset, facts.labels), facts.days)
  }

  private func fill(_ dataset: Dataset, _ window: TimeWindow) throws -> RowFacts {
    var facts = RowFacts(capacity: window.rowCount)
    try reader.scan(window, encoding) { batch in
      try dataset.push(rows: batch.matrices[0])
      facts.append(batch)
    }
    try dataset.setLabels(facts.labels)
    return facts
  }

  private func rounds(_ booster: Booster) throws -> RoundHistory {
    let learner = plan.learner
    var history = RoundHistory(metric: learner.metric)
    let total = learner.rounds + plan.stability.folds * plan.stability.rounds
    for round in 1...learner.rounds {
      let grew = try booster.update()
      let value = try booster.evaluate(dataset: 1).first ?? .nan
      guard value.isFinite else {
        throw Instability(
          finding: .notFinite,
          reason: "the \(learner.metric.rawValue) of round \(round) is \(value.isNaN ? "not a number" : "infinite")",
          round: round, curves: [.init(name: "validation", values: history.values + [value])])
      }
      history.append(value)
      progress.report(
        done: round, total: total, unit: "rounds", message: "\(learner.metric.rawValue) \(shortened(value)) on validation")
      if !grew || (learner.earlyStopping > 0 && round - history.bestRound >= learner.earlyStopping) { break }
    }
    return history
  }

  private func checkLabels(_ labels: [Float], _ window: String) throws {
    guard plan.learner.objective == .binary, let first = labels.first, labels.allSatisfy({ $0 == first }) else { return }
    throw TaskFailure(.data, "all rows of the \(window) window have the label \(Int(first)): there is nothing to tell apart")
  }

  /// LightGBM's losses are clipped and its ranks do not mind infinite scores: only the leaves themselves tell.
  private func checkLeaves(_ text: ModelText, _ history: RoundHistory) throws {
    guard let tree = text.firstUnfiniteTree else { return }
    throw Instability(
      finding: .notFinite, reason: "what the model predicts is infinite or not a number from round \(tree) on", round: tree,
      curves: [.init(name: "validation", values: history.values)])
  }

  private func checkFloor(_ history: RoundHistory) throws {
    guard let floor = plan.stability.floor else { return }
    let metric = plan.learner.metric
    guard metric.largerIsBetter ? history.bestValue < floor : history.bestValue > floor else { return }
    let side = metric.largerIsBetter ? "below" : "above"
    throw Instability(
      finding: .floor(floor),
      reason: "the \(metric.rawValue) on validation is \(shortened(history.bestValue)) at best, in round \(history.bestRound), "
        + "\(side) the floor \(shortened(floor))",
      round: history.bestRound, curves: [.init(name: "validation", values: history.values)])
  }

  private func checkSpread(_ values: [Double], _ folds: RollingFolds, _ dataset: Dataset) throws {
    guard let largest = values.max(), let smallest = values.min(), let limit = plan.stability.maxSpread else { return }
    guard largest - smallest > limit else { return }
    // Trained once more, to see round by round where the two part.
    let extremes = [values.firstIndex(of: largest)!, values.firstIndex(of: smallest)!].sorted()
    let curves = try extremes.map { index in
      Instability.Curve(name: "fold \(index + 1)", values: try folds.curve(of: index, dataset, plan, parameters))
    }
    let round = Instability.parting(curves[0].values, curves[1].values, limit: limit)
    throw Instability(
      finding: .spread(limit: limit),
      reason: "the \(plan.learner.metric.rawValue) of the folds spreads by \(shortened(largest - smallest)), more than "
        + "\(shortened(limit))\(round.map { ", from round \($0) on" } ?? "")",
      round: round, curves: curves, folds: values)
  }

  private static func positives(_ labels: [Float]) -> Double {
    labels.reduce(0) { $0 + Double($1) } / Double(max(labels.count, 1))
  }
}
