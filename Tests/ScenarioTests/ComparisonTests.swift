/// A task that stands runs once more: what it writes is compared, nothing is published, no checkpoint and no record changes.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct ComparisonTests {
  private func world() -> World {
    let world = World(
      .testing([
        .command("one", in: ["x=./source"], out: ["o=./one"], run: "cat ${{ in.x }}"),
        .command("two", in: ["x=one.o"], out: ["o=./two", "p=./three"], run: "sort ${{ in.x }}"),
      ]), sources: ["./source": "1"])
    _ = world.run()
    return world
  }

  private let two = RunOptions(
    selection: Selection(tasks: ["two"]), comparing: [TaskInstance(task: "two")])

  @Test func theSameBytesAreTheSame() {
    let world = world()
    let before = world.journal.checkpoints
    let report = world.run(two)
    #expect(report.ran == ["two"])
    #expect(report.compared == ["two.o same", "two.p same"])
    #expect(world.journal.checkpoints == before)
    #expect(world.run().ran.isEmpty)
  }

  @Test func otherBytesAreToldAndNotPublished() {
    let world = world()
    let (before, text) = (world.journal.checkpoints, world["./two"])
    world.script("two") { _ in Performance(contents: ["o": "something else"]) }
    let report = world.run(two)
    #expect(report.compared == ["two.o differs", "two.p same"])
    #expect(world.journal.checkpoints == before)
    #expect(world["./two"] == text)
  }

  /// A failure of the comparison holds nothing back.
  @Test func aFailureLeavesNoRecord() {
    let world = world()
    world.script("two") { _ in .exit(1) }
    let report = world.run(two)
    #expect(report.settlements["two"] == .failed(.code))
    #expect(world.journal.heldFailures.isEmpty)
    #expect(world.run().ran.isEmpty)
  }
}
