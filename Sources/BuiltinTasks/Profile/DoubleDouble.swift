/// A number of about 32 decimal digits: the unevaluated sum of two doubles.

/// Keeps what a double would round away: integers beyond 2^53, small differences of large numbers, sums of many values.
/// Sums by Knuth's two-sum, products by a fused multiply-add; see Dekker, "A floating-point technique for extending the available
/// precision" (1971).
struct DoubleDouble {
  /// The number, rounded to a double.
  let high: Double
  /// What the rounding left.
  let low: Double

  static let zero = DoubleDouble(0.0)

  init(_ value: Double) { (high, low) = (value, 0) }

  /// Exact for every integer.
  init(_ value: Int64) {
    high = Double(value)
    low = Double(Int128(value) - Int128(high))
  }

  private init(_ high: Double, _ low: Double) { (self.high, self.low) = (high, low) }

  /// The sum of a number and one that is much smaller, or of any two where the first is the larger.
  private static func normalized(_ large: Double, _ small: Double) -> DoubleDouble {
    let sum = large + small
    return DoubleDouble(sum, small - (sum - large))
  }

  private static func exactSum(_ left: Double, _ right: Double) -> (sum: Double, error: Double) {
    let sum = left + right
    let other = sum - left
    return (sum, (left - (sum - other)) + (right - other))
  }

  static func + (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let (high, highError) = exactSum(left.high, right.high)
    let (low, lowError) = exactSum(left.low, right.low)
    let sum = normalized(high, highError + low)
    return normalized(sum.high, sum.low + lowError)
  }

  static func - (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble { left + DoubleDouble(-right.high, -right.low) }

  static func * (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let product = left.high * right.high
    let error = (-product).addingProduct(left.high, right.high)
    return normalized(product, error + (left.high * right.low + left.low * right.high))
  }

  /// The quotient; its relative error is about 1e-31.
  static func / (left: DoubleDouble, right: Double) -> DoubleDouble {
    let first = left.high / right
    let rest = left - DoubleDouble(first) * DoubleDouble(right)
    return normalized(first, rest.high / right)
  }
}
