/// What the history says of gates, as planning needs it.

import MartletModel

extension History {
  /// The decisions on gates, by gate and evidence; the last one counts, and an approval lapses when going back cuts off its release.
  public var gateDecisions: [GateEvidence: GateDecision] {
    let promoted = Set(promoted)
    var decisions: [GateEvidence: GateDecision] = [:]
    for entry in entries {
      guard let (gate, evidence) = entry.decidedGate else { continue }
      decisions[GateEvidence(gate: gate, evidence: evidence)] =
        entry.hasLapsed(among: promoted) ? .lapsed : entry.kind == .approved ? .approved : .rejected
    }
    return decisions
  }
}
