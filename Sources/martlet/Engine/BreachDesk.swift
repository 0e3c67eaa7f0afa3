/// Goes back, at a run's end, when the release in production breached its thresholds and `on_breach: revert` says so.

import MartletFiles
import MartletModel
import MartletPlan

/// What a run made of a breach by the release in production.
struct BreachAnswer {
  /// Who judged so, and the judgement's fingerprint.
  let breach: Breach
  /// The release in production that broke its limits.
  let judged: ArtifactPath
  /// The release that it went back to; `nil` where the one in production stays.
  let reverted: ArtifactPath?
  /// What was passed over on the way.
  let passedOver: [String]
  /// What is in production now, and why.
  let outcome: String
}

extension WorkspaceSession {
  /// - Parameter user: who ran it.
  /// - Returns: `nil` without a breach, and for one that nothing is to be done about.
  func revertAfterBreach(user: String) throws -> BreachAnswer? {
    // From a record that someone cut, neither what is in production nor the way back can be read.
    guard try production.holdsKnownEnd(history), let current = history.current else { return nil }
    for judgement in try store.reader.judgements(in: loaded.pipeline) {
      guard judgement.figures["on_breach"] == .text("revert"), try fails(judgement, current),
        let end = try store.reader.attempt(judgement.attempt)?.end
      else { continue }
      let breach = Breach(task: judgement.instance, fingerprint: judgement.fingerprint, at: end.at)
      if let answer = try revert(breach, judgement, from: current, user) { return answer }
    }
    return nil
  }

  /// Whether a judgement is a failing verdict on the release: on it as the champion that others were compared with, or on the model that
  /// is packed in it. One that a person accepted is none.
  private func fails(_ judgement: RecordedJudgement, _ release: ArtifactPath) throws -> Bool {
    if judgement.champion == release.releaseName { return judgement.fails(release) }
    let verdict = JudgedVerdict(instance: judgement.instance, fingerprint: judgement.fingerprint)
    guard judgement.verdict == .fail, history.rulings[verdict] != .accepted else { return false }
    return try ReleaseFolder(root: location.root, path: release).manifest().map { judgement.isOn($0.lineage) } ?? false
  }

  private func revert(
    _ breach: Breach, _ judgement: RecordedJudgement, from current: ArtifactPath, _ user: String
  ) throws -> BreachAnswer? {
    guard let ways = breach.ways(in: history) else { return nil }
    let catalog = try ReleaseCatalog(root: location.root, history: history)
    var passedOver: [String] = []
    for release in ways {
      if judgement.fails(release) {
        passedOver.append("passed over: \(release.releaseName) breaks its limits too")
        continue
      }
      let faults = try catalog.faults(of: release)
      guard faults.isEmpty else {
        passedOver += faults.map { "damaged, and passed over: \(release)\($0)" }
        continue
      }
      let entry = try record(
        .reverted, .breach(release: release, task: breach.task, evidence: breach.fingerprint), by: user,
        comment: "\(breach.task) judged \(current.releaseName): fail")
      return BreachAnswer(
        breach: breach, judged: current, reverted: release, passedOver: passedOver, outcome: entry.sentence)
    }
    let want = ways.isEmpty ? "no release was promoted before it" : "no release before it is fit to go back to"
    return BreachAnswer(
      breach: breach, judged: current, reverted: nil, passedOver: passedOver,
      outcome: "the release \(current.releaseName) breaks its limits and stays current: \(want)")
  }
}

extension RecordedJudgement {
  /// The name of the promoted release that it compared with.
  fileprivate var champion: String? { figures["champion"]?.display }

  /// Whether it compared with this release, and the release broke its limits.
  func fails(_ release: ArtifactPath) -> Bool {
    champion == release.releaseName && figures["champion_verdict"] == .text(Verdict.fail.rawValue)
  }
}
