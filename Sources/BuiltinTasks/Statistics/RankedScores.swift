// Scores in ascending order with their labels, from which AUC and the ROC curve follow.

/// Scores of a binary model with what came true, sorted by score.
public struct RankedScores: Sendable {
  /// One point of the ROC curve: at `threshold` and above a score counts as positive.
  public struct Point: Equatable, Sendable {
    public let threshold: Double
    public let falsePositiveRate: Double
    public let truePositiveRate: Double
  }

  /// Rows with one and the same score.
  private struct Group {
    let score: Double
    var positives: Int
    var negatives: Int
  }

  private let groups: [Group]
  public let positives: Int
  public let negatives: Int

  /// - Parameters:
  ///   - scores: finite numbers.
  ///   - labels: 0 or 1, as many as scores.
  public init(scores: [Double], labels: [Float]) {
    precondition(scores.count == labels.count, "\(scores.count) scores, \(labels.count) labels")
    var groups: [Group] = []
    for index in scores.indices.sorted(by: { scores[$0] < scores[$1] }) {
      if groups.last?.score != scores[index] { groups.append(Group(score: scores[index], positives: 0, negatives: 0)) }
      if labels[index] > 0.5 {
        groups[groups.count - 1].positives += 1
      } else {
        groups[groups.count - 1].negatives += 1
      }
    }
    self.groups = groups
    positives = groups.reduce(0) { $0 + $1.positives }
    negatives = groups.reduce(0) { $0 + $1.negatives }
  }

  /// The probability that a positive scores above a negative, ties counting one half (Mann and Whitney). Nil with one class only.
  public var areaUnderCurve: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    // Counted in halves, so that the sum is exact.
    var halves = 0
    var negativesBelow = 0
    for group in groups {
      halves += group.positives * (2 * negativesBelow + group.negatives)
      negativesBelow += group.negatives
    }
    return Double(halves) / 2 / (Double(positives) * Double(negatives))
  }

  /// The ROC curve from (0, 0) to (1, 1), thinned to about `limit` points that lie evenly along the curve.
  public func curve(limit: Int = 200) -> [Point] {
    guard positives > 0, negatives > 0 else { return [] }
    var points = [Point(threshold: .infinity, falsePositiveRate: 0, truePositiveRate: 0)]
    var truePositives = 0
    var falsePositives = 0
    var lastStep = 0
    for (index, group) in groups.reversed().enumerated() {
      truePositives += group.positives
      falsePositives += group.negatives
      let point = Point(
        threshold: group.score, falsePositiveRate: Double(falsePositives) / Double(negatives),
        truePositiveRate: Double(truePositives) / Double(positives))
      // The two rates together run from 0 to 2 along the curve.
      let step = Int((point.falsePositiveRate + point.truePositiveRate) / 2 * Double(limit))
      if step > lastStep || index == groups.count - 1 {
        points.append(point)
        lastStep = step
      }
    }
    return points
  }
}
