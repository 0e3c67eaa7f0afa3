/// How often each value occurs in two samples: all that the tests of drift need to know of a column.
///
/// Nulls, and infinities of a numeric column, are left out before, as Evidently does.
public struct ValueCounts<Value: Comparable & Sendable>: Sendable {
  /// A value with its count in the reference (the training window) and in the current sample (the test window).
  public struct Entry: Sendable {
    public let value: Value
    public let reference: Int
    public let current: Int

    public init(value: Value, reference: Int, current: Int) {
      self.value = value
      self.reference = reference
      self.current = current
    }
  }

  /// Ascending by value, each value once, none with two zeros.
  public let entries: [Entry]
  public let referenceCount: Int
  public let currentCount: Int

  /// - Parameter entries: in any order, each value once.
  public init(_ entries: [Entry]) {
    self.entries = entries.filter { $0.reference + $0.current > 0 }.sorted { $0.value < $1.value }
    referenceCount = self.entries.reduce(0) { $0 + $1.reference }
    currentCount = self.entries.reduce(0) { $0 + $1.current }
  }

  /// Counts the values of two samples.
  public init(reference: [Value], current: [Value]) {
    let reference = reference.sorted()
    let current = current.sorted()
    var entries: [Entry] = []
    var i = 0
    var j = 0
    while i < reference.count || j < current.count {
      let value: Value
      if i < reference.count, j < current.count {
        value = min(reference[i], current[j])
      } else {
        value = i < reference.count ? reference[i] : current[j]
      }
      let (firstReference, firstCurrent) = (i, j)
      while i < reference.count, reference[i] == value { i += 1 }
      while j < current.count, current[j] == value { j += 1 }
      entries.append(Entry(value: value, reference: i - firstReference, current: j - firstCurrent))
    }
    self.entries = entries
    referenceCount = reference.count
    currentCount = current.count
  }

  /// How many different values the reference has.
  var distinctInReference: Int { entries.reduce(0) { $0 + ($1.reference > 0 ? 1 : 0) } }

  /// Each value's share of either sample.
  var shares: Shares {
    Shares(
      reference: entries.map { Double($0.reference) / Double(referenceCount) },
      current: entries.map { Double($0.current) / Double(currentCount) })
  }
}

/// Two distributions over the same bins.
struct Shares {
  var reference: [Double]
  var current: [Double]

  /// The Jensen-Shannon distance: the root of the divergence, in nats, as `scipy.spatial.distance.jensenshannon` gives it.
  var jensenShannonDistance: Double {
    var divergence = 0.0
    for (p, q) in zip(reference, current) {
      let middle = (p + q) / 2
      if p > 0 { divergence += p * logarithm(p / middle) }
      if q > 0 { divergence += q * logarithm(q / middle) }
    }
    return max(0, divergence / 2).squareRoot()
  }

  /// The population stability index: Σ (p − q) ln(p / q), empty bins filled as Evidently fills them.
  var populationStabilityIndex: Double {
    zip(Self.filled(reference), Self.filled(current)).reduce(0) { $0 + ($1.0 - $1.1) * logarithm($1.0 / $1.1) }
  }

  private static func filled(_ shares: [Double]) -> [Double] {
    let least = shares.filter { $0 > 0 }.min() ?? 1
    let filling = least <= 0.0001 ? least / 1e6 : 0.0001
    return shares.map { $0 == 0 ? filling : $0 }
  }
}

extension ValueCounts where Value == Double {
  /// The mean of the reference and its standard deviation with divisor n, as NumPy's `std` has it.
  var referenceDeviation: Double {
    let count = Double(referenceCount)
    let mean = entries.reduce(0) { $0 + Double($1.reference) * $1.value } / count
    return (entries.reduce(0) { $0 + Double($1.reference) * ($1.value - mean) * ($1.value - mean) } / count).squareRoot()
  }

  /// The area between the two distribution functions: the first Wasserstein distance.
  var wassersteinDistance: Double {
    distances.enumerated().reduce(0) { sum, item in
      guard item.offset + 1 < entries.count else { return sum }
      return sum + abs(item.element) * (entries[item.offset + 1].value - entries[item.offset].value)
    }
  }

  /// The largest distance between the two distribution functions.
  var kolmogorovStatistic: Double { distances.reduce(0) { max($0, abs($1)) } }

  /// At each value, the reference's distribution function minus the current one's.
  private var distances: [Double] {
    var reference = 0
    var current = 0
    return entries.map { entry in
      reference += entry.reference
      current += entry.current
      return Double(reference) / Double(referenceCount) - Double(current) / Double(currentCount)
    }
  }

  /// Shares by bins of equal width, as many as Sturges' rule gives for both samples together (`numpy.histogram_bin_edges`);
  /// by value where the reference has 20 values or fewer, as Evidently does.
  var binnedShares: Shares {
    guard distinctInReference > 20, let first = entries.first?.value, let last = entries.last?.value else { return shares }
    let width = (last - first) / (binaryLogarithm(Double(referenceCount + currentCount)) + 1)
    let count = max(1, Int(((last - first) / width).rounded(.up)))
    let step = (last - first) / Double(count)
    let edges = (0..<count).map { Double($0) * step + first } + [last]
    var reference = [Int](repeating: 0, count: count)
    var current = reference
    var bin = 0
    for entry in entries {
      while bin + 1 < count, entry.value >= edges[bin + 1] { bin += 1 }
      reference[bin] += entry.reference
      current[bin] += entry.current
    }
    return Shares(
      reference: reference.map { Double($0) / Double(referenceCount) }, current: current.map { Double($0) / Double(currentCount) }
    )
  }
}
