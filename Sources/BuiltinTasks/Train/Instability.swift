/// How a training was unstable: what diverged, in which round, and the values that show it.

/// Thrown by a training; `Train` turns it into a report and a failure of class `unstable`.
struct Instability: Error {
  /// The watched metric after each round.
  struct Curve {
    /// `validation`, or which fold.
    let name: String
    /// Perhaps not finite at the end.
    let values: [Double]
  }

  enum Finding {
    /// A loss, or what the model predicts, is no number.
    case notFinite
    /// The metric never reached its floor.
    case floor(Double)
    /// Two folds are further apart than the limit.
    case spread(limit: Double)

    var word: String {
      switch self {
      case .notFinite: "not_finite"
      case .floor: "floor"
      case .spread: "spread"
      }
    }

    /// What a person may try.
    var advice: [String] {
      switch self {
      case .notFinite:
        [
          "A smaller `learning_rate`, more `min_data_in_leaf` or some `lambda_l2` under `parameters` of `config/train.yaml`.",
          "Features or a label with extreme values: `reports/data_profile.json` has the smallest and the largest of each column.",
        ]
      case .floor:
        [
          "Whether the data of the last days are what they were: `reports/validation_summary.md`.",
          "More rounds if the curve still rises at its end; fewer leaves if it falls after its best round.",
          "Another `floor` under `stability` of `config/train.yaml`, if this is as good as the data allow.",
        ]
      case .spread:
        [
          "What is different in the days of the worse fold: `reports/data_profile.json`, `reports/validation_summary.md`.",
          "Fewer leaves or more `min_data_in_leaf`, if the folds part only after some rounds: then the model learns by heart.",
          "Fewer folds or another `max_spread` under `stability` of `config/train.yaml`, if the days differ by nature.",
        ]
      }
    }
  }

  let finding: Finding
  /// A sentence without its end, such as `the auc of round 12 is not a number`.
  let reason: String
  /// Where it went wrong, counted from 1.
  let round: Int?
  let curves: [Curve]
  /// The metric of each fold, as far as they were trained.
  var folds: [Double] = []

  /// The first round from which on two curves stay further apart than a limit; `nil` if they are not at the end.
  static func parting(_ first: [Double], _ second: [Double], limit: Double) -> Int? {
    var round: Int?
    for index in (0..<min(first.count, second.count)).reversed() {
      guard abs(first[index] - second[index]) > limit else { break }
      round = index + 1
    }
    return round
  }
}
