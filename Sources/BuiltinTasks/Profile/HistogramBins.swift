/// Counts values in bins of equal width, by the edges that NumPy's `histogram` has.

/// Works also where the largest less the smallest value is more than a double holds.
struct HistogramBins {
  static let count = 20

  private let low: Double
  private let high: Double
  /// 1, or a half where the range would be infinite otherwise.
  private let scale: Double
  private let width: Double
  private var counts: [Int]

  /// - Parameters:
  ///   - low: the smallest value.
  ///   - high: the largest value; one bin where it is the same.
  init(low: Double, high: Double) {
    self.low = low
    self.high = high
    scale = (high - low).isFinite ? 1 : 0.5
    width = (high * scale - low * scale) / Double(Self.count)
    counts = Array(repeating: 0, count: low < high ? Self.count : 1)
  }

  mutating func add(_ value: Double, times: Int) { counts[bin(of: value)] += times }

  var histogram: DataProfile.Histogram { .init(edges: (0...counts.count).map(edge), counts: counts) }

  private func edge(_ index: Int) -> Double {
    index == counts.count ? high : (low * scale + Double(index) * width) / scale
  }

  /// The bin that holds a value, found by the same edges that are printed.
  private func bin(of value: Double) -> Int {
    guard counts.count > 1 else { return 0 }
    let share = (value * scale - low * scale) / (high * scale - low * scale)
    var index = min(counts.count - 1, max(0, Int(share * Double(counts.count))))
    while index > 0, value < edge(index) { index -= 1 }
    while index < counts.count - 1, value >= edge(index + 1) { index += 1 }
    return index
  }
}
