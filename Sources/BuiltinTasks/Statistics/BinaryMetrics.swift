/// How well scores between 0 and 1 tell 1 from 0. Definitions are scikit-learn's.
public struct BinaryMetrics: Equatable, Sendable {
  public let rows: Int
  /// The share of rows labelled 1.
  public let positiveRate: Double
  public let meanScore: Double
  /// Nil where all labels are equal.
  public let areaUnderCurve: Double?
  /// The mean negative log likelihood in nats, scores clipped to [2⁻⁵², 1 − 2⁻⁵²] as scikit-learn does.
  public let logLoss: Double
  /// The mean squared distance of score and label.
  public let brier: Double
  public let accuracy: Double
  public let precision: Double
  public let recall: Double
  /// 0 where nothing is true or predicted positive.
  public let f1: Double
  /// The expected calibration error, see `Calibration`.
  public let calibrationError: Double

  /// - Parameters:
  ///   - scores: at least one.
  ///   - labels: 0 or 1, as many as scores.
  ///   - cut: a score from here on counts as positive, for accuracy, precision, recall and F1.
  public init(scores: [Double], labels: [Float], cut: Double) {
    precondition(!scores.isEmpty && scores.count == labels.count, "\(scores.count) scores, \(labels.count) labels")
    let epsilon = Double.ulpOfOne
    var loss = 0.0
    var squares = 0.0
    var sum = 0.0
    var counts = (truePositive: 0, falsePositive: 0, falseNegative: 0, trueNegative: 0)
    for (score, label) in zip(scores, labels) {
      let positive = label > 0.5
      let clipped = min(max(score, epsilon), 1 - epsilon)
      loss -= logarithm(positive ? clipped : 1 - clipped)
      let distance = score - (positive ? 1 : 0)
      squares += distance * distance
      sum += score
      switch (score >= cut, positive) {
      case (true, true): counts.truePositive += 1
      case (true, false): counts.falsePositive += 1
      case (false, true): counts.falseNegative += 1
      case (false, false): counts.trueNegative += 1
      }
    }
    let count = Double(scores.count)
    rows = scores.count
    positiveRate = Double(counts.truePositive + counts.falseNegative) / count
    meanScore = sum / count
    areaUnderCurve = RankedScores(scores: scores, labels: labels).areaUnderCurve
    logLoss = loss / count
    brier = squares / count
    accuracy = Double(counts.truePositive + counts.trueNegative) / count
    precision = ratio(counts.truePositive, counts.truePositive + counts.falsePositive)
    recall = ratio(counts.truePositive, counts.truePositive + counts.falseNegative)
    f1 = ratio(2 * counts.truePositive, 2 * counts.truePositive + counts.falsePositive + counts.falseNegative)
    calibrationError = Calibration(scores: scores, labels: labels).expectedError
  }

  /// The metrics by their names in `config/train.yaml` and in the JSON files.
  public var named: [String: Double] {
    var values = [
      "log_loss": logLoss, "brier": brier, "accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1,
      "calibration_error": calibrationError,
    ]
    values["auc"] = areaUnderCurve
    return values
  }
}

private func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
