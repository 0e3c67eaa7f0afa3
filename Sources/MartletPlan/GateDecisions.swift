/// What the history says of gates, as planning needs it.

import MartletModel

extension History {
  /// The decisions on gates, by gate and evidence; the last one counts, and an approval lapses when going back cuts off its release.
  public var gateDecisions: [GateEvidence: GateDecision] {
    let promoted = Set(promoted)
    var decisions: [GateEvidence: GateDecision] = [:]
    for entry in entries where entry.settledBy == nil && entry.kind != .asked {
      guard case .gate(let gate, let evidence, _, _) = entry.subject else { continue }
      let hasLapsed = entry.release.map { !promoted.contains($0) } ?? false
      decisions[GateEvidence(gate: gate, evidence: evidence)] =
        hasLapsed ? .lapsed : entry.kind == .approved ? .approved : .rejected
    }
    return decisions
  }
}
