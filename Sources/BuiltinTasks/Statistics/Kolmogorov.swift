// The p-value of the two-sample Kolmogorov-Smirnov test, as SciPy's `ks_2samp` chooses its method.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

enum Kolmogorov {
  /// SciPy's limit: up to so many rows on either side the exact distribution is used.
  static let exactLimit = 10_000

  /// The two-sided p-value for the largest distance `statistic` between two samples' distribution functions.
  static func pValue(statistic: Double, firstCount: Int, secondCount: Int) -> Double {
    guard max(firstCount, secondCount) > exactLimit else {
      return exact(statistic: statistic, firstCount, secondCount)
    }
    let first = Double(firstCount)
    let second = Double(secondCount)
    let effective = (first * second / (first + second)).rounded(.toNearestOrEven)
    return oneSampleSurvival(statistic: statistic, count: Int(effective))
  }

  /// The share of all lattice paths from (0, 0) to (m, n) that reach the distance: Hodges (1958). The share of a point is the mean
  /// of its two predecessors' shares, weighted by how many paths come from each, so that nothing overflows.
  static func exact(statistic: Double, _ m: Int, _ n: Int) -> Double {
    let divisor = greatestCommonDivisor(m, n)
    let stepRight = n / divisor
    let stepUp = m / divisor
    let least = Int((statistic * Double(stepRight) * Double(m)).rounded(.toNearestOrEven))
    if least == 0 { return 1 }
    var outside = [Double](repeating: 0, count: n + 1)
    for i in 0...m {
      for j in 0...n {
        if abs(i * stepRight - j * stepUp) >= least {
          outside[j] = 1
        } else if i + j > 0 {
          // outside[j] still holds the share of (i - 1, j).
          let left = i > 0 ? outside[j] * Double(i) : 0
          let below = j > 0 ? outside[j - 1] * Double(j) : 0
          outside[j] = (left + below) / Double(i + j)
        }
      }
    }
    return outside[n]
  }

  /// The survival function of the one-sample statistic for `count` rows: Marsaglia, Tsang and Wang (2003), the power of Durbin's matrix.
  static func oneSampleSurvival(statistic d: Double, count n: Int) -> Double {
    if d <= 0 { return 1 }
    if d >= 1 { return 0 }
    // Beyond this the two-sided value is twice the one-sided one to more digits than a double has (Miller 1956).
    let square = Double(n) * d * d
    if square > 18 { return min(1, 2 * exp(-2 * square)) }
    let k = Int(Double(n) * d) + 1
    let size = 2 * k - 1
    let h = Double(k) - Double(n) * d
    var matrix = ScaledMatrix(size: size)
    for row in 0..<size {
      for column in 0..<size where row - column + 1 >= 0 { matrix[row, column] = 1 }
    }
    for i in 0..<size {
      matrix[i, 0] -= pow(h, Double(i + 1))
      matrix[size - 1, i] -= pow(h, Double(size - i))
    }
    if 2 * h - 1 > 0 { matrix[size - 1, 0] += pow(2 * h - 1, Double(size)) }
    for row in 0..<size {
      for column in 0..<size where row - column + 1 > 0 {
        for factor in 1...(row - column + 1) { matrix[row, column] /= Double(factor) }
      }
    }
    let power = matrix.raised(to: n)
    var probability = power[k - 1, k - 1]
    var exponent = power.exponent
    for i in 1...n {
      probability *= Double(i) / Double(n)
      if probability < 1e-140 {
        probability *= 1e140
        exponent -= 140
      }
    }
    return 1 - probability * pow(10, Double(exponent))
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
}

/// A square matrix times a power of ten, so that high powers stay within a double.
private struct ScaledMatrix {
  let size: Int
  var values: [Double]
  var exponent = 0

  init(size: Int) {
    self.size = size
    values = [Double](repeating: 0, count: size * size)
  }

  subscript(row: Int, column: Int) -> Double {
    get { values[row * size + column] }
    set { values[row * size + column] = newValue }
  }

  func raised(to power: Int) -> ScaledMatrix {
    if power == 1 { return self }
    var half = raised(to: power / 2)
    half = half.times(half)
    if power % 2 == 1 { half = half.times(self) }
    let center = size / 2
    if half[center, center] > 1e140 {
      half.values = half.values.map { $0 * 1e-140 }
      half.exponent += 140
    }
    return half
  }

  private func times(_ other: ScaledMatrix) -> ScaledMatrix {
    var product = ScaledMatrix(size: size)
    product.exponent = exponent + other.exponent
    for row in 0..<size {
      for inner in 0..<size {
        let factor = values[row * size + inner]
        if factor == 0 { continue }
        for column in 0..<size { product.values[row * size + column] += factor * other.values[inner * size + column] }
      }
    }
    return product
  }
}
