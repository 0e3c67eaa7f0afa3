/// Verdicts, gates and people that stop a run, and what still runs.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct StoppingTests {
  @Test func aFailingValidationBlocksEverythingButTheReport() {
    let world = World.flights()
    world.script("validate") { _ in .verdict(.fail, message: "dep_delay is missing in dt=2013-01-02") }
    let report = world.run()
    #expect(report.result == .failed)
    #expect(report.ran.suffix(2) == ["validate", "report"])
    #expect(report.counts == RunCounts(ran: 3, blocked: 5))
    #expect(report.settlements["promote"] == .blocked)
    #expect(report.messages["clean"] == "blocked by validate, whose verdict is fail")
    let told = world.journal.checkpoints[TaskInstance(task: "report")]!.ingredients.entries.filter { $0.kind == .upstream }
    #expect(told.last?.value == "succeeded, verdict fail: dep_delay is missing in dt=2013-01-02")
    #expect(world.run().ran.isEmpty)

    world.script("validate") { _ in .verdict(.pass) }
    world["data/raw/dt=2013-01-02/flights.csv"] = "with dep_delay"
    let mended = world.run()
    #expect(
      mended.ran == [
        "ingest dt=2013-01-02", "ingest (gather)", "validate", "clean", "train", "eval", "package", "report",
      ])
    #expect(mended.result == .waiting)
  }

  @Test func aBreachedThresholdWaitsForAPerson() {
    let world = World.flights()
    world.script("eval") { _ in .verdict(.fail, message: "auc 0.51 is under 0.6") }
    let report = world.run()
    #expect(report.result == .waiting)
    #expect(report.settlements["package"] == .blocked)
    #expect(report.ran.suffix(2) == ["eval", "report"])
    #expect(world.run().result == .waiting)
  }

  @Test func theReportTellsOfATaskThatFailed() {
    let world = World.flights()
    world.script("train") { _ in .exit(1) }
    let report = world.run()
    #expect(report.result == .failed)
    #expect(report.ran.suffix(2) == ["train", "report"])
    #expect(report.counts == RunCounts(ran: 5, failed: 1, blocked: 3))
    // Nothing that the report tells changed, so the next failure of the same kind writes no other.
    #expect(world.run().ran == ["train"])
  }

  @Test func failFastStopsTheRest() {
    let world = World(
      .testing([
        .command("bad", in: ["x=./source"], out: ["o=./bad"]), .command("good", in: ["x=./source"], out: ["o=./good"]),
        .command("late", in: ["x=good.o"], out: ["o=./late"]),
      ]), sources: ["./source": "1"])
    world.script("bad") { _ in .exit(1) }
    let report = world.run(RunOptions(maximumAttempts: 1, failFast: true))
    #expect(report.result == .failed)
    #expect(report.ran == ["bad"])
    #expect(report.settlements == ["bad": .failed(.code), "good": .cancelled, "late": .cancelled])
    #expect(world.run(RunOptions(maximumAttempts: 1)).ran == ["bad", "good", "late"])
  }

  @Test func whoIsCancelledEndsWhatRunsAndStartsNothing() {
    let world = World.flights()
    world.script("validate") { $0.earlier == 0 ? Performance(hangs: true) : .success }
    let report = world.run(
      RunOptions(cancelsAt: { notice in
        guard case .attemptStarted(let record, _) = notice else { return false }
        return record.task == "validate"
      }))
    #expect(report.result == .cancelled)
    // Asked before the process was there: it never started.
    #expect(report.attempts.last == "validate: cancelled cancelled (cancelled)")
    #expect(report.settlements["report"] == .cancelled)
    #expect(report.settlements["ingest (gather)"] == .succeeded)
    #expect(world.processes.running.isEmpty)
    #expect(world.run().ran.first == "validate")
  }

  @Test func aProcessThatHangsIsEnded() {
    let world = World(
      .testing([
        .command("hangs", in: ["x=./source"], out: ["o=./hangs"]), .command("ends", in: ["x=./source"], out: ["o=./ends"]),
      ]), sources: ["./source": "1"])
    world.script("hangs") { _ in Performance(hangs: true) }
    let report = world.run(
      RunOptions(cancelsAt: { if case .settled = $0 { true } else { false } }))
    #expect(report.result == .cancelled)
    #expect(report.settlements == ["hangs": .cancelled, "ends": .succeeded])
    #expect(world.processes.running.isEmpty)
    #expect(world["./hangs"] == nil)
  }

  @Test func whoStopsARunThatHasDoneEverythingLearnsHowItEnded() {
    let world = World(
      .testing([
        .command("judge", in: ["x=./source"], out: ["o=./judged"]), .command("next", in: ["x=judge.o"], out: ["o=./next"]),
      ]), sources: ["./source": "1"])
    world.script("judge") { _ in .verdict(.fail, message: "a column is missing") }
    // What is blocked is told at once, what ended well only after the sync: the request comes in between.
    let report = world.run(
      RunOptions(cancelsAt: { if case .settled(let notice) = $0 { notice.settlement == .blocked } else { false } }))
    #expect(report.settlements == ["judge": .succeeded, "next": .blocked])
    #expect(report.result != .cancelled)
    #expect(report.result == world.run().result)
  }

  @Test func aGateHoldsBackWhatComesAfterIt() {
    let world = World(
      .testing([
        .command("make", in: ["x=./source"], out: ["o=./made"]), .gate("look", show: ["make.o"]),
        .command("ship", in: ["x=make.o"], out: ["o=./shipped"], after: ["look"]),
        .command("beside", in: ["x=make.o"], out: ["o=./beside"]),
      ]), sources: ["./source": "1"])
    let waiting = world.run()
    #expect(waiting.result == .waiting)
    #expect(waiting.ran == ["make", "beside"])
    #expect(waiting.messages["ship"] == "blocked by look, which waits for a person")
    world.decide("look", .approved)
    #expect(world.run().ran == ["ship"])
    world["./source"] = "2"
    #expect(world.run().ran == ["make", "beside"])
    world.decide("look", .rejected)
    let rejected = world.run()
    #expect(rejected.result == .rejected)
    #expect(rejected.messages["ship"] == "blocked by look, which was rejected")
  }
}
