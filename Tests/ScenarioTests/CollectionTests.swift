/// What `gc` removed counts as present until a task that must run reads it; then it is made again first.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
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

  /// `left` and `right` read what was removed of `base`, `right` what was removed of `side` too, which itself reads `base`.
  private func sharedProducer(each: String? = nil) -> World {
    let suffix = each == nil ? "" : "-${{ dt }}"
    let world = World(
      .testing([
        .command("base", in: ["source=data/source.txt"], out: ["out=data/base.txt"]),
        .command("side", in: ["base=base.out"], out: ["out=data/side.txt"]),
        .command("left", in: ["base=base.out", "rate=config/rate.txt"], out: ["out=data/left\(suffix).txt"], each: each),
        .command(
          "right", in: ["base=base.out", "side=side.out", "rate=config/rate.txt"], out: ["out=data/right\(suffix).txt"],
          each: each),
      ]), sources: ["data/source.txt": "source", "config/rate.txt": "1"])
    _ = world.run()
    return world
  }

  @Test(arguments: [["base"], ["side"], ["base", "side"]])
  func twoReadersHaveItMadeAgainOnce(collected: [String]) {
    let world = sharedProducer()
    world.collect(Dictionary(uniqueKeysWithValues: collected.map { ($0, ["out"]) }))
    world["config/rate.txt"] = "2"
    let report = world.run()
    #expect(report.result == .succeeded)
    #expect(report.ran.sorted() == (collected + ["left", "right"]).sorted())
    #expect(world["data/base.txt"] != nil && world["data/side.txt"] != nil)
    #expect(world.run().ran.isEmpty)
  }

  @Test func partitionsOfOneTaskHaveItMadeAgainOnce() {
    let world = sharedProducer(each: "dt")
    world.collect(["base": ["out"], "side": ["out"]])
    world["config/rate.txt"] = "2"
    let report = world.run()
    let days = (1...3).map { "dt=2013-01-0\($0)" }
    #expect(report.result == .succeeded)
    #expect(report.ran.sorted() == (["base", "side"] + days.flatMap { ["left \($0)", "right \($0)"] }).sorted())
    #expect(world.run().ran.isEmpty)
  }

  @Test func whatFailsToBeMadeAgainBlocksAllItsReaders() {
    let world = sharedProducer()
    world.collect(["base": ["out"]])
    world["config/rate.txt"] = "2"
    world.script("base") { _ in .exit(1) }
    let report = world.run()
    #expect(report.settlements["base"] == .failed(.code))
    #expect(report.settlements["left"] == .blocked && report.settlements["right"] == .blocked)
  }

  @Test(arguments: 1...16) func killedWhileTwoReadersWait(steps: Int) {
    let world = sharedProducer()
    world.collect(["base": ["out"], "side": ["out"]])
    world["config/rate.txt"] = "2"
    _ = world.runKilled(after: steps)
    for attempt in world.processes.running { world.processes.complete(attempt, at: world.now) }
    #expect(world.run().result == .succeeded)
    #expect(world.run().ran.isEmpty)
  }
}
