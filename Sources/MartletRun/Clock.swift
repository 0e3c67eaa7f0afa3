/// Time and randomness, handed in so that tests and simulations own them.

public protocol Clock: Sendable {
  /// Seconds since 1970, wall clock: for records.
  func wallSeconds() -> Double
}

/// A small generator with a seed (SplitMix64, Steele, Lea and Flood 2014): enough for jitter, equal on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) {
    state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// From 0 up to but not including 1.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }
}
