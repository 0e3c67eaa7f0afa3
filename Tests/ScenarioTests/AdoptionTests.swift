/// The engine is killed; the next run takes over what lives and repeats nothing.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct AdoptionTests {
  private let slow = PipelineTask.command("slow", in: ["x=./source"], out: ["o=./slow"], run: "cat ${{ in.x }}")

  private func world() -> World {
    World(
      .testing([slow, .command("after", in: ["x=slow.o"], out: ["o=./after"])]), sources: ["./source": "1"])
  }

  /// Kills the engine while the process of `slow` runs: began, prepared, started.
  private func interrupted(_ world: World) {
    #expect(!world.runKilled(after: 3))
    #expect(world.processes.running == ["r1.1"])
  }

  @Test func workThatGoesOnIsTaken() {
    let world = world()
    interrupted(world)
    let report = world.run()
    #expect(report.attempts == ["slow: succeeded", "after: succeeded"])
    #expect(world.journal.attempts.keys.sorted() == ["r1.1", "r2.1"])
    #expect(world.journal.checkpoints[TaskInstance(task: "slow")]?.attempt == "r1.1")
  }

  @Test func workThatEndedUnseenIsTaken() {
    let world = world()
    interrupted(world)
    world.processes.complete("r1.1", at: world.now)
    #expect(world.run().attempts == ["slow: succeeded", "after: succeeded"])
    #expect(world.journal.attempts.keys.sorted() == ["r1.1", "r2.1"])
  }

  @Test func workForAnotherFingerprintIsEndedAndNeverPublished() {
    let world = world()
    interrupted(world)
    world["./source"] = "2"
    let report = world.run()
    #expect(report.attempts == ["slow: succeeded", "after: succeeded"])
    #expect(world.journal.attempts["r1.1"]?.end?.outcome == .cancelled)
    #expect(world.journal.checkpoints[TaskInstance(task: "slow")]?.attempt == "r2.1")
    #expect(world.processes.running.isEmpty)
  }

  @Test func workForAnotherFingerprintThatEndedUnseenIsNotPublishedEither() {
    let world = world()
    interrupted(world)
    world.processes.complete("r1.1", at: world.now)
    world["./source"] = "2"
    #expect(world.run().result == .succeeded)
    #expect(world.journal.checkpoints[TaskInstance(task: "slow")]?.attempt == "r2.1")
  }

  /// It may have read the edit, which its fingerprint knows nothing of.
  @Test func workOnAnOutputThatWasEditedMeanwhileAndIsMadeAgainIsDoneAgain() {
    let world = World(
      .testing([
        .command("first", in: ["x=./source"], out: ["o=./first"]),
        .command("slow", in: ["x=first.o", "y=./other"], out: ["o=./slow"]),
      ]), sources: ["./source": "1", "./other": "1"])
    #expect(world.run().result == .succeeded)
    world["./other"] = "2"
    #expect(!world.runKilled(after: 3))
    #expect(world.processes.running == ["r2.1"])
    world["./first"] = "edited"
    #expect(world.run().attempts == ["first: succeeded", "slow: succeeded"])
    #expect(world.journal.attempts["r2.1"]?.end?.outcome == .cancelled)
    #expect(world.processes.running.isEmpty)
  }

  @Test func workOfATaskThatIsGoneIsEnded() {
    let world = world()
    interrupted(world)
    world.pipeline = .testing([.command("other", in: ["x=./source"], out: ["o=./other"])])
    #expect(world.run().ran == ["other"])
    #expect(world.processes.running.isEmpty)
    #expect(world.journal.attempts["r1.1"]?.end?.outcome == .cancelled)
  }

  /// What the attempt works for stays undecided until the gate is settled: the run must end all the same, and the work with it.
  @Test func workBehindAGateThatAsksAgainIsEnded() {
    let world = World(
      .testing([
        slow, .gate("look", show: ["slow.o"]), .command("deploy", in: ["x=./other"], out: ["o=./deployed"], after: ["look"]),
      ]), sources: ["./source": "1", "./other": "1"])
    #expect(world.run().result == .waiting)
    world.decide("look", .approved)
    #expect(!world.runKilled(after: 3))
    #expect(world.processes.running == ["r2.1"])
    world["./source"] = "2"
    let report = world.run()
    #expect(report.result == .waiting)
    #expect(world.processes.running.isEmpty)
    #expect(world.journal.checkpoints[TaskInstance(task: "deploy")] == nil)
  }

  @Test func workThatVanishedIsTriedAgain() {
    let world = world()
    interrupted(world)
    world.processes.lose("r1.1")
    let report = world.run()
    #expect(report.result == .succeeded)
    #expect(report.attempts == ["slow: lost lost (no exit record)", "slow: succeeded", "after: succeeded"])
  }

  @Test func anAttemptThatWasOnlyWrittenDownIsTriedAgain() {
    let world = world()
    #expect(!world.runKilled(after: 1))
    #expect(world.processes.running.isEmpty)
    #expect(world.run().result == .succeeded)
  }

  @Test func aBatchOfWhichOnePartitionIsNoLongerWanted() {
    let world = World.flights(days: 1...3, batch: 64)
    let options = RunOptions(selection: Selection(tasks: ["ingest"]), capacity: Resources(cpu: 1, memoryBytes: 8_000))
    #expect(!world.runKilled(after: 3, options))
    world.processes.complete("r1.1", at: world.now)
    world["data/raw/dt=2013-01-02/flights.csv"] = "changed"
    let report = world.run(options)
    #expect(report.attempts == ["ingest 01,02,03: succeeded", "ingest 02: succeeded", "ingest: succeeded"])
    #expect(world.run(options).ran.isEmpty)
  }

  /// Its word may have reached the disk while the bytes did not.
  @Test func aBatchWithoutAnEndIsNotTakenAtItsWord() {
    let world = World.flights(days: 1...3, batch: 64)
    let options = RunOptions(selection: Selection(tasks: ["ingest"]), capacity: Resources(cpu: 1, memoryBytes: 8_000))
    #expect(!world.runKilled(after: 3, options))
    world.processes.complete("r1.1", at: world.now)
    world.processes.lose("r1.1")
    let report = world.run(options)
    #expect(report.attempts.first == "ingest 01,02,03: lost lost (no exit record)")
    #expect(report.result == .succeeded)
  }

  @Test func aBatchWithAPartitionThatThePipelineNoLongerHas() {
    let world = World.flights(days: 1...3, batch: 64)
    let options = RunOptions(selection: Selection(tasks: ["ingest"]), capacity: Resources(cpu: 1, memoryBytes: 8_000))
    #expect(!world.runKilled(after: 3, options))
    world.pipeline = .flights(days: 2...3, batch: 64)
    #expect(world.run(options).attempts == ["ingest 01,02,03: succeeded", "ingest: succeeded"])
  }

  @Test func aStoredWaitGoesOnWithWhatWasSpent() {
    let world = world()
    world.script("slow") { _ in .exit(75) }
    // began, prepared, started, exited, verified: now it waits for its second try.
    #expect(!world.runKilled(after: 5))
    let wait = world.journal.waitsScheduled[0].notBefore
    let report = world.run()
    #expect(world.journal.attempts["r2.1"]?.createdAt == wait)
    // One try was spent before the kill, two more waits follow.
    #expect(report.attempts.count == 3)
    #expect(report.settlements["slow"] == .failed(.io))
  }

  @Test func whatWasSpentIsKeptThroughTwoKills() {
    let world = world()
    world.script("slow") { _ in .exit(75) }
    #expect(!world.runKilled(after: 5))
    #expect(!world.runKilled(after: 1))
    #expect(!world.runKilled(after: 6))
    #expect(world.run().attempts.count == 2)
  }

  @Test func aLargerRequestIsKeptThroughAKill() {
    var asked: [Int] = []
    let world = World(
      .testing([
        .command(
          "slow", in: ["x=./source"], out: ["o=./slow"], resources: ResourceRequest(memoryBytes: 1_000), retries: [.resource: 2])
      ]), sources: ["./source": "1"])
    world.script("slow") { call in
      asked.append(call.memoryBytes)
      return Performance(status: .signalled(9), outOfMemory: true)
    }
    #expect(!world.runKilled(after: 5))
    _ = world.run()
    #expect(asked == [1_000, 2_000, 4_000])
  }

  @Test func aWaitForOtherInputsIsForgotten() {
    let world = world()
    world.script("slow") { $0.earlier == 0 ? .exit(75) : .success }
    #expect(!world.runKilled(after: 5))
    world["./source"] = "2"
    let begin = world.now
    #expect(world.run().result == .succeeded)
    #expect(world.now == begin)
  }
}
