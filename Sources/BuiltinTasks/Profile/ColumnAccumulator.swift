/// Everything a profile says of a column, from its different values in ascending order with their counts.

/// Fed value by value in ascending order, so that the sums do not depend on how many threads read the data.
struct ColumnAccumulator {
  static let binCount = 20
  static let topCount = 10
  static let probabilities: [(name: String, value: Double)] = [
    ("p01", 0.01), ("p05", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99),
  ]

  /// Number of values, known beforehand.
  let count: Int
  private(set) var distinct = 0
  private(set) var top: [(value: String, count: Int)] = []
  private var seen = 0
  private var mean = 0.0
  private var squares = 0.0
  private var quantileBounds: [(low: Double, high: Double)]
  private let low: Double
  private let high: Double
  private var bins: [Int]

  /// - Parameters:
  ///   - count: how many values there are, nulls aside.
  ///   - low: the smallest value, for columns of numbers.
  ///   - high: the largest value.
  init(count: Int, low: Double = 0, high: Double = 0) {
    self.count = count
    self.low = low
    self.high = high
    quantileBounds = Array(repeating: (0, 0), count: Self.probabilities.count)
    bins = Array(repeating: 0, count: low < high ? Self.binCount : 1)
  }

  /// Takes a number that occurs `times` times. Welford's update, weighted.
  mutating func add(_ value: Double, times: Int, text: @autoclosure () -> String) {
    let before = seen
    note(times: times, text)
    let weight = Double(times)
    let delta = value - mean
    mean += delta * weight / Double(seen)
    squares += weight * delta * (value - mean)
    for (index, probability) in Self.probabilities.enumerated() {
      let position = Double(count - 1) * probability.value
      if (before..<seen).contains(Int(position)) { quantileBounds[index].low = value }
      if (before..<seen).contains(min(count - 1, Int(position) + 1)) { quantileBounds[index].high = value }
    }
    bins[bin(of: value)] += times
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

  private func edge(_ index: Int) -> Double {
    index == bins.count ? high : low + (high - low) * Double(index) / Double(bins.count)
  }

  /// The bin that holds a value, found by the same edges that are printed.
  private func bin(of value: Double) -> Int {
    guard bins.count > 1 else { return 0 }
    var index = min(bins.count - 1, max(0, Int((value - low) / (high - low) * Double(bins.count))))
    while index > 0, value < edge(index) { index -= 1 }
    while index < bins.count - 1, value >= edge(index + 1) { index += 1 }
    return index
  }

  /// Adds moments, quantiles and histogram to a column of numbers.
  func describe(_ column: inout DataProfile.Column) {
    guard count > 0 else { return }
    column.mean = mean
    column.standardDeviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : 0
    var quantiles: [String: Double] = [:]
    for (index, probability) in Self.probabilities.enumerated() {
      let position = Double(count - 1) * probability.value
      let (low, high) = quantileBounds[index]
      quantiles[probability.name] = low + (high - low) * (position - position.rounded(.down))
    }
    column.quantiles = quantiles
    column.histogram = .init(edges: (0...bins.count).map(edge), counts: bins)
  }
}
