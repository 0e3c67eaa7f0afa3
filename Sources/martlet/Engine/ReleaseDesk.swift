/// Where what is in production changes: the one function that makes another release current, and the one that writes history.

import MartletFiles
import MartletModel
import MartletPlan
import MartletStore

extension WorkspaceSession {
  /// Promotes a release again, or goes back to one. Every byte is verified before anything is recorded; what is told as done is synced.
  /// - Parameter user: who decides, as the operating system knows them.
  /// - Throws: `UserError` where nothing moves.
  func move(_ order: ReleaseOrder, user: String) throws -> HistoryEntry {
    history = try HistoryFile(root: location.root).read()
    let catalog = try ReleaseCatalog(root: location.root, history: history)
    let release = try order.release.map(catalog.find)
    if order.isPromotion, let release { try checkMayPromote(release, user) }
    let move: ReleaseMove = if order.isPromotion, let release { .promote(release) } else { .rollBack(to: release) }
    let target: ArtifactPath
    do throws(ReleaseRefusal) {
      target = try move.target(in: history)
    } catch {
      throw UserError(error, history)
    }
    try verify(target, catalog)
    return try record(move.kind, .release(target), by: user, comment: order.comment)
  }

  /// Who may not approve a release at its gate may not go around the gate either.
  private func checkMayPromote(_ release: ArtifactPath, _ user: String) throws {
    let gates = loaded.pipeline.tasks.compactMap(\.gate).filter { $0.subject != nil }
    let requester = history.requester(of: release)
    let refusals = gates.compactMap { GateApprovers($0, requester: requester).refusal(of: user) }
    guard let refusal = refusals.first, refusals.count == gates.count else { return }
    throw UserError(
      "\(user) may not promote \(release.releaseName): \(refusal.wordsOnPromotion)",
      hint: "ask an approver, or change approvers: in \(location.pipelineFile)")
  }

  private func verify(_ release: ArtifactPath, _ catalog: ReleaseCatalog) throws {
    let faults = try catalog.faults(of: release)
    guard !faults.isEmpty else { return }
    let others = history.promoted.filter { $0 != release && $0 != history.current }.map(\.releaseName)
    throw UserError(
      "the release \(release.releaseName) is damaged, and artifact/current stays where it is",
      facts: faults.map { ("damage", "\(release)\($0)") },
      hint: "put the folder back from a backup" + (others.first.map { ", or `martlet rollback --to \($0) -m \"why\"`" } ?? ""))
  }

  /// Writes the next entry of the history, synced, then moves the link that it may speak of. The release must be verified.
  /// - Parameter settledBy: the decision that counts, where this one comes second and changes nothing.
  func record(
    _ kind: HistoryEntry.Kind, _ subject: HistoryEntry.Subject, by user: String, comment: String?,
    figures: [String: ConfigurationValue] = [:], requester: String? = nil, settledBy: Int? = nil
  ) throws -> HistoryEntry {
    let at = TimeText.timestamp(host.wallSeconds())
    let entry = history.next(
      kind, subject, at: at, by: user, comment: comment, figures: figures, requester: requester, settledBy: settledBy)
    try production.record(entry, in: &history)
    return entry
  }
}

extension UserError {
  init(_ refusal: ReleaseRefusal, _ history: History) {
    switch refusal {
    case .nothingPromoted: self = .nothingPromoted
    case .isCurrent(let release):
      let entry = history.promotion(of: release)
      self.init(
        "\(release.releaseName) is the current release already", facts: entry.map { [("by", $0.by), ("at", $0.at)] } ?? [],
        hint: "`martlet releases` lists the others")
    case .neverPromoted(let release):
      self.init(
        "\(release.releaseName) was never promoted",
        hint: "a new release goes through its gate: `martlet gates` shows what it waits for")
    case .nothingBefore(let current):
      self.init(
        "there is no release to go back to", facts: [("current", current.releaseName)],
        hint: "no release was promoted before it; `martlet releases` lists all there are")
    case .cutOff(let release):
      self.init(
        "\(release.releaseName) does not lie before the current release: it was rolled back",
        facts: history.current.map { [("current", $0.releaseName)] } ?? [],
        hint: "`martlet promote \(release.releaseName)` makes it current again")
    }
  }
}
