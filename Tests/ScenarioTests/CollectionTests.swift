/// What `gc` removed counts as present until a task that must run reads it; then it is made again first.

import MartletModel
import MartletPlan
import MartletRun
import Testing
import TestPipelines

struct CollectionTests {
  private let parts = ["ingest/dt=2013-01-01", "ingest/dt=2013-01-02", "ingest/dt=2013-01-03"]

  /// Everything ran; the parts, the joined data, the features and the model are gone.
  private func collected() -> World {
    let world = World.flights()
    world.script("validate") { _ in Performance(contents: ["profile": "as always", "summary": "as always"]) }
    _ = world.run()
    var outputs = Dictionary(uniqueKeysWithValues: parts.map { ($0, ["part"]) })
    outputs["ingest/*"] = ["all"]
    outputs["clean"] = ["features"]
    outputs["train"] = ["model", "native"]
    world.collect(outputs)
    return world
  }

  @Test func anUnchangedRunExecutesNothing() {
    let world = collected()
    #expect(world.plan() == ["promote wait: waits for gate promote"])
    #expect(world.run().ran.isEmpty)
    #expect(world["data/processed/features.parquet"] == nil)
  }

  @Test func whatATaskThatMustRunReadsIsMadeAgainAndNothingElse() {
    let world = collected()
    world.edit("config/train.yaml", #""learning_rate":0.1"#, #""learning_rate":0.2"#)
    #expect(
      world.plan().prefix(5) == [
        "ingest dt=2013-01-01 run: output collected: data/ingested/parts/dt=2013-01-01/part.parquet",
        "ingest dt=2013-01-02 run: output collected: data/ingested/parts/dt=2013-01-02/part.parquet",
        "ingest dt=2013-01-03 run: output collected: data/ingested/parts/dt=2013-01-03/part.parquet",
        "ingest (gather) run: output collected: data/ingested/data_ingested.parquet",
        "clean run: output collected: data/processed/features.parquet",
      ])
    let report = world.run()
    #expect(
      Set(report.ran) == [
        "ingest dt=2013-01-01", "ingest dt=2013-01-02", "ingest dt=2013-01-03", "ingest (gather)", "clean", "train", "eval",
        "package", "report",
      ])
    #expect(report.settlements["validate"] == .reused)
    #expect(world.run().ran.isEmpty)
  }

  @Test func aReaderThatOnlyMightHaveRunLeavesItGone() {
    let world = collected()
    // A check is validate's alone: it says what it said before, so that clean stands and its features are not needed.
    world.edit("config/schema.yaml", "< 2000", "< 3000")
    let report = world.run()
    #expect(report.ran.contains("validate"))
    #expect(report.settlements["clean"] == .reused)
    #expect(world["data/processed/features.parquet"] == nil)
    #expect(world["data/ingested/data_ingested.parquet"] != nil)
  }

  @Test func aTaskAloneHasItMadeAgainToo() {
    let world = collected()
    world.edit("config/train.yaml", #""learning_rate":0.1"#, #""learning_rate":0.2"#)
    let report = world.run(RunOptions(selection: Selection(tasks: ["train"], reach: .only)))
    #expect(report.result == .succeeded)
    #expect(report.ran.last == "train")
    #expect(report.ran.contains("clean"))
  }

  /// The second kill may come while it is made again; the run after it goes on.
  @Test(arguments: 1...24) func killedOnTheWay(steps: Int) {
    let world = collected()
    world.edit("config/train.yaml", #""learning_rate":0.1"#, #""learning_rate":0.2"#)
    _ = world.runKilled(after: steps)
    for attempt in world.processes.running { world.processes.complete(attempt, at: world.now) }
    #expect(world.run().result == .waiting)
    #expect(world.run().ran.isEmpty)
  }

  @Test func whatCanNotBeMadeAgainBlocksWhoReadsIt() {
    let world = collected()
    world.edit("config/train.yaml", #""learning_rate":0.1"#, #""learning_rate":0.2"#)
    world.script("clean") { _ in .exit(1) }
    let report = world.run()
    #expect(report.settlements["clean"] == .failed(.code))
    #expect(report.settlements["train"] == .blocked)
    #expect(report.result == .failed)
  }
}
