/// What a person's word on a failing verdict changes: what goes on behind it, and how runs end.

import MartletModel
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct RulingTests {
  private func breached(_ world: World) {
    world.script("eval") { _ in .verdict(.fail, message: "auc 0.51 is under 0.6") }
    #expect(world.run().result == .waiting)
  }

  @Test func anAcceptedVerdictLetsOthersGoOn() {
    let world = World.flights()
    breached(world)
    world.rule("eval", .accepted)
    let report = world.run()
    #expect(report.ran == ["package", "report"])
    #expect(report.settlements["promote"] == .waiting)
    world.decide("promote", .approved)
    #expect(world.run().result == .succeeded)
  }

  @Test func anAcceptedVerdictIsNoneOfAnotherFingerprint() {
    let world = World.flights()
    breached(world)
    world.rule("eval", .accepted)
    world.edit("config/train.yaml", "0.6", "0.61")
    let report = world.run()
    #expect(report.ran == ["eval", "report"])
    #expect(report.messages["package"] == "blocked by eval, whose verdict is fail")
    #expect(report.result == .waiting)
  }

  @Test func aRejectedVerdictMakesRunsRejectedWhileItStands() {
    let world = World.flights()
    breached(world)
    world.rule("eval", .rejected)
    let report = world.run()
    #expect(report.result == .rejected)
    // The report tells of it.
    #expect(report.ran == ["report"])
    #expect(report.messages["package"] == "blocked by eval, which was rejected")
    #expect(world.run().ran.isEmpty)
    world.script("eval") { _ in .verdict(.pass) }
    world.edit("config/train.yaml", "0.6", "0.61")
    #expect(world.run().result == .waiting)
  }

  @Test func anAcceptedVerdictOnTheDataIsNoFailure() {
    let world = World.flights()
    world.script("validate") { _ in .verdict(.fail, message: "dep_delay is missing") }
    #expect(world.run().result == .failed)
    world.rule("validate", .rejected)
    #expect(world.run().result == .rejected)
    world.rule("validate", .accepted)
    let report = world.run()
    #expect(report.ran == ["clean", "train", "eval", "package", "report"])
    #expect(report.result == .waiting)
  }

  /// What was blocked before somebody accepted is no failure: it waits for the next run.
  @Test func whatIsAcceptedDuringARunFailsNothing() {
    let world = World(
      .testing([
        .command("judge", in: ["x=./source"], out: ["o=./said"]), .command("act", in: ["x=judge.o"], out: ["o=./done"]),
        .command("after", in: ["x=act.o"], out: ["o=./after"]), .command("other", in: ["x=./other"], out: ["o=./else"]),
      ]), sources: ["./source": "1", "./other": "1"])
    world.script("judge") { _ in .verdict(.fail, message: "too few rows") }
    #expect(world.run().result == .waiting)
    world["./other"] = "2"
    var options = RunOptions()
    options.rulesAt = { notice in
      guard case .settled(let settled) = notice, settled.instance.task == "after" else { return nil }
      return ("judge", .accepted)
    }
    let report = world.run(options)
    #expect(report.ran == ["other"])
    #expect(report.settlements["act"] == .blocked)
    #expect(report.result == .waiting)
    let next = world.run()
    #expect(next.ran == ["act", "after"])
    #expect(next.result == .succeeded)
  }

  /// A command's verdict waits for a person: nothing says that mended data would answer it.
  @Test func aCommandsVerdictIsDecidedByAPerson() {
    let world = World(
      .testing([.command("judge", in: ["x=./source"], out: ["o=./said"]), .command("act", in: ["x=judge.o"], out: ["o=./done"])]),
      sources: ["./source": "1"])
    world.script("judge") { _ in .verdict(.fail, message: "too few rows") }
    #expect(world.run().result == .waiting)
    world.rule("judge", .accepted)
    #expect(world.run().result == .succeeded)
  }
}
