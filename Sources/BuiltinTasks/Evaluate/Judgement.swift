/// The verdict of an evaluation and the findings that it follows from.

import MartletModel

/// A rule that was broken.
struct BrokenRule: Equatable {
  let verdict: Verdict
  /// `auc 0.5812 is below 0.6000 (fail)`.
  let message: String
  let metric: String
  let value: Double?
  let limit: Double

  var json: ConfigurationValue {
    .map([
      "verdict": .text(verdict.rawValue), "message": .text(message), "metric": .text(metric),
      "value": value.map { .number($0) } ?? .null, "limit": .number(limit),
    ])
  }
}

struct Judgement {
  /// Worst first.
  let findings: [BrokenRule]

  init(_ findings: [BrokenRule]) {
    self.findings = findings.enumerated().sorted { left, right in
      (left.element.verdict == .fail ? 0 : 1, left.offset) < (right.element.verdict == .fail ? 0 : 1, right.offset)
    }.map(\.element)
  }

  var verdict: Verdict { findings.first?.verdict ?? .pass }

  /// One line for a person.
  func message(otherwise: String) -> String {
    findings.isEmpty ? otherwise : findings.map(\.message).joined(separator: "; ")
  }

  /// What the limits say of a model's metrics.
  static func limits(_ declaration: ThresholdDeclaration, _ metrics: Metrics) -> [BrokenRule] {
    declaration.limits.compactMap { limit in
      let name = limit.metric.rawValue
      guard let value = metrics.values[name] else {
        guard let bound = limit.fail ?? limit.warn else { return nil }
        return BrokenRule(
          verdict: limit.fail == nil ? .warn : .fail,
          message: "\(name) cannot be computed on the test window, though it has a limit",
          metric: name, value: nil, limit: bound)
      }
      for (verdict, bound) in [(Verdict.fail, limit.fail), (.warn, limit.warn)] {
        guard let bound, limit.metric.largerIsBetter ? value < bound : value > bound else { continue }
        let side = limit.metric.largerIsBetter ? "below" : "above"
        return BrokenRule(
          verdict: verdict, message: "\(name) \(shortened(value)) is \(side) \(shortened(bound)) (\(verdict.rawValue))",
          metric: name,
          value: value, limit: bound)
      }
      return nil
    }
  }

  /// What the comparison with the promoted release says.
  static func champion(_ rule: ThresholdDeclaration.ChampionRule?, _ metrics: Metrics, _ champion: Champion?) -> [BrokenRule] {
    guard let rule, case .scored(let other, let version)? = champion else { return [] }
    let name = rule.metric.rawValue
    guard let value = metrics.values[name], let best = other.values[name] else { return [] }
    let shortfall = rule.metric.largerIsBetter ? best - value : value - best
    guard shortfall > rule.tolerance else { return [] }
    return [
      BrokenRule(
        verdict: rule.verdict,
        message: """
          \(name) \(shortened(value)) is worse than \(shortened(best)) of the promoted release \(version) by more than \
          \(shortened(rule.tolerance)) (\(rule.verdict.rawValue))
          """,
        metric: name, value: value, limit: best)
    ]
  }

  /// What drift says.
  static func drift(_ declaration: DriftDeclaration, _ table: DriftTable) -> [BrokenRule] {
    var findings: [BrokenRule] = []
    if let verdict = declaration.verdict.verdict, table.datasetDrifted(from: declaration.share) {
      findings.append(
        BrokenRule(
          verdict: verdict,
          message: """
            \(table.drifted) of \(table.counted) features drifted, a share of \(shortened(table.share, digits: 2)) and so not below \
            \(shortened(declaration.share, digits: 2)) (\(verdict.rawValue))
            """,
          metric: "drift_share", value: table.share, limit: declaration.share))
    }
    if let verdict = declaration.score.verdict, let score = table.score.result, score.drifted {
      findings.append(
        BrokenRule(
          verdict: verdict,
          message:
            "the score drifted: \(score.test.title) \(shortened(score.value)), limit \(shortened(score.test.limit)) (\(verdict.rawValue))",
          metric: "score_drift", value: score.value, limit: score.test.limit))
    }
    return findings
  }
}

/// The promoted release on the same rows.
enum Champion {
  case scored(Metrics, version: String)
  case notComparable(reason: String, version: String)

  var json: ConfigurationValue {
    switch self {
    case .scored(let metrics, let version):
      .map(["model_version": .text(version), "comparable": .boolean(true), "metrics": metrics.json])
    case .notComparable(let reason, let version):
      .map(["model_version": .text(version), "comparable": .boolean(false), "reason": .text(reason)])
    }
  }
}
