/// How far predictions of a number lie from what came true. Definitions are scikit-learn's.
public struct RegressionMetrics: Equatable, Sendable {
  public let rows: Int
  public let meanLabel: Double
  public let meanScore: Double
  /// The root of the mean squared error, in the label's unit.
  public let rootMeanSquaredError: Double
  /// The mean absolute error, in the label's unit.
  public let meanAbsoluteError: Double
  /// The share of the labels' variance that the predictions explain; nil where the labels do not vary.
  public let determination: Double?

  /// - Parameter scores: at least one, as many as labels.
  public init(scores: [Double], labels: [Float]) {
    precondition(!scores.isEmpty && scores.count == labels.count, "\(scores.count) scores, \(labels.count) labels")
    let count = Double(scores.count)
    let mean = labels.reduce(0) { $0 + Double($1) } / count
    var squares = 0.0
    var distances = 0.0
    var spread = 0.0
    for (score, label) in zip(scores, labels) {
      let error = score - Double(label)
      squares += error * error
      distances += abs(error)
      spread += (Double(label) - mean) * (Double(label) - mean)
    }
    rows = scores.count
    meanLabel = mean
    meanScore = scores.reduce(0, +) / count
    rootMeanSquaredError = (squares / count).squareRoot()
    meanAbsoluteError = distances / count
    determination = spread > 0 ? 1 - squares / spread : nil
  }

  /// The metrics by their names in `config/train.yaml` and in the JSON files.
  public var named: [String: Double] {
    var values = ["rmse": rootMeanSquaredError, "mae": meanAbsoluteError]
    values["r2"] = determination
    return values
  }
}
