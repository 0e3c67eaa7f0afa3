/// Which part of the pipeline runs, and how the rest stands for it.

import MartletModel
import MartletPlan
import Testing
import TestPipelines

struct SelectionTests {
  private func settled() -> PlannedWorld {
    var world = PlannedWorld.flights()
    world.run()
    return world
  }

  /// Everything is stale.
  private func stale() -> PlannedWorld {
    var world = settled()
    world.libraries[.duckdb] = "2"
    return world
  }

  private func range(_ first: Int, _ last: Int) -> PartitionRange {
    PartitionRange("dt=2013-01-0\(first)..2013-01-0\(last)")!
  }

  @Test func aTaskWithWhatIsUpstream() {
    var world = stale()
    #expect(
      world.run(Selection(tasks: ["validate"])) == [
        "ingest dt=2013-01-01", "ingest dt=2013-01-02", "ingest dt=2013-01-03", "ingest (gather)", "validate",
      ])
  }

  @Test func aTaskAlone() {
    var world = stale()
    #expect(world.run(Selection(tasks: ["clean"], reach: .only)) == ["clean"])
    world.removeCheckpoint("ingest/*")
    #expect(
      world.plan(Selection(tasks: ["clean"], reach: .only))
        == ["clean blocked: blocked by ingest (gather), which is not selected and has no checkpoint"])
  }

  @Test func aTaskAloneDoesNotTakeADamagedCheckpoint() {
    var world = settled()
    world.damage("ingest/*", "all", .modified)
    #expect(
      world.plan(Selection(tasks: ["clean"], reach: .only))
        == ["clean blocked: blocked by ingest (gather), which is not selected and has no checkpoint"])
  }

  @Test func aTaskAloneDoesNotLeaveOutAPartitionUnseen() {
    var world = PlannedWorld(
      .testing([
        .command("part", in: ["x=raw/${{ dt }}"], out: ["o=part/${{ dt }}"], each: "dt"),
        .command("join", in: ["x=part.o"], out: ["o=./joined"]),
      ]), sources: ["raw/2013-01-01": "1", "raw/2013-01-02": "2"])
    world.run()
    let only = Selection(tasks: ["join"], reach: .only)
    // The third day has no source: it is missing, selected or not.
    #expect(world.plan(only).isEmpty)
    world.removeCheckpoint("part/dt=2013-01-02")
    #expect(
      world.plan(only) == ["join blocked: blocked by part dt=2013-01-02, which is not selected and has no checkpoint"])
  }

  @Test func fromATaskOn() {
    var world = stale()
    #expect(world.run(Selection(tasks: ["train"], reach: .downstream)) == ["train", "eval", "package", "report"])
  }

  @Test func aRangeOfPartitions() {
    var world = stale()
    #expect(
      world.run(Selection(tasks: ["ingest"], range: range(2, 3))).dropLast() == ["ingest dt=2013-01-02", "ingest dt=2013-01-03"])
    // What lies outside stands as it was found.
    #expect(world.checkpoints.count == settled().checkpoints.count)
    #expect(world.run(Selection(tasks: ["ingest"])).first == "ingest dt=2013-01-01")
  }

  @Test func aRangeOnEmptyGroundGathersWhatIsThere() {
    var world = PlannedWorld.flights()
    #expect(world.run(Selection(tasks: ["ingest"], range: range(1, 1))) == ["ingest dt=2013-01-01", "ingest (gather)"])
    #expect(world.run(Selection(tasks: ["ingest"])) == ["ingest dt=2013-01-02", "ingest dt=2013-01-03", "ingest (gather)"])
  }

  @Test func aRangeOfOtherPartitionsLeavesTheseAlone() {
    var world = PlannedWorld.flights()
    let other = PartitionRange(name: "hour", first: CalendarDay("2013-01-01")!, last: CalendarDay("2013-01-01")!)
    #expect(world.run(Selection(tasks: ["ingest"], range: other)).count == 4)
  }

  @Test func forcedTasksRunAndOnlyThey() {
    var world = settled()
    #expect(world.plan(Selection(tasks: ["clean"], force: true)) == ["clean run: forced"])
    world.constantOutputs = ["clean.features": "other"]
    #expect(
      world.plan(Selection(tasks: ["report"], reach: .only, force: true)) == ["report run: forced"])
    #expect(world.run(Selection(force: true)).count == 10)
  }

  @Test func failuresThatWaitForAChange() {
    var world = settled()
    world.sources["config/train.yaml"]!.replace("[1,2,3]", with: "[4]")
    let planner = world.planner()
    let train = TaskInstance(task: "train")
    let position = planner.graph.index[train]!
    let judgement = planner.judge(position, facts: world.facts) { upstream in
      .stands(world.checkpoints[planner.graph.nodes[upstream].instance]!)
    }
    world.heldFailures[train] = HeldFailure(
      fingerprint: judgement.ingredients!.fingerprint, failureClass: .unstable, message: "fold 2 diverged")
    // An older checkpoint stands, yet what failed is what the configuration asks for now.
    #expect(
      world.plan(Selection(tasks: ["eval"])) == [
        "train blocked: failed before (unstable) and nothing changed since", "eval blocked: blocked by train, which failed",
      ])
    #expect(world.plan(Selection(tasks: ["train"], retry: true)) == ["train run: parameter seeds [1,2,3] -> [4]"])
    #expect(world.plan(Selection(tasks: ["train"], force: true)) == ["train run: forced"])
    world.sources["config/train.yaml"]!.replace("[4]", with: "[5]")
    #expect(world.plan(Selection(tasks: ["train"])) == ["train run: parameter seeds [1,2,3] -> [5]"])
    world.sources["config/train.yaml"]!.replace("[5]", with: "[1,2,3]")
    #expect(world.plan(Selection(tasks: ["train"])).isEmpty)
  }
}
