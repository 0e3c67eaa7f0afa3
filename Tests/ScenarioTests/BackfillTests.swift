/// Runs that work for a backfill: in which order partitions come, how such a run makes room, and what it does when the pipeline changes.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct BackfillTests {
  private func world(days: ClosedRange<Int> = 1...4, retries: [FailureClass: Int] = [:]) -> World {
    World(
      .testing(
        [
          .command(
            "part", in: ["x=raw/${{ dt }}"], out: ["o=part/${{ dt }}"], each: "dt", code: ["./tool"],
            resources: ResourceRequest(cpu: 2), retries: retries),
          .command(
            "score", in: ["x=part.o"], out: ["o=score/${{ dt }}"], each: "dt", resources: ResourceRequest(cpu: 2)),
          .command("join", in: ["x=score.o"], out: ["o=./joined"]),
        ], days: days),
      sources: Dictionary(uniqueKeysWithValues: days.map { ("raw/2013-01-0\($0)", "\($0)") }).merging(["./tool": "1"]) { $1 })
  }

  private func partitions(_ world: World) -> Set<TaskInstance> {
    BackfillPlanner(
      pipeline: world.pipeline, partitions: world.pipeline.partitionsByName, range: PartitionRange("dt=2013-01-01..2013-12-31")!,
      tasks: [], choice: .stale
    ).candidates
  }

  private func options(_ world: World, _ order: PartitionOrder = .oldest) -> RunOptions {
    RunOptions(selection: Selection(instances: partitions(world)), partitionOrder: order)
  }

  /// `part 01`
  private func short(_ instances: [String]) -> [String] { instances.map { $0.replacing("dt=2013-01-", with: "") } }

  @Test(arguments: [
    (PartitionOrder.oldest, ["part 01", "score 01", "part 02", "score 02", "part 03", "score 03"]),
    (.newest, ["part 03", "score 03", "part 02", "score 02", "part 01", "score 01"]),
  ])
  func aDayIsFinishedBeforeTheNextBegins(_ order: PartitionOrder, _ expected: [String]) {
    let world = world(days: 1...3)
    let report = world.run(options(world, order))
    #expect(short(report.ran) == expected)
    #expect(report.result == .succeeded)
    // What has no partitions is the next run's.
    #expect(world.run().ran == ["join"])
  }

  @Test func aRunThatDrainsEndsWhatItBeganAndNothingElse() {
    let world = world()
    var options = options(world)
    options.stopsAt = { notice in
      guard case .attemptStarted(let record, _) = notice else { return nil }
      return record.instances[0].description == "part dt=2013-01-02" ? .drain : nil
    }
    let report = world.run(options)
    #expect(short(report.ran) == ["part 01", "score 01", "part 02"])
    #expect(report.settlements.values.allSatisfy { $0 == .succeeded })
    #expect(report.settlements.count == 3)
    #expect(report.result == .succeeded)
    #expect(report.counts == RunCounts(ran: 2))
    options.stopsAt = { _ in nil }
    #expect(short(world.run(options).ran) == ["score 02", "part 03", "score 03", "part 04", "score 04"])
  }

  @Test func aTryThatFailsWhileTheRunDrainsIsLeftToWhoeverGoesOn() {
    let world = world(days: 1...2)
    world.script("part") { $0.partitions == ["2013-01-01"] && $0.earlier < 2 ? .exit(75) : .success }
    var options = options(world)
    options.stopsAt = { if case .attemptStarted(let record, _) = $0, record.task == "part" { .drain } else { nil } }
    let report = world.run(options)
    #expect(report.attempts == ["part 01: failed io (exit status 75)"])
    #expect(report.settlements.isEmpty)
    options.stopsAt = { _ in nil }
    let tries = world.run(options).attempts.filter { $0.hasPrefix("part 01") }
    #expect(tries == ["part 01: failed io (exit status 75)", "part 01: succeeded"])
  }

  @Test func aBatchThatDiesWhileTheRunDrainsBlamesNobody() {
    let world = World.flights(days: 1...4, batch: 4)
    world.script("ingest") { $0.earlier == 0 ? .signal(9) : .success }
    var options = RunOptions(selection: Selection(instances: partitions(world)), capacity: Resources(cpu: 1, memoryBytes: 8_000))
    options.stopsAt = { if case .attemptStarted = $0 { .drain } else { nil } }
    #expect(world.run(options).settlements.isEmpty)
    options.stopsAt = { _ in nil }
    #expect(world.run(options).settlements.values.allSatisfy { $0 == .succeeded })
  }

  @Test func whoComesTooLateMeansAnotherRun() {
    let world = world()
    var state = world.state(options(world))
    _ = state.apply(.began, now: 1)
    for stopping in [Stopping.drain, .cancel] {
      let transition = state.apply(.stopRequested(run: "an earlier one", stopping), now: 2)
      #expect(transition.entries.isEmpty && transition.effects.isEmpty)
    }
  }

  @Test func aCancelledOneEndsWhatRuns() {
    let world = world()
    world.script("part") { _ in Performance(hangs: true) }
    var options = options(world)
    var isAsked = false
    options.stopsAt = { notice in
      guard case .attemptStarted = notice, !isAsked else { return nil }
      isAsked = true
      return .cancel
    }
    #expect(world.run(options).result == .cancelled)
    #expect(world.processes.running.isEmpty)
  }

  @Test func whatWasPlannedWithAnotherRecipeIsLeftOut() {
    let world = world()
    let planner = Planner(pipeline: world.pipeline, partitions: world.pipeline.partitionsByName)
    var facts = Facts()
    facts.sources["./tool"] = Digest(of: Array("1".utf8))
    var options = options(world)
    for instance in partitions(world) {
      options.recipes[instance] = planner.recipe(of: planner.graph.index[instance]!, facts).digest
    }
    // The tool is edited while the second day's part runs: its result is not taken, and nothing is made with the new one.
    world.script("part") { call in
      if call.partitions == ["2013-01-02"] { world["./tool"] = "2" }
      return .success
    }
    let report = world.run(options)
    #expect(short(report.settlements.keys.sorted()) == ["part 01", "score 01"])
    #expect(report.result == .succeeded)
    #expect(short(report.ran) == ["part 01", "score 01", "part 02"])
  }

  @Test(arguments: 1...40) func aBackfillThatIsKilledAnywhereGoesOnWithWhatIsLeft(_ steps: Int) {
    let world = world()
    let done = world.runKilled(after: steps, options(world, .newest))
    let report = world.run(options(world, .newest))
    #expect(report.result == .succeeded)
    #expect(!done || report.ran.isEmpty)
    let made = world.journal.attempts.values.filter { $0.end?.outcome == .succeeded }.flatMap(\.instances)
    #expect(Set(made).count == made.count, "nothing is made twice")
    #expect(world.run().ran == ["join"])
  }
}
