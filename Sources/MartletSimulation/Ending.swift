/// What a run has come to: how each instance ended, and what is recorded of those that succeeded.

import MartletModel
import MartletRun

struct Ending: Equatable {
  let result: RunResult
  let settlements: [TaskInstance: Settlement]
  /// Of what succeeded.
  let made: [TaskInstance: Made]

  struct Made: Equatable {
    let fingerprint: Fingerprint
    let digests: [Digest]
    let verdict: Verdict?
  }

  /// Of a run that has ended.
  init(_ engine: Engine) {
    let world = engine.world
    result = engine.end!.result
    var settlements: [TaskInstance: Settlement] = [:]
    var made: [TaskInstance: Made] = [:]
    for case .settled(let settled) in engine.notices {
      // What an earlier run has done is reused by a later one.
      let settlement = settled.settlement == .reused ? .succeeded : settled.settlement
      settlements[settled.instance] = settlement
      guard settlement == .succeeded, let checkpoint = world.journal.checkpoints[settled.instance] else { continue }
      made[settled.instance] = Made(
        fingerprint: checkpoint.fingerprint, digests: checkpoint.outputs.map(\.digest), verdict: checkpoint.verdict)
      let isThere = checkpoint.collected != nil || world.isIntact(settled.instance)
      world.invariants.require(
        isThere, "\(settled.instance) ended as \(settled.settlement.word) and its outputs are not what is recorded")
    }
    self.settlements = settlements
    self.made = made
  }

  /// The first difference, in words.
  func difference(from other: Ending) -> String? {
    for instance in Set(settlements.keys).union(other.settlements.keys).sorted(by: { $0.key < $1.key }) {
      let (here, there) = (settlements[instance], other.settlements[instance])
      if here != there {
        return "\(instance) is \(here.map { "\($0)" } ?? "left out") instead of \(there.map { "\($0)" } ?? "left out")"
      }
      if made[instance] != other.made[instance] { return "\(instance) was made of something else, or is something else" }
    }
    return result == other.result ? nil : "the result is \(result.rawValue) instead of \(other.result.rawValue)"
  }
}
