/// Which attempts hold a share of the machine, seen in what one event after the other brings about.

import MartletModel
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct ShareTests {
  private func begun(batch: Int, days count: Int = 8) -> RunState {
    let world = World.flights(days: 1...count, batch: batch)
    var state = world.state(RunOptions(capacity: Resources(cpu: 1, memoryBytes: 8_000)))
    #expect(days(state.apply(.began, now: 0)) == [batch])
    return state
  }

  /// Of each attempt that is prepared the number of days.
  private func days(_ transition: Transition) -> [Int] { prepared(transition).map(\.items.count) }

  private func prepared(_ transition: Transition) -> [AttemptPlan] {
    transition.effects.compactMap { effect in
      guard case .prepare(let plan) = effect else { return nil }
      return plan
    }
  }

  /// - Returns: the days of what is prepared once that one's process has ended.
  private func exit(_ attempt: String, _ status: Int32, _ state: inout RunState) -> [Int] {
    _ = state.apply(.prepared(attempt: attempt, .ready), now: 0)
    let exit = ExitRecord(attempt: attempt, status: .exited(status), startedAt: 0, endedAt: 0)
    return days(state.apply(.executor(.exited(exit)), now: 0))
  }

  @Test func theNextBatchStartsWhileOneThatEndedWellIsVerified() {
    var state = begun(batch: 2)
    #expect(exit("r1.1", 0, &state) == [2])
  }

  @Test func whatIsBeingPublishedCannotPileUp() {
    var state = begun(batch: 1, days: 20)
    for number in 1...8 { #expect(exit("r1.\(number)", 0, &state) == [1]) }
    #expect(exit("r1.9", 0, &state) == [])
  }

  @Test func nothingStartsBeforeItIsKnownWhatFollowsAFailure() {
    var state = begun(batch: 2)
    #expect(exit("r1.1", 1, &state) == [])
  }

  @Test func theNextStartsWhileOneAloneIsVerified() {
    var state = begun(batch: 1)
    #expect(exit("r1.1", 0, &state) == [1])
  }
}
