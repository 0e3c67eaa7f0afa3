/// Mean and standard deviation of a column, right to the last digits however large or alike its values are.

/// Sums the distances from the smallest value and their squares with twice the digits of a double, scaled so that neither overflows.
struct ColumnMoments {
  private let smallest: Double
  private let largest: Double
  private let pivot: DoubleDouble
  /// A power of two: values times this lie within −2…2.
  private let scale: Double
  private let unit: Double
  private var count = 0
  private var sum = DoubleDouble.zero
  private var squares = DoubleDouble.zero

  /// - Parameters:
  ///   - low: the smallest value.
  ///   - high: the largest value.
  init(low: DoubleDouble, high: DoubleDouble) {
    (smallest, largest) = (low.high, high.high)
    let magnitude = max(smallest.magnitude, largest.magnitude)
    // The clamp keeps the scale's inverse finite for numbers near the smallest double.
    let exponent = magnitude == 0 ? 0 : max(-1000, Int(magnitude.exponent))
    unit = Double(sign: .plus, exponent: exponent, significand: 1)
    scale = Double(sign: .plus, exponent: -exponent, significand: 1)
    pivot = low * DoubleDouble(scale)
  }

  /// Takes a value that occurs `times` times.
  mutating func add(_ value: DoubleDouble, times: Int) {
    let weight = DoubleDouble(Double(times))
    let distance = value * DoubleDouble(scale) - pivot
    count += times
    sum = sum + distance * weight
    squares = squares + distance * distance * weight
  }

  /// The arithmetic mean; 0 without values.
  var mean: Double {
    guard count > 0 else { return 0 }
    let mean = (pivot + sum / Double(count)).high
    return min(largest, max(smallest, mean * unit))
  }

  /// Of a sample, divided by n − 1; 0 for a single value, `nil` where it is larger than the largest double.
  var standardDeviation: Double? {
    guard count > 1 else { return 0 }
    let variance = (squares - sum * sum / Double(count)) / Double(count - 1)
    let deviation = max(0, variance.high).squareRoot() * unit
    return deviation.isFinite ? deviation : nil
  }
}
