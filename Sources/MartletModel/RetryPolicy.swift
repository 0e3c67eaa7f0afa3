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

  /// The wait in seconds before retry number `retry` (0 is the first retry): `base · factor^retry + jitter · (others / 10 + uniform)`, at
  /// most the cap. Ten share one span of jitter and the next ten the one after it, so that a thousand that failed together do not come
  /// back together, not even at the cap.
  /// - Parameters:
  ///   - uniform: a random number from 0 up to but not including 1; the caller owns the randomness.
  ///   - others: how many wait already.
  public func waitSeconds(retry: Int, uniform: Double, others: Int = 0) -> Double {
    precondition(retry >= 0 && others >= 0 && (0..<1).contains(uniform), "retry \(retry), uniform \(uniform), others \(others)")
    var wait = baseSeconds
    var grown = 0
    while grown < retry, wait < capSeconds {
      wait *= factor
      grown += 1
    }
    wait = min(capSeconds, wait) + jitterSeconds * (Double(others / RetryPolicy.retriesPerJitter) + uniform)
    // What would lie beyond the cap is laid before it.
    return wait <= capSeconds ? wait : max(baseSeconds, 2 * capSeconds - wait)
  }

  /// How many retries share one span of jitter.
  private static let retriesPerJitter = 10
}
