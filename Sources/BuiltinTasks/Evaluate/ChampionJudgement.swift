/// What the limits say of the promoted release on the new rows, which `on_breach` acts upon.

import MartletModel

extension Evaluation {
  /// `nil` without a release that can read these features. Only the limits count: drift is the data's, and the champion has no champion.
  private var championJudgement: Judgement? {
    guard case .scored(let metrics, _)? = champion else { return nil }
    return Judgement(Judgement.limits(thresholds, metrics))
  }

  var championJSON: ConfigurationValue {
    guard case .map(var entries)? = champion?.json else { return .null }
    if let judgement = championJudgement {
      entries["verdict"] = .text(judgement.verdict.rawValue)
      entries["findings"] = .list(judgement.findings.map(\.json))
    }
    return .map(entries)
  }

  /// What a person should know of the release in production; `nil` while it keeps its limits.
  var championMessage: String? {
    guard case .scored(_, let version)? = champion, let judgement = championJudgement, judgement.verdict == .fail else {
      return nil
    }
    return "the promoted release \(version): \(judgement.message(otherwise: ""))"
  }

  /// The release that was compared with and its verdict; `on_breach` where it is `revert` and there is a breach.
  var championFigures: [String: Figure] {
    var figures: [String: Figure] = [:]
    if case .scored(_, let version)? = champion, let judgement = championJudgement {
      figures["champion"] = .text(version)
      figures["champion_verdict"] = .text(judgement.verdict.rawValue)
    }
    if thresholds.onBreach == .revert, judgement.verdict == .fail || championJudgement?.verdict == .fail {
      figures["on_breach"] = .text(ThresholdDeclaration.OnBreach.revert.rawValue)
    }
    return figures
  }
}
