// People who decide, and what becomes current by it.

import MartletModel
import MartletPlan
import MartletRun

extension World {
  /// What whoever holds the workspace does before anything rests on the history.
  func takeUpProduction() throws {
    history = production.history()
    switch try production.takeUp(history) {
    case .asRecorded, .finished:
      invariants.require(production.link == history.current, "the history says \(history.current as Any), and current is another")
    // What a person damaged stays away from production.
    case .damaged: break
    case .historyIsCut: invariants.fail("the history lacks an entry that was known")
    }
    invariants.require(production.isSynced, "runs rest on decisions that a loss of power may take")
    examineDecisions()
  }

  /// Whatever was told as decided is in the history, as it was told.
  func examineDecisions() {
    let entries = history.entries
    for entry in toldDecisions {
      let isThere = entry.sequence <= entries.count && entries[entry.sequence - 1] == entry
      invariants.require(isThere, "decision \(entry.sequence) was told and is gone")
    }
  }

  /// Decides on a gate as it stands now; an approval promotes what the gate is about. On one that was decided already it is only recorded.
  /// - Returns: what was decided on; `nil` if the gate does not wait for a decision, or if it could not be recorded.
  @discardableResult
  func decide(_ gate: String, _ decision: GateDecision) -> GateEvidence? {
    history = production.history()
    let entry = planner(.everything).plan(facts).entries.first { $0.instance.task == gate }
    guard let entry, let ingredients = entry.ingredients else { return nil }
    let earlier = entry.action == .wait ? nil : history.decision(onGate: gate, evidence: ingredients.fingerprint)
    guard entry.action == .wait || earlier != nil else { return nil }
    let release = decision == .approved && earlier == nil ? subject(of: gate) : nil
    if let release, !production.faults(of: release).isEmpty { return nil }
    let subject = HistoryEntry.Subject.gate(gate, evidence: ingredients.fingerprint, shown: [:], release: release)
    let isRecorded = record(decision == .approved ? .approved : .rejected, subject, settledBy: earlier?.sequence)
    return isRecorded && earlier == nil ? GateEvidence(gate: gate, evidence: ingredients.fingerprint) : nil
  }

  /// The release that an approval of the gate promotes.
  private func subject(of gate: String) -> ArtifactPath? {
    guard let reference = pipeline.task(gate)?.gate?.subject,
      let output = journal.checkpoints[TaskInstance(task: reference.task)]?.outputs.first(where: { $0.name == reference.output })
    else { return nil }
    production.show(output.path, output.digest)
    return output.path
  }

  /// Goes back, or makes a release current again that once was.
  /// - Returns: whether anything moved.
  func move(_ move: ReleaseMove) -> Bool {
    history = production.history()
    let target: ArtifactPath
    do {
      target = try move.target(in: history)
    } catch {
      return false
    }
    return production.faults(of: target).isEmpty && record(move.kind, .release(target))
  }

  /// What a run does at its end about a failing verdict on what is in production.
  func revert(after breach: Breach) {
    guard let target = breach.ways(in: history)?.first(where: { production.faults(of: $0).isEmpty }) else { return }
    invariants.require(!history.isPinned, "a pinned release is left by itself")
    _ = record(.reverted, .breach(release: target, task: breach.task, evidence: breach.fingerprint))
  }

  /// Decides on a task's verdict as it stands now; a second decision changes nothing.
  /// - Returns: `nil` if the task has no checkpoint, or if it could not be recorded.
  @discardableResult
  func rule(_ task: String, _ ruling: VerdictRuling) -> JudgedVerdict? {
    history = production.history()
    let instance = TaskInstance(task: task)
    guard let checkpoint = journal.checkpoints[instance] else { return nil }
    let verdict = JudgedVerdict(instance: instance, fingerprint: checkpoint.fingerprint)
    let id = Incident.id(instance, .threshold, checkpoint.fingerprint)
    let isRecorded = record(
      ruling == .accepted ? .incidentAccepted : .incidentRejected,
      .incident(id, task: instance, evidence: checkpoint.fingerprint, shown: [:])
    ) { try self.note($0, on: verdict, ruling) }
    return isRecorded ? verdict : nil
  }

  /// - Parameter follow: what is done before it is told.
  /// - Returns: whether it is told as done.
  private func record(
    _ kind: HistoryEntry.Kind, _ subject: HistoryEntry.Subject, settledBy: Int? = nil,
    _ follow: (HistoryEntry) throws -> Void = { _ in }
  ) -> Bool {
    let entry = history.next(kind, subject, at: timestamp, by: "ann", comment: nil, settledBy: settledBy)
    if let (gate, evidence) = entry.decidedGate, let earlier = history.decision(onGate: gate, evidence: evidence) {
      invariants.require(earlier.hasLapsed(among: Set(history.promoted)), "\(gate) is decided twice")
    }
    do {
      try production.record(entry, in: &history)
      try follow(entry)
    } catch {
      return false
    }
    toldDecisions.append(entry)
    return true
  }

  /// Now, as the history tells times.
  var timestamp: String {
    let seconds = Int(now)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(CalendarDay(ordinal: seconds / 86_400))T\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))Z"
  }
}
