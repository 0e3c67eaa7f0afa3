/// The watched metric after each round, and which round was best.
struct RoundHistory {
  let metric: WatchedMetric
  private(set) var values: [Double] = []
  /// Counted from 1; 0 before the first round.
  private(set) var bestRound = 0
  private(set) var bestValue = Double.nan

  init(metric: WatchedMetric) { self.metric = metric }

  mutating func append(_ value: Double) {
    values.append(value)
    if bestRound == 0 || metric.isBetter(value, than: bestValue) {
      bestRound = values.count
      bestValue = value
    }
  }
}
