/// What runs again after a change, and what need not: the flights pipeline without its processes.

import MartletModel
import MartletPlan
import Testing
import TestPipelines

struct CutOffTests {
  private func settled(_ change: (inout PlannedWorld) -> Void = { _ in }) -> PlannedWorld {
    var world = PlannedWorld.flights()
    change(&world)
    world.run()
    return world
  }

  @Test func theFirstRunDoesEverythingAndTheSecondNothing() {
    var world = PlannedWorld.flights()
    #expect(
      world.run() == [
        "ingest dt=2013-01-01", "ingest dt=2013-01-02", "ingest dt=2013-01-03", "ingest (gather)", "validate", "clean", "train",
        "eval", "package", "report",
      ])
    #expect(world.run().isEmpty)
    #expect(world.plan() == ["promote wait: waits for gate promote"])
  }

  @Test func aLearnersParameter() {
    var world = settled()
    world.sources["config/train.yaml"]!.replace("0.1,\"rounds\"", with: "0.05,\"rounds\"")
    #expect(
      world.plan() == [
        "train run: parameter learning_rate 0.1 -> 0.05", "eval maybe: train runs first", "package maybe: train runs first",
        "promote wait: waits for gate promote; eval runs first", "report maybe: train runs first",
      ])
    #expect(world.run() == ["train", "eval", "package", "report"])
  }

  @Test func aThreshold() {
    var world = settled()
    world.sources["config/train.yaml"]!.replace("0.6", with: "0.61")
    #expect(
      world.plan().prefix(2) == ["eval run: parameter thresholds.auc 0.6 -> 0.61", "package maybe: eval runs first"])
    #expect(world.run() == ["eval", "report"])
  }

  @Test func onePartition() {
    var world = settled()
    world.sources["data/raw/dt=2013-01-02/flights.csv"] = "more"
    #expect(
      world.run() == [
        "ingest dt=2013-01-02", "ingest (gather)", "validate", "clean", "train", "eval", "package", "report",
      ])
  }

  @Test func identicalBytesStopThere() {
    var world = settled { $0.constantOutputs = ["ingest.part": "same", "ingest.rejects": "none"] }
    world.sources["data/raw/dt=2013-01-02/flights.csv"] = "more"
    #expect(
      world.plan().prefix(2).map { $0.prefix(while: { $0 != ":" }) } == ["ingest dt=2013-01-02 run", "ingest (gather) maybe"])
    #expect(world.run() == ["ingest dt=2013-01-02"])
    world.removeCheckpoint("ingest/dt=2013-01-01")
    #expect(world.run() == ["ingest dt=2013-01-01"])
  }

  @Test func anInputSharedByAllPartitions() {
    var world = settled { $0.constantOutputs = ["ingest.part": "same", "ingest.rejects": "none"] }
    world.sources["data/reference/planes.csv"] = "more planes"
    #expect(world.run() == ["ingest dt=2013-01-01", "ingest dt=2013-01-02", "ingest dt=2013-01-03"])
  }

  @Test func aPartitionWithoutASourceIsMissing() {
    var world = PlannedWorld.flights()
    world.sources["data/raw/dt=2013-01-02/flights.csv"] = nil
    #expect(
      world.plan().prefix(4) == [
        "ingest dt=2013-01-01 run: never run",
        "ingest dt=2013-01-02 missing: input flights is not there: data/raw/dt=2013-01-02/flights.csv",
        "ingest dt=2013-01-03 run: never run", "ingest (gather) run: never run",
      ])
    world.run()
    let gather = world.ingredients[TaskInstance(task: "ingest", slice: .gather)]!
    #expect(
      gather.entries.filter { $0.kind == .input }.map(\.name) == [
        "part[2013-01-01]", "part[2013-01-03]", "rejects[2013-01-01]", "rejects[2013-01-03]",
      ])
    #expect(world.run().isEmpty)
    world.sources["data/raw/dt=2013-01-02/flights.csv"] = "late"
    #expect(world.run().prefix(2) == ["ingest dt=2013-01-02", "ingest (gather)"])
  }

  @Test func theOnlyPartitionOfAGatherIsNamedToo() {
    var world = PlannedWorld(.flights(days: 1...1), sources: Pipeline.flightsSources())
    world.constantOutputs = ["ingest.part": "same", "ingest.rejects": "none"]
    world.run()
    world.pipeline = .flights(days: 2...2)
    #expect(world.run().prefix(2) == ["ingest dt=2013-01-02", "ingest (gather)"])
  }

  @Test func withoutAnyPartitionNothingFollows() {
    var world = PlannedWorld.flights()
    for day in 1...3 { world.sources["data/raw/dt=2013-01-0\(day)/flights.csv"] = nil }
    #expect(
      world.plan().dropFirst(3).prefix(2) == [
        "ingest (gather) blocked: blocked by ingest, which has no such partition",
        "validate blocked: blocked by ingest (gather), which is blocked itself",
      ])
  }

  @Test func aPartitionThatReadsTheSamePartitionOfAnotherTask() {
    var world = PlannedWorld(
      .testing([
        .command("a", in: ["x=raw/${{ dt }}"], out: ["o=a/${{ dt }}"], each: "dt"),
        .command("b", in: ["x=a.o"], out: ["o=b/${{ dt }}"], each: "dt"),
        .command("c", in: ["x=b.o"], out: ["o=c/all"]),
      ]),
      sources: ["raw/2013-01-01": "1", "raw/2013-01-02": "2", "raw/2013-01-03": "3"])
    #expect(world.run().count == 7)
    world.sources["raw/2013-01-02"] = nil
    world.sources["raw/2013-01-03"] = "3!"
    #expect(
      world.plan().map { $0.prefix(while: { $0 != ":" }) } == [
        "a dt=2013-01-02 missing", "a dt=2013-01-03 run", "b dt=2013-01-02 missing", "b dt=2013-01-03 maybe", "c maybe",
      ])
    #expect(world.run() == ["a dt=2013-01-03", "b dt=2013-01-03", "c"])
  }
}
