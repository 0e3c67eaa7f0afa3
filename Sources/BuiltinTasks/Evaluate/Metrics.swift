/// The metrics of a model on some rows, whatever its objective.

import MartletModel

struct Metrics {
  let rows: Int
  let meanLabel: Double
  let meanScore: Double
  /// By the names of `config/train.yaml`.
  let values: [String: Double]

  init(_ objective: Objective, scores: [Double], labels: [Float], cut: Double) {
    switch objective {
    case .binary:
      let metrics = BinaryMetrics(scores: scores, labels: labels, cut: cut)
      rows = metrics.rows
      meanLabel = metrics.positiveRate
      meanScore = metrics.meanScore
      values = metrics.named
    case .regression:
      let metrics = RegressionMetrics(scores: scores, labels: labels)
      rows = metrics.rows
      meanLabel = metrics.meanLabel
      meanScore = metrics.meanScore
      values = metrics.named
    }
  }

  var json: ConfigurationValue {
    var entries = values.mapValues { ConfigurationValue.number($0) }
    entries["rows"] = .integer(rows)
    entries["mean_label"] = .number(meanLabel)
    entries["mean_score"] = .number(meanScore)
    return .map(entries)
  }
}
