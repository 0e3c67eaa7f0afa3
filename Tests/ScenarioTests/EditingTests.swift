/// Edit, run, exactly these ran again.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct EditingTests {
  private let everything = [
    "ingest dt=2013-01-01", "ingest dt=2013-01-02", "ingest dt=2013-01-03", "ingest (gather)", "validate", "clean", "train",
    "eval",
    "package", "report",
  ]

  private func settled() -> World {
    let world = World.flights()
    _ = world.run()
    return world
  }

  @Test func theSecondRunHasNothingToDo() {
    let world = World.flights()
    let first = world.run()
    #expect(first.ran == everything)
    #expect(first.result == .waiting)
    #expect(first.counts == RunCounts(ran: 7, waiting: 1))
    #expect(first.settlements["promote"] == .waiting)
    let before = world.files.visible
    let second = world.run()
    #expect(second.ran.isEmpty)
    #expect(second.counts == RunCounts(reused: 7, waiting: 1))
    #expect(world.files.visible == before)
  }

  @Test func aParameterOfTheLearner() {
    let world = settled()
    world.edit("config/train.yaml", #""learning_rate":0.1"#, #""learning_rate":0.05"#)
    #expect(world.plan().first == "train run: parameter learning_rate 0.1 -> 0.05")
    #expect(world.run().ran == ["train", "eval", "package", "report"])
    #expect(world.run().ran.isEmpty)
  }

  @Test func aThreshold() {
    let world = settled()
    world.edit("config/train.yaml", "0.6", "0.61")
    #expect(world.run().ran == ["eval", "report"])
  }

  @Test func aKeyThatNobodyReads() {
    let world = settled()
    world.edit("config/train.yaml", #"{"drift""#, #"{"comment":"new","drift""#)
    #expect(world.run().ran.isEmpty)
  }

  @Test func aParameterOfThePipeline() {
    let world = settled()
    world.pipeline.parameters["min_rows"] = .integer(10)
    #expect(world.plan().first == "validate run: parameter min_rows 1000 -> 10")
    // The profile holds the data alone, but in this double everything that a task is told shows in what it writes.
    #expect(world.run().ran == ["validate", "package", "report"])
  }

  @Test func onePartition() {
    let world = settled()
    world["data/raw/dt=2013-01-02/flights.csv"] = "late ones too"
    #expect(
      world.run().ran == [
        "ingest dt=2013-01-02", "ingest (gather)", "validate", "clean", "train", "eval", "package", "report",
      ])
  }

  @Test func identicalBytesStopThere() {
    let world = World.flights()
    world.script("ingest") { _ in Performance(contents: ["part": "rows", "rejects": "none"]) }
    _ = world.run()
    world["data/raw/dt=2013-01-02/flights.csv"] = "the same rows, spelt otherwise"
    let report = world.run()
    #expect(report.ran == ["ingest dt=2013-01-02"])
    #expect(report.counts.ran == 1)
    #expect(world.run().ran.isEmpty)
  }

  @Test func aRemovedCheckpoint() {
    let world = settled()
    let before = world.files.visible
    world["checkpoints/train.ok"] = nil
    #expect(world.plan().first == "train run: checkpoint removed")
    // It writes other bytes this time; the old ones are as recorded, so nobody edited them and nothing is set aside.
    world.script("train") { _ in Performance(contents: ["model": "another"]) }
    #expect(world.run().ran.first == "train")
    #expect(world.files.visible != before)
    #expect(world.files.asides.isEmpty)
  }

  @Test func anOutputDeletedOrEdited() {
    let world = settled()
    let before = world.files.visible
    world["models/model.txt"] = nil
    #expect(world.plan().first == "train run: output missing: models/model.txt")
    #expect(world.run().ran == ["train"])
    world["data/processed/features.parquet"] = "mine"
    #expect(world.plan().first == "clean run: output modified: data/processed/features.parquet")
    #expect(world.run().ran == ["clean"])
    #expect(world.files.visible == before)
    #expect(world.files.asides == ["mine"])
  }

  @Test func anApproval() {
    let world = settled()
    world.decide("promote", .approved)
    let approved = world.run()
    #expect(approved.ran.isEmpty)
    #expect(approved.result == .succeeded)
    world.edit("config/train.yaml", "0.6", "0.61")
    #expect(world.run().result == .waiting)
    world.decide("promote", .rejected)
    #expect(world.run().result == .rejected)
  }

  @Test func aPartitionMoreAndOneLess() {
    let world = settled()
    world.pipeline = .flights(days: 1...4)
    world["data/raw/dt=2013-01-04/flights.csv"] = "a new day"
    #expect(world.run().ran.prefix(2) == ["ingest dt=2013-01-04", "ingest (gather)"])
    world["data/raw/dt=2013-01-01/flights.csv"] = nil
    let report = world.run()
    #expect(report.settlements["ingest dt=2013-01-01"] == .missing)
    #expect(report.ran.first == "ingest (gather)")
    #expect(report.result == .waiting)
  }

  @Test func aTaskAloneWithoutWhatItReadsFails() {
    let world = World.flights()
    let report = world.run(RunOptions(selection: Selection(tasks: ["clean"], reach: .only)))
    #expect(report.result == .failed)
    #expect(report.messages["clean"] == "blocked by ingest (gather), which is not selected and has no checkpoint")
    #expect(world.run(RunOptions(selection: Selection(tasks: ["clean"]))).result == .succeeded)
  }
}
