// Whether a column's distribution has changed between two samples: the test that Evidently chooses by default, with its limit.

/// A test of drift.
public enum DriftTest: String, Sendable, CaseIterable {
  case kolmogorovSmirnov = "ks"
  case chiSquare = "chisquare"
  case proportions = "z"
  case wasserstein = "wasserstein"
  case jensenShannon = "jensenshannon"

  /// For a table's heading.
  public var title: String {
    switch self {
    case .kolmogorovSmirnov: "Kolmogorov-Smirnov, p"
    case .chiSquare: "chi-square, p"
    case .proportions: "Z of proportions, p"
    case .wasserstein: "Wasserstein / sd"
    case .jensenShannon: "Jensen-Shannon distance"
    }
  }

  /// Drift below it (p-values) or from it on (distances).
  public var limit: Double {
    switch self {
    case .kolmogorovSmirnov, .chiSquare, .proportions: 0.05
    case .wasserstein, .jensenShannon: 0.1
    }
  }

  /// Evidently's default for so many reference rows, and values in both samples.
  static func standard(referenceCount: Int, distinct: Int, categorical: Bool) -> DriftTest {
    let fewValues = categorical || distinct <= 5
    if referenceCount > 1000 { return fewValues ? .jensenShannon : .wasserstein }
    if !fewValues { return .kolmogorovSmirnov }
    return distinct > 2 ? .chiSquare : .proportions
  }

  func drifted(_ value: Double) -> Bool {
    switch self {
    case .kolmogorovSmirnov: value <= limit
    case .chiSquare, .proportions: value < limit
    case .wasserstein, .jensenShannon: value >= limit
    }
  }
}

/// What the test of one column gave.
public struct DriftResult: Equatable, Sendable {
  public let test: DriftTest
  /// A p-value or a distance, by the test.
  public let value: Double
  public let drifted: Bool
  public let populationStabilityIndex: Double
  public let referenceCount: Int
  public let currentCount: Int

  /// The result for a numeric column; nil where a sample has no values, so that there is nothing to compare.
  public static func numeric(_ counts: ValueCounts<Double>) -> DriftResult? {
    guard counts.referenceCount > 0, counts.currentCount > 0 else { return nil }
    let test = DriftTest.standard(referenceCount: counts.referenceCount, distinct: counts.entries.count, categorical: false)
    let value =
      switch test {
      case .kolmogorovSmirnov:
        Kolmogorov.pValue(
          statistic: counts.kolmogorovStatistic, firstCount: counts.referenceCount, secondCount: counts.currentCount)
      case .wasserstein: counts.wassersteinDistance / max(counts.referenceDeviation, 0.001)
      case .chiSquare, .proportions, .jensenShannon: counts.discreteValue(of: test)
      }
    return DriftResult(test, value, counts.binnedShares, counts.referenceCount, counts.currentCount)
  }

  /// The result for a categorical column; nil where a sample has no values.
  public static func categorical(_ counts: ValueCounts<String>) -> DriftResult? {
    guard counts.referenceCount > 0, counts.currentCount > 0 else { return nil }
    let test = DriftTest.standard(referenceCount: counts.referenceCount, distinct: counts.entries.count, categorical: true)
    return DriftResult(test, counts.discreteValue(of: test), counts.shares, counts.referenceCount, counts.currentCount)
  }

  private init(_ test: DriftTest, _ value: Double, _ shares: Shares, _ referenceCount: Int, _ currentCount: Int) {
    self.test = test
    self.value = value
    self.drifted = test.drifted(value)
    self.populationStabilityIndex = shares.populationStabilityIndex
    self.referenceCount = referenceCount
    self.currentCount = currentCount
  }
}

extension ValueCounts {
  /// The value of a test that only asks how often each value occurs.
  fileprivate func discreteValue(of test: DriftTest) -> Double {
    switch test {
    case .jensenShannon: shares.jensenShannonDistance
    case .chiSquare: chiSquareProbability
    case .proportions: proportionsProbability
    case .kolmogorovSmirnov, .wasserstein: preconditionFailure("\(test) asks for distances between values")
    }
  }

  /// Pearson's chi-square of the current counts against the reference's, scaled to as many rows.
  private var chiSquareProbability: Double {
    let scale = Double(currentCount) / Double(referenceCount)
    let statistic = entries.reduce(0.0) { sum, entry in
      let expected = Double(entry.reference) * scale
      let difference = Double(entry.current) - expected
      return sum + difference * difference / expected
    }
    return chiSquareSurvival(statistic, freedom: entries.count - 1)
  }

  /// The two-sided Z-test of the share that the smaller of two values has.
  private var proportionsProbability: Double {
    guard entries.count == 2 else { return 1 }
    let reference = Double(referenceCount)
    let current = Double(currentCount)
    let first = Double(entries[1].reference) / reference
    let second = Double(entries[1].current) / current
    let pooled = (first * reference + second * current) / (reference + current)
    let deviation = (pooled * (1 - pooled) * (1 / reference + 1 / current)).squareRoot()
    return 2 * normalSurvival(abs((first - second) / deviation))
  }
}
