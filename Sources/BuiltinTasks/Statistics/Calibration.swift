/// Whether a score of 0.3 comes true three times in ten: rows in bins of equal width by score.
public struct Calibration: Equatable, Sendable {
  /// Rows whose scores lie in `[lower, upper)`; the last bin holds 1, too.
  public struct Bin: Equatable, Sendable {
    public let lower: Double
    public let upper: Double
    public let rows: Int
    /// 0 in an empty bin, like `positiveRate`.
    public let meanScore: Double
    public let positiveRate: Double
  }

  public let bins: [Bin]

  public init(scores: [Double], labels: [Float], count: Int = 10) {
    var rows = [Int](repeating: 0, count: count)
    var sums = [Double](repeating: 0, count: count)
    var positives = [Int](repeating: 0, count: count)
    for (score, label) in zip(scores, labels) {
      let bin = min(max(Int(score * Double(count)), 0), count - 1)
      rows[bin] += 1
      sums[bin] += score
      if label > 0.5 { positives[bin] += 1 }
    }
    bins = (0..<count).map { bin in
      let divisor = Double(max(rows[bin], 1))
      return Bin(
        lower: Double(bin) / Double(count), upper: Double(bin + 1) / Double(count), rows: rows[bin],
        meanScore: sums[bin] / divisor, positiveRate: Double(positives[bin]) / divisor)
    }
  }

  /// The mean distance between score and truth over the bins, weighted by rows (expected calibration error).
  public var expectedError: Double {
    let total = bins.reduce(0) { $0 + $1.rows }
    guard total > 0 else { return 0 }
    return bins.reduce(0) { $0 + Double($1.rows) * abs($1.meanScore - $1.positiveRate) } / Double(total)
  }
}
