/// However often the engine is killed, and in whatever order answers arrive, the end is that of an undisturbed run.

import MartletModel
import MartletPlan
import MartletRun
import Testing
import TestPipelines

struct SimulationTests {
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

  @Test func noLossOfPowerTakesWhatWasTold() {
    for seed in Storm.seeds {
      let storm = Storm(seed: seed)
      guard let problem = storm.problem() else { continue }
      let smallest = storm.shrunk()
      Issue.record(
        """
        seed \(seed): \(problem)
        the smallest storm that shows it: \(smallest.blows), \(smallest.problem() ?? "")
        again: SIMULATION_SEED=\(seed) SIMULATION_SEEDS=1
        """)
      return
    }
  }

  @Test(arguments: 0..<12)
  func aCrashAtEveryStepIsMadeUpFor(seed: UInt64) {
    var steps = 1
    while true {
      let storm = Storm(seed: seed, blows: [Storm.Blow(steps: steps, kind: steps % 2 == 0 ? .kill : .powerLoss)])
      if let problem = storm.problem() { Issue.record("seed \(seed), step \(steps): \(problem)") }
      if storm.isOver { break }
      steps += 1
    }
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
