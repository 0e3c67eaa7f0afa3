// The few functions of mathematics that the tests of drift need and the C library does not have.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The natural logarithm.
func logarithm(_ value: Double) -> Double { log(value) }

/// The logarithm to base 2.
func binaryLogarithm(_ value: Double) -> Double { log2(value) }

/// The probability that a standard normal variable is above `value`.
func normalSurvival(_ value: Double) -> Double { 0.5 * erfc(value / 2.0.squareRoot()) }

/// The probability that a chi-square variable with `freedom` degrees of freedom is above `value`: the regularised upper incomplete
/// gamma function Q(freedom / 2, value / 2), by its series below a + 1 and Lentz's continued fraction above (Abramowitz and Stegun
/// 6.5.29 and 6.5.31).
func chiSquareSurvival(_ value: Double, freedom: Int) -> Double {
  let a = Double(freedom) / 2
  let x = value / 2
  guard x > 0, a > 0 else { return 1 }
  guard x.isFinite else { return 0 }
  let factor = exp(a * log(x) - x - lgamma(a))
  if x < a + 1 {
    var term = 1 / a
    var sum = term
    var n = a
    repeat {
      n += 1
      term *= x / n
      sum += term
    } while term > sum * 1e-17
    return 1 - factor * sum
  }
  let tiny = 1e-300
  var b = x + 1 - a
  var c = 1 / tiny
  var d = 1 / b
  var result = d
  for i in 1...10_000 {
    let an = -Double(i) * (Double(i) - a)
    b += 2
    d = an * d + b
    if abs(d) < tiny { d = tiny }
    c = b + an / c
    if abs(c) < tiny { c = tiny }
    d = 1 / d
    result *= d * c
    if abs(d * c - 1) < 1e-16 { break }
  }
  return factor * result
}
