/// How long to wait before the next attempt.
public struct RetryPolicy: Hashable, Sendable {
  /// Seconds before the first retry, without jitter.
  public let baseSeconds: Double
  /// What each further wait is multiplied by.
  public let factor: Double
  /// The upper bound of the random share, in seconds.
  public let jitterSeconds: Double
  /// No wait is longer, in seconds.
  public let capSeconds: Double

  public init(baseSeconds: Double = 0.2, factor: Double = 2, jitterSeconds: Double = 0.1, capSeconds: Double = 300) {
    self.baseSeconds = baseSeconds
    self.factor = factor
    self.jitterSeconds = jitterSeconds
    self.capSeconds = capSeconds
  }

  /// `min(cap, base · factor^retry + jitter · uniform)`: the wait in seconds before retry number `retry` (0 is the first retry).
  /// - Parameter uniform: a random number from 0 up to but not including 1; the caller owns the randomness.
  public func waitSeconds(retry: Int, uniform: Double) -> Double {
    precondition(retry >= 0 && (0..<1).contains(uniform), "retry \(retry), uniform \(uniform)")
    var wait = baseSeconds
    var grown = 0
    while grown < retry, wait < capSeconds {
      wait *= factor
      grown += 1
    }
    return min(capSeconds, wait + jitterSeconds * uniform)
  }
}
