/// Rolling folds inside the training window: each learns from the past and is judged on the days that follow.

import LightGBM

struct RollingFolds {
  struct Fold {
    /// Ascending indices into the training window's rows.
    let learning: [Int32]
    let judged: [Int32]
    let judgedDays: Range<Int>
  }

  let folds: [Fold]

  /// Cuts the days into `count + 1` blocks; fold i learns from the first i blocks and is judged on the next.
  ///
  /// - Parameter days: the day of each row.
  /// - Throws: `TaskFailure` of class `data` where there are fewer days than blocks.
  init(days: [Int32], trainingDays: [TimeWindows.Day], count: Int) throws {
    guard count > 0 else {
      folds = []
      return
    }
    guard trainingDays.count > count else {
      throw TaskFailure(
        .data,
        "the training window has \(NumberText.counted(trainingDays.count, "day")), too few for \(NumberText.counted(count, "fold")); see stability in config/train.yaml"
      )
    }
    folds = (1...count).map { fold in
      func boundary(_ block: Int) -> Int {
        let index = block * trainingDays.count / (count + 1)
        return index < trainingDays.count ? trainingDays[index].number : trainingDays[trainingDays.count - 1].number + 1
      }
      let judgedDays = boundary(fold)..<boundary(fold + 1)
      return Fold(
        learning: days.indices.filter { Int(days[$0]) < judgedDays.lowerBound }.map(Int32.init),
        judged: days.indices.filter { judgedDays.contains(Int(days[$0])) }.map(Int32.init), judgedDays: judgedDays)
    }
  }

  /// The watched metric of each fold, and the time inside LightGBM's rounds.
  func values(
    _ dataset: Dataset, _ plan: TrainingPlan, _ parameters: Parameters, _ progress: ProgressReporter, roundsBefore: Int
  ) throws -> (values: [Double], roundsTime: Duration) {
    var roundsTime = Duration.zero
    let total = roundsBefore + folds.count * plan.stability.rounds
    var values: [Double] = []
    for index in folds.indices {
      let booster = try booster(of: index, dataset, parameters)
      let start = ContinuousClock.now
      for round in 1...plan.stability.rounds {
        guard try booster.update() else { break }
        progress.report(
          done: roundsBefore + index * plan.stability.rounds + round, total: total, unit: "rounds",
          message: "fold \(index + 1) of \(folds.count)")
      }
      let value = try booster.evaluate(dataset: 1).first ?? .nan
      roundsTime += ContinuousClock.now - start
      guard value.isFinite else {
        let curve = try curve(of: index, dataset, plan, parameters)
        let round = curve.firstIndex { !$0.isFinite }.map { $0 + 1 }
        throw Instability(
          finding: .notFinite,
          reason: "the \(plan.learner.metric.rawValue) of fold \(index + 1) is \(value.isNaN ? "not a number" : "infinite")"
            + (round.map { ", from round \($0) on" } ?? ""),
          round: round, curves: [.init(name: "fold \(index + 1)", values: curve)], folds: values)
      }
      values.append(value)
    }
    return (values, roundsTime)
  }

  /// The watched metric of a fold after each round: the same training once more, for whoever wants to see what `values` only sums up.
  func curve(of index: Int, _ dataset: Dataset, _ plan: TrainingPlan, _ parameters: Parameters) throws -> [Double] {
    let booster = try booster(of: index, dataset, parameters)
    var values: [Double] = []
    for _ in 1...plan.stability.rounds {
      guard try booster.update() else { break }
      values.append(try booster.evaluate(dataset: 1).first ?? .nan)
    }
    return values
  }

  private func booster(of index: Int, _ dataset: Dataset, _ parameters: Parameters) throws -> Booster {
    let booster = try Booster(
      training: try dataset.subset(rows: folds[index].learning, parameters: parameters), parameters: parameters)
    try booster.addValidation(try dataset.subset(rows: folds[index].judged, parameters: parameters))
    return booster
  }
}
