/// Inputs that change while somebody reads them: what was made of a mixture is never recorded.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct ChangingInputTests {
  private func world() -> World {
    World(
      .testing([
        .command("left", in: ["x=./shared", "y=./left.csv"], out: ["o=./left"]),
        .command("right", in: ["x=./shared"], out: ["o=./right"]),
      ]), sources: ["./shared": "1", "./left.csv": "l"])
  }

  @Test func theTaskIsPlannedAgain() {
    let world = world()
    world.script("left") { call in
      if call.earlier == 0 { world["./left.csv"] = "changed" }
      return .success
    }
    let report = world.run()
    #expect(report.result == .succeeded)
    #expect(
      report.attempts.filter { $0.hasPrefix("left") } == [
        "left: failed input_changed (inputs checked after the end)", "left: succeeded",
      ])
    #expect(world.run().ran.isEmpty)
  }

  @Test func atMostThreeTimes() {
    let world = world()
    world.script("left") { call in
      world["./left.csv"] = "changed \(call.earlier)"
      return .success
    }
    let report = world.run()
    #expect(report.attempts.filter { $0.hasPrefix("left") }.count == 4)
    #expect(report.settlements["left"] == .failed(.inputChanged))
    #expect(world["./left"] == nil)
  }

  /// `right` was decided on the old bytes of `shared`; its checkpoint must name those that it read.
  @Test func whoIsQueuedIsDecidedAnew() {
    let world = world()
    world.script("left") { call in
      if call.earlier == 0 { world["./shared"] = "2" }
      return .success
    }
    let report = world.run(RunOptions(maximumAttempts: 1))
    #expect(report.result == .succeeded)
    #expect(report.attempts.filter { $0.hasPrefix("right") } == ["right: succeeded"])
    let recorded = world.journal.checkpoints[TaskInstance(task: "right")]!.ingredients.entries.first { $0.name == "x" }
    #expect(recorded?.value == Digest(of: Array("2".utf8)).hex)
    #expect(world.run().ran.isEmpty)
  }

  @Test func whatNeverStartedDidNotRun() {
    let world = world()
    var count = 0
    let report = world.run(
      RunOptions(cancelsAt: { notice in
        if case .attemptStarted(let record, _) = notice, record.task == "left" {
          count += 1
          world["./left.csv"] = "changed \(count)"
        }
        return false
      }))
    #expect(report.settlements["left"] == .failed(.inputChanged))
    #expect(report.attempts.first { $0.hasPrefix("left") } == "left: failed input_changed (inputs checked before the start)")
    #expect(report.counts == RunCounts(ran: 1, failed: 1))
  }

  @Test func aSourceThatDisappearsIsNamed() {
    let world = world()
    world.script("left") { _ in
      world["./left.csv"] = nil
      return .success
    }
    let report = world.run()
    #expect(report.settlements["left"] == .failed(.config))
    #expect(report.messages["left"] == "input y is not there: ./left.csv")
  }

  @Test func anOptionalSourceThatAppearsIsRead() {
    let world = World(
      .testing([.command("tell", in: ["x=./source", "notes=./notes.md?"], out: ["o=./told"])]), sources: ["./source": "1"])
    world.script("tell") { call in
      if call.earlier == 0 { world["./notes.md"] = "words" }
      return .success
    }
    let report = world.run()
    #expect(report.attempts == ["tell: failed input_changed (inputs checked after the end)", "tell: succeeded"])
    let recorded = world.journal.checkpoints[TaskInstance(task: "tell")]!.ingredients.entries.first { $0.name == "notes" }
    #expect(recorded?.value == Digest(of: Array("words".utf8)).hex)
    #expect(world.run().ran.isEmpty)
  }

  @Test func inABatchOnlyThePartitionsConcernedArePlannedAgain() {
    let world = World.flights(days: 1...3, batch: 64)
    world.script("ingest") { call in
      if call.earlier == 0 { world["data/raw/dt=2013-01-02/flights.csv"] = "changed" }
      return .success
    }
    let report = world.run(
      RunOptions(selection: Selection(tasks: ["ingest"]), capacity: Resources(cpu: 1, memoryBytes: 8_000)))
    #expect(
      report.attempts == [
        "ingest 01,02,03: failed input_changed (inputs checked after the end)", "ingest 02: succeeded", "ingest: succeeded",
      ])
    #expect(world.run(RunOptions(selection: Selection(tasks: ["ingest"]))).ran.isEmpty)
  }

  @Test func aBatchThatDiesOverAChangedInputIsDecidedAnew() {
    let world = World.flights(days: 1...3, batch: 64)
    world.script("ingest") { call in
      guard call.earlier == 0, call.partitions.count > 1 else { return .success }
      world["data/raw/dt=2013-01-02/flights.csv"] = "changed"
      return Performance(status: .signalled(11), omitted: [0, 1, 2])
    }
    let options = RunOptions(selection: Selection(tasks: ["ingest"]), capacity: Resources(cpu: 1, memoryBytes: 8_000))
    #expect(world.run(options).result == .succeeded)
    let second = TaskInstance(key: "ingest/dt=2013-01-02")!
    let recorded = world.journal.checkpoints[second]!.ingredients.entries.first { $0.name == "flights" }
    #expect(recorded?.value == Digest(of: Array("changed".utf8)).hex)
    #expect(world.run(options).ran.isEmpty)
  }

  @Test func aChangeBackBeforeTheNextTryIsReused() {
    let world = world()
    _ = world.run()
    world["./left.csv"] = "changed"
    world.script("left") { _ in
      world["./left.csv"] = "l"
      return .success
    }
    let report = world.run()
    #expect(report.settlements["left"] == .reused)
    #expect(report.counts == RunCounts(ran: 1, reused: 1))
  }
}
