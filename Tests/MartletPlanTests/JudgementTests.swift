/// Verdicts, gates, releases and tasks that run whatever happened above them.

import MartletModel
import MartletPlan
import Testing
import TestPipelines

struct JudgementTests {
  private func settled(_ change: (inout PlannedWorld) -> Void = { _ in }) -> PlannedWorld {
    var world = PlannedWorld.flights()
    change(&world)
    world.run()
    return world
  }

  // MARK: Verdicts

  @Test func aFailingVerdictBlocksDependentsButNotTheReport() {
    var world = PlannedWorld.flights()
    world.verdicts["validate"] = .fail
    #expect(
      world.run() == [
        "ingest dt=2013-01-01", "ingest dt=2013-01-02", "ingest dt=2013-01-03", "ingest (gather)", "validate", "report",
      ])
    #expect(world.run().isEmpty)
    #expect(world.plan().first == "clean blocked: blocked by validate, whose verdict is fail")
    let told = world.ingredients[TaskInstance(task: "report")]!.entries.filter { $0.kind == .upstream }
    #expect(
      told.map { "\($0.name): \($0.value)" } == [
        "eval: blocked: blocked by clean, which is blocked itself",
        "package: blocked: blocked by validate, whose verdict is fail",
        "train: blocked: blocked by clean, which is blocked itself", "validate: succeeded, verdict fail",
      ])
    #expect(absentInputs(of: "report", in: world) == ["train", "eval", "drift", "notes"])
  }

  @Test func aWarningBlocksNothing() {
    var world = PlannedWorld.flights()
    world.verdicts["validate"] = .warn
    #expect(world.run().count == 10)
  }

  @Test func theReportRunsAgainWhenATaskEndsOtherwise() {
    var world = settled()
    world.failing = ["train"]
    world.sources["config/train.yaml"]!.replace("gbdt", with: "dart")
    #expect(world.run() == ["train", "report"])
    world.failing = []
    #expect(world.run() == ["train", "eval", "package", "report"])
  }

  // MARK: Gates

  @Test func aGateAsksAgainWhenWhatItPromotedWasRolledBack() {
    var world = settled()
    world.decide("promote", .lapsed)
    #expect(
      world.plan() == ["promote wait: waits for gate promote; the approval lapsed when its release was rolled back"])
    world.decide("promote", .approved)
    #expect(world.plan().isEmpty)
  }

  @Test func aGateAsksAgainWhenItsEvidenceChanges() {
    var world = settled()
    world.decide("promote", .approved)
    #expect(world.plan().isEmpty)
    world.sources["config/train.yaml"]!.replace("0.6", with: "0.61")
    world.run()
    #expect(world.plan() == ["promote wait: waits for gate promote"])
    world.decide("promote", .rejected)
    #expect(world.plan() == ["promote blocked: gate promote was rejected"])
    world.sources["config/train.yaml"]!.replace("0.61", with: "0.6")
    world.run()
    #expect(world.plan().isEmpty)
  }

  @Test func aGateOfPartitionsBindsToEachOfThem() {
    var world = PlannedWorld(
      .testing([
        .builtin(
          "ingest", uses: "ingest", in: ["x=raw/${{ dt }}"], out: ["part=part/${{ dt }}"], gather: ["all=./all"], each: "dt"),
        .gate("look", show: ["ingest.part"]),
        .command("after", out: ["o=./after"], after: ["look"]),
      ]), sources: ["raw/2013-01-01": "1", "raw/2013-01-02": "2"])
    world.run()
    #expect(
      world.plan() == [
        "ingest dt=2013-01-03 missing: input x is not there: raw/2013-01-03", "look wait: waits for gate look",
        "after blocked: blocked by look, which waits for a person",
      ])
    world.decide("look", .approved)
    #expect(world.run() == ["after"])
    world.sources["raw/2013-01-02"] = "2!"
    world.constantOutputs["ingest.all"] = "same"
    world.run()
    #expect(world.plan().dropFirst().first == "look wait: waits for gate look")
  }

  @Test func anApprovedGateStandsForATaskAlone() {
    var world = PlannedWorld(
      .testing([
        .command("make", in: ["x=./source"], out: ["o=./made"]),
        .gate("look", show: ["make.o"]),
        .command("ship", in: ["x=make.o"], out: ["o=./shipped"], after: ["look"]),
      ]), sources: ["./source": "1"])
    world.run()
    let only = Selection(tasks: ["ship"], reach: .only)
    #expect(world.plan(only) == ["ship blocked: blocked by look, which is not selected and has no checkpoint"])
    world.decide("look", .approved)
    #expect(world.plan(only) == ["ship run: never run"])
  }

  // MARK: Releases

  @Test func anApprovalAloneMakesNothingStale() {
    var world = settled()
    world.decide("promote", .approved)
    world.promote()
    #expect(world.plan().isEmpty)
    #expect(absentInputs(of: "eval", in: world) == ["champion"])
  }

  @Test func theNextModelIsComparedWithTheReleaseBeforeIt() {
    var world = settled()
    world.promote()
    let first = world.releases[0]
    world.sources["data/raw/dt=2013-01-02/flights.csv"] = "more"
    world.run()
    #expect(input("champion", of: "eval", in: world) == first.digest.hex)
    #expect(input("baseline", of: "validate", in: world) == first.files["data_profile.json"]!.hex)
    // The second release is made of just what eval reads now: the champion stays the first.
    world.promote()
    #expect(world.run().isEmpty)
    // A rollback cuts the second off.
    world.releases.removeFirst()
    #expect(world.run().isEmpty)
  }

  @Test func whileDataAreUnsettledTheReleaseIsUnknown() {
    var world = settled()
    world.promote()
    world.sources["data/raw/dt=2013-01-02/flights.csv"] = "more"
    #expect(world.plan().dropFirst(2).first == "validate maybe: ingest runs first")
  }

  // MARK: The graph's text

  @Test func aMissingPartitionDoesNotMakeItsTaskLookBlocked() {
    var world = PlannedWorld.flights()
    world.sources["data/raw/dt=2013-01-03/flights.csv"] = nil
    world.run()
    let graph = world.ingredients[TaskInstance(task: "report")]!.entries.first { $0.kind == .graph }!.value
    #expect(graph.contains("t0[\"ingest × dt<br/>succeeded\"]:::succeeded"))
    #expect(graph.contains("t6{{\"promote\"}}"))
    #expect(!graph.contains("blocked"))
  }

  @Test func graphsAreDrawn() {
    let pipeline = Pipeline.testing([
      .command("a\"b", in: ["x=raw/${{ dt }}"], out: ["o=a/${{ dt }}"], each: "dt"),
      .gate("g", show: ["a\"b.o"]),
      .command("c", out: ["o=./c"], after: ["g"]),
    ])
    let text = GraphText(pipeline: pipeline, states: ["c": "failed", "g": "odd"])
    #expect(
      text.mermaid == """
        flowchart LR
          t0["a&quot;b × dt"]
          t1{{"g<br/>odd"}}:::odd
          t2["c<br/>failed"]:::failed
          t0 -.-> t1
          t1 -.-> t2
          classDef failed fill:#f9d6d5,stroke:#b3261e,color:#1b1b1b

        """)
    #expect(text.dot.contains(#"  t0 [label="a\"b × dt"]"#))
    #expect(text.dot.contains(#"  t1 [label="g\nodd", shape=hexagon, style=filled]"#))
    #expect(text.dot.contains("  t0 -> t1 [style=dashed]"))
  }

  private func input(_ name: String, of task: String, in world: PlannedWorld) -> String? {
    world.ingredients[TaskInstance(task: task)]?.entries.first { $0.kind == .input && $0.name == name }?.value
  }

  private func absentInputs(of task: String, in world: PlannedWorld) -> [String] {
    world.ingredients[TaskInstance(task: task)]!.entries
      .filter { $0.kind == .input && $0.value == absentValue }.map(\.name)
  }
}
