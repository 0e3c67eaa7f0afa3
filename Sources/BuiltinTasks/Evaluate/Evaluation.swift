/// What an evaluation found: `eval_metrics.json`, the verdict and its message.

import Crypto
import MartletModel

struct Evaluation {
  let objective: Objective
  let windows: TimeWindows
  let thresholds: ThresholdDeclaration
  let drift: DriftDeclaration
  let rows: ScoredRows
  let table: DriftTable
  let champion: Champion?
  let metrics: Metrics
  let judgement: Judgement

  init(
    objective: Objective, windows: TimeWindows, thresholds: ThresholdDeclaration, drift: DriftDeclaration, rows: ScoredRows,
    table: DriftTable, champion: Champion?
  ) {
    self.objective = objective
    self.windows = windows
    self.thresholds = thresholds
    self.drift = drift
    self.rows = rows
    self.table = table
    self.champion = champion
    metrics = Metrics(objective, scores: rows.scores[0], labels: rows.labels, cut: thresholds.cut)
    judgement = Judgement(
      Judgement.limits(thresholds, metrics) + Judgement.champion(thresholds.champion, metrics, champion)
        + Judgement.drift(drift, table))
  }

  private var mainMetric: String { objective == .binary ? "auc" : "rmse" }

  var message: String {
    let value = metrics.values[mainMetric].map { "\(mainMetric) \(shortened($0))" } ?? "no \(mainMetric)"
    let last = CalendarDay(ordinal: windows.test.days.upperBound - 1)
    let said = judgement.message(
      otherwise:
        "\(value) on \(NumberText.counted(metrics.rows, "row")) from \(CalendarDay(ordinal: windows.test.days.lowerBound)) to \(last)"
    )
    return [said, championMessage].compactMap { $0 }.joined(separator: "; ")
  }

  var figures: [String: Figure] {
    var figures: [String: Figure] = ["rows": .integer(metrics.rows), "drifted": .text("\(table.drifted)/\(table.counted)")]
    if let value = metrics.values[mainMetric] { figures[mainMetric] = .number(value) }
    return figures.merging(championFigures) { $1 }
  }

  var json: ConfigurationValue {
    var entries: [String: ConfigurationValue] = [
      "schema": .text("martlet.eval/1"),
      "objective": .text(objective.rawValue),
      "verdict": .text(judgement.verdict.rawValue),
      "findings": .list(judgement.findings.map(\.json)),
      "test": .map([
        "from": .text(CalendarDay(ordinal: windows.test.days.lowerBound).description),
        "until": .text(CalendarDay(ordinal: windows.test.days.upperBound).description),
      ]),
      "metrics": metrics.json,
      "cut": .number(thresholds.cut),
      "scores_sha256": .text(scoresDigest),
      "slices": .map(Dictionary(uniqueKeysWithValues: zip(thresholds.slices, rows.slices.map { .list(slice($0)) }))),
      "champion": championJSON,
      "drift": table.json(limit: drift.share),
    ]
    if objective == .binary {
      entries["roc"] = .list(
        RankedScores(scores: rows.scores[0], labels: rows.labels).curve().map {
          .list([.number($0.falsePositiveRate), .number($0.truePositiveRate)])
        })
      entries["calibration"] = .list(Calibration(scores: rows.scores[0], labels: rows.labels).bins.map(\.json))
    }
    return .map(entries)
  }

  /// The digest of the scores in the file's order, eight bytes each, little-endian: so that anyone who has the model and the features
  /// can check that these are its scores.
  private var scoresDigest: String {
    var hash = SHA256()
    for score in rows.scores[0] { withUnsafeBytes(of: score.bitPattern.littleEndian) { hash.update(bufferPointer: $0) } }
    return hash.finalize().reduce(into: "") { text, byte in text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
  }

  /// The metrics for each value of a column that has enough rows, most rows first.
  private func slice(_ slice: (table: TextTable, rows: [Int32])) -> [ConfigurationValue] {
    var scores = slice.table.texts.map { _ in [Double]() }
    var labels = slice.table.texts.map { _ in [Float]() }
    for (row, text) in slice.rows.enumerated() {
      scores[Int(text)].append(rows.scores[0][row])
      labels[Int(text)].append(rows.labels[row])
    }
    return slice.table.texts.indices.filter { labels[$0].count >= thresholds.sliceRows }
      .sorted { (labels[$1].count, slice.table.texts[$0]) < (labels[$0].count, slice.table.texts[$1]) }
      .map { index in
        .map([
          "value": .text(slice.table.texts[index]),
          "metrics": Metrics(objective, scores: scores[index], labels: labels[index], cut: thresholds.cut).json,
        ])
      }
  }
}

extension Calibration.Bin {
  fileprivate var json: ConfigurationValue {
    .map([
      "from": .number(lower), "to": .number(upper), "rows": .integer(rows), "mean_score": .number(meanScore),
      "positive_rate": .number(positiveRate),
    ])
  }
}
