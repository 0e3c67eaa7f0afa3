/// The nearest known name for a misspelt one, for "did you mean".
public enum Suggestion {
  /// The candidate with the smallest edit distance to `name`, if it is near enough to be what was meant: at most a third of the longer
  /// name's length, and at least one edit is always allowed.
  public static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate != name {
      let limit = max(1, max(name.count, candidate.count) / 3)
      let distance = editDistance(Array(name), Array(candidate))
      guard distance <= limit else { continue }
      if best.map({ (distance, candidate) < ($0.distance, $0.candidate) }) ?? true { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// Damerau's edit distance restricted to neighbouring transpositions (optimal string alignment).
  static func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for row in 1...left.count {
      var current = [row]
      for column in 1...right.count {
        let substitution = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
        var distance = min(previous[column] + 1, current[column - 1] + 1, substitution)
        if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
          distance = min(distance, beforePrevious[column - 2] + 1)
        }
        current.append(distance)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[right.count]
  }
}
