// Makes a scenario that fails small: leaves out parts, many at first and then one by one, as long as it still fails.

extension Simulation {
  /// - Parameters:
  ///   - partCount: how many parts the scenario has.
  ///   - fails: whether it fails without these parts.
  /// - Returns: the parts that can be left out; without any one of the others it does not fail any more.
  public static func shrink(partCount: Int, fails: (Set<Int>) -> Bool) -> Set<Int> {
    var omitted: Set<Int> = []
    var width = max(1, partCount / 2)
    while true {
      var isSmaller = false
      let left = (0..<partCount).filter { !omitted.contains($0) }
      for begin in stride(from: 0, to: left.count, by: width) {
        let candidate = omitted.union(left[begin..<min(begin + width, left.count)])
        if candidate.count > omitted.count, fails(candidate) {
          omitted = candidate
          isSmaller = true
        }
      }
      if isSmaller { continue }
      guard width > 1 else { return omitted }
      width /= 2
    }
  }
}
