/// However often the engine is killed, and in whatever order answers arrive, the end is that of an undisturbed run.

import MartletModel
import MartletPlan
import MartletRun
import Testing
import TestPipelines

struct SimulationTests {
  /// What a world has come to: every file a person sees, and what is recorded of it.
  private struct Ending: Equatable {
    let files: [String: String]
    let fingerprints: [TaskInstance: Fingerprint]
    let settlements: [String: Settlement]
    let result: RunResult

    init(_ world: World, _ report: RunReport) {
      files = world.files.visible
      fingerprints = world.journal.checkpoints.mapValues(\.fingerprint)
      // What an earlier, killed run has done is reused by the last one.
      settlements = report.settlements.mapValues { $0 == .reused ? .succeeded : $0 }
      result = report.result
    }
  }

  @Test(arguments: 0..<250)
  func killsLeaveNoTrace(seed: Int) {
    let drawn = RandomWorld(seed: UInt64(seed))
    var generator = SeededGenerator(seed: UInt64(seed) &+ 1_000_000)
    let edited = drawn.sources.keys.sorted().randomElement(using: &generator)!
    let undisturbed = drawn.world()
    undisturbed[edited] = "edited"
    let expected = Ending(undisturbed, undisturbed.run())

    let world = drawn.world()
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let steps = Int.random(in: 1...60, using: &generator)
      let width = Int.random(in: 1...4, using: &generator)
      let options = RunOptions(
        capacity: Resources(cpu: width, memoryBytes: 8_000), seed: generator.next(), order: generator)
      if world.runKilled(after: steps, options) { break }
      // Some processes end while nobody watches, some go on; one may be gone with the machine.
      for attempt in world.processes.running where Bool.random(using: &generator) {
        world.processes.complete(attempt, at: world.now)
      }
      if let attempt = world.processes.running.first, Int.random(in: 0..<8, using: &generator) == 0 {
        world.processes.lose(attempt)
      }
      if Bool.random(using: &generator) { world[edited] = "edited" }
    }
    world[edited] = "edited"
    let report = world.run(RunOptions(order: generator))
    #expect(Ending(world, report) == expected)
    #expect(world.processes.running.isEmpty)
    #expect(world.files.asides.isEmpty)
  }

  @Test(arguments: 0..<100)
  func orderAndWidthDoNotMatter(seed: Int) {
    let drawn = RandomWorld(seed: UInt64(seed))
    let undisturbed = drawn.world()
    let expected = Ending(undisturbed, undisturbed.run())
    let world = drawn.world()
    let wide = RunOptions(
      capacity: Resources(cpu: 8, memoryBytes: 64_000), seed: 2, order: SeededGenerator(seed: UInt64(seed) &+ 2_000_000))
    #expect(Ending(world, world.run(wide)) == expected)
  }

  @Test(arguments: 0..<100)
  func aSecondRunRepeatsNoSuccess(seed: Int) {
    let world = RandomWorld(seed: UInt64(seed)).world()
    let first = world.run()
    let before = world.journal.checkpoints
    let second = world.run()
    let succeeded = Set(first.settlements.filter { $0.value == .succeeded }.keys)
    #expect(succeeded.isDisjoint(with: second.ran.filter { second.settlements[$0] != .succeeded }))
    if first.result == .succeeded { #expect(second.ran.isEmpty) }
    for (instance, checkpoint) in before where first.result == .succeeded {
      #expect(world.journal.checkpoints[instance] == checkpoint)
    }
  }
}
