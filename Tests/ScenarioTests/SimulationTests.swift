/// However often the engine is killed, whatever breaks and in whatever order answers arrive, the end is that of an undisturbed run.
/// `martlet selftest --simulate` plays many more.

@testable import MartletSimulation
import Testing

struct SimulationTests {
  @Test func nothingThatBefallsARunLeavesATrace() {
    for seed in 0..<60 as Range<UInt64> {
      if let breach = Simulation.run(seed: seed).breach { Issue.record("seed \(seed): \(breach)") }
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func aHitAtEveryStepIsMadeUpFor(seed: UInt64) {
    var steps = 0
    var isOver = false
    while !isOver {
      let end: Scenario.Round.End = steps % 2 == 0 ? .kill : .powerLoss
      let outcome = Simulation.run(Scenario(seed: seed).hitOnce(end, steps: steps, lastDeeds: steps % 3))
      if let breach = outcome.breach { Issue.record("seed \(seed), \(end.rawValue) at step \(steps): \(breach)") }
      isOver = end == .kill && outcome.tally[.kills] == 0
      steps += 1
    }
    #expect(steps > 5)
  }

  /// A loss of power kept the exchange of an edited output and forgot the intent: the edit was thrown away with the staging.
  @Test func whatAPersonWroteOutlivesTheIntentThatReplacedIt() {
    let omitted: Set = [0, 2, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 17, 20, 21, 22, 23, 24]
    #expect(Simulation.run(seed: 2_705, omitting: omitted).breach == nil)
    #expect(Simulation.run(seed: 2_705).breach == nil)
  }

  /// A decision that a killed command had written and not synced let a run go on, and a loss of power took it.
  @Test func runsRestOnNoDecisionThatMayBeGone() {
    #expect(Simulation.run(seed: 97, omitting: [2, 6, 8, 9, 10, 11, 12, 15, 17, 18, 20]).breach == nil)
    #expect(Simulation.run(seed: 97).breach == nil)
  }

  /// An attempt that had read an edited output was taken over for one that had read the bytes that were made again.
  @Test func whatReadAnEditIsNotTakenOver() {
    #expect(Simulation.run(seed: 18_853, omitting: [3, 6, 7, 8, 10, 11]).breach == nil)
    #expect(Simulation.run(seed: 18_853).breach == nil)
  }

  @Test func aSeedIsTheSameEveryTime() {
    for seed in 0..<10 as Range<UInt64> { #expect(Simulation.run(seed: seed).tally == Simulation.run(seed: seed).tally) }
  }

  @Test func aDiskThatLiesIsFoundOut() {
    let breaches = (0..<60).compactMap { Simulation.run(seed: $0, diskLies: true).breach }
    #expect(breaches.contains { $0.hasPrefix("told to be done, and gone") })
  }

  @Test func whatIsLeftOutChangesNothingElse() {
    for seed in 0..<50 as Range<UInt64> {
      let whole = Simulation.story(seed: seed, omitting: [])
      let last = Simulation.partCount(seed: seed) - 1
      // A line that goes, or one that says less.
      let changed = Set(whole).symmetricDifference(Simulation.story(seed: seed, omitting: [last]))
      #expect(changed.count <= 2, "\(seed): \(changed)")
    }
  }

  @Test func aFailureIsShrunkToWhatItNeeds() {
    var trials = 0
    let omitted = Simulation.shrink(partCount: 40) { omitted in
      trials += 1
      return omitted.isDisjoint(with: [3, 17, 18])
    }
    #expect(omitted == Set(0..<40).subtracting([3, 17, 18]))
    #expect(trials < 100)
    #expect(Simulation.shrink(partCount: 0) { _ in true }.isEmpty)
  }
}
