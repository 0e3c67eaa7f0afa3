/// `train_metrics.json`: everything about a training that its inputs decide, and nothing else.

import LightGBM
import MartletModel

struct TrainingReport {
  let training: Training
  let history: RoundHistory
  let folds: [(fold: RollingFolds.Fold, value: Double)]
  let gains: [Double]
  let splits: [Double]
  /// The mean label of the training and the validation window.
  let positives: (training: Double, validation: Double)

  var json: ConfigurationValue {
    let plan = training.plan
    return .map([
      "schema": .text("martlet.train/1"),
      "learner": .map([
        "kind": .text("lightgbm"), "version": .text(LightGBMLibrary.version), "objective": .text(plan.learner.objective.rawValue),
        "metric": .text(plan.learner.metric.rawValue), "rounds": .integer(plan.learner.rounds),
        "early_stopping": .integer(plan.learner.earlyStopping),
      ]),
      "parameters": .map(plan.parameters.values),
      "seed": .integer(plan.seed),
      "label": .map([
        "name": .text(training.reader.roles.label.name), "type": .text(training.reader.roles.label.type.rawValue),
      ]),
      "windows": .map([
        "training": window(training.windows.training, positives.training),
        "validation": window(training.windows.validation, positives.validation),
      ]),
      "best_round": .integer(history.bestRound),
      "validation": .map([plan.learner.metric.rawValue: .number(history.bestValue)]),
      "history": .list(history.values.map { .number($0) }),
      "folds": .map(foldEntries),
      "features": .list(features),
    ])
  }

  private func window(_ window: TimeWindow, _ meanLabel: Double) -> ConfigurationValue {
    .map([
      "from": .text(CalendarDay(ordinal: window.days.lowerBound).description),
      "until": .text(CalendarDay(ordinal: window.days.upperBound).description), "rows": .integer(window.rowCount),
      "mean_label": .number(meanLabel),
    ])
  }

  private var foldEntries: [String: ConfigurationValue] {
    var entries: [String: ConfigurationValue] = [
      "folds": .list(
        folds.map { entry in
          .map([
            "from": .text(CalendarDay(ordinal: entry.fold.judgedDays.lowerBound).description),
            "until": .text(CalendarDay(ordinal: entry.fold.judgedDays.upperBound).description),
            "rows_learnt": .integer(entry.fold.learning.count), "rows_judged": .integer(entry.fold.judged.count),
            training.plan.learner.metric.rawValue: .number(entry.value),
          ])
        })
    ]
    if let largest = folds.map(\.value).max(), let smallest = folds.map(\.value).min() {
      entries["spread"] = .number(largest - smallest)
    }
    return entries
  }

  private var features: [ConfigurationValue] {
    var categories = training.categories[...]
    return training.reader.roles.features.enumerated().map { index, feature in
      var entry: [String: ConfigurationValue] = [
        "name": .text(feature.name), "kind": .text(feature.kind.rawValue), "gain": .number(gains[index]),
        "splits": .integer(Int(splits[index])),
      ]
      if feature.kind == .categorical, let list = categories.popFirst() {
        entry["categories"] = .list(list.map { .text($0) })
      }
      return .map(entry)
    }
  }
}
