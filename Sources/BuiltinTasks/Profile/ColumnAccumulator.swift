/// Everything a profile says of a column, from its different values in ascending order with their counts.

/// Fed value by value in ascending order, so that the sums do not depend on how many threads read the data.
struct ColumnAccumulator {
  static let topCount = 10
  static let probabilities: [(name: String, value: Double)] = [
    ("p01", 0.01), ("p05", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99),
  ]

  /// A place in the ascending values that a quantile is made of.
  private struct Rank {
    let rank: Int
    let probability: Int
    let isUpper: Bool
  }

  /// Number of values, known beforehand.
  let count: Int
  private(set) var distinct = 0
  private(set) var top: [(value: String, count: Int)] = []
  private var seen = 0
  private var moments: ColumnMoments
  private var bins: HistogramBins
  private let ranks: [Rank]
  private var nextRank = 0
  private var quantileBounds: [(low: DoubleDouble, high: DoubleDouble)]

  /// - Parameters:
  ///   - count: how many values there are, nulls aside.
  ///   - low: the smallest value, for columns of numbers.
  ///   - high: the largest value.
  init(count: Int, low: DoubleDouble = .zero, high: DoubleDouble = .zero) {
    self.count = count
    moments = ColumnMoments(low: low, high: high)
    bins = HistogramBins(low: low.high, high: high.high)
    quantileBounds = Array(repeating: (.zero, .zero), count: Self.probabilities.count)
    ranks = Self.probabilities.indices.flatMap { index in
      let lower = Int(Self.position(index, count))
      return [
        Rank(rank: lower, probability: index, isUpper: false),
        Rank(rank: min(count - 1, lower + 1), probability: index, isUpper: true),
      ]
    }.sorted { $0.rank < $1.rank }
  }

  /// Takes a finite number that occurs `times` times.
  mutating func add(_ value: DoubleDouble, times: Int, text: @autoclosure () -> String) {
    note(times: times, text)
    moments.add(value, times: times)
    bins.add(value.high, times: times)
    while nextRank < ranks.count, ranks[nextRank].rank < seen {
      let rank = ranks[nextRank]
      if rank.isUpper { quantileBounds[rank.probability].high = value } else { quantileBounds[rank.probability].low = value }
      nextRank += 1
    }
  }

  /// Takes a value of another type.
  mutating func add(times: Int, text: @autoclosure () -> String) { note(times: times, text) }

  private mutating func note(times: Int, _ text: () -> String) {
    seen += times
    distinct += 1
    guard top.count < Self.topCount || times > top.last!.count else { return }
    let place = top.firstIndex { $0.count < times } ?? top.count
    top.insert((text(), times), at: place)
    if top.count > Self.topCount { top.removeLast() }
  }

  /// Where a quantile lies among the ascending values, which count from 0.
  private static func position(_ probability: Int, _ count: Int) -> Double {
    Double(max(0, count - 1)) * probabilities[probability].value
  }

  /// Between two neighbours, from the nearer one, as NumPy does: so that quantiles ascend where rounding would let them cross.
  private static func interpolated(_ low: DoubleDouble, _ high: DoubleDouble, _ fraction: Double) -> Double {
    let difference = (high - low).high
    guard difference.isFinite else { return low.high * (1 - fraction) + high.high * fraction }
    return fraction < 0.5 ? low.high + difference * fraction : high.high - difference * (1 - fraction)
  }

  /// Adds moments, quantiles and histogram to a column of numbers.
  func describe(_ column: inout DataProfile.Column) {
    guard count > 0 else { return }
    column.mean = moments.mean
    column.standardDeviation = moments.standardDeviation
    var quantiles: [String: Double] = [:]
    for (index, probability) in Self.probabilities.enumerated() {
      let position = Self.position(index, count)
      let (low, high) = quantileBounds[index]
      quantiles[probability.name] = Self.interpolated(low, high, position - position.rounded(.down))
    }
    column.quantiles = quantiles
    column.histogram = bins.histogram
  }
}
