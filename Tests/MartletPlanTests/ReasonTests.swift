/// Every reason for which a task is stale, as a person reads it.

import MartletModel
import MartletPlan
import Testing
import TestPipelines

struct ReasonTests {
  /// `left` and `right` read sources, `join` reads both.
  private func world() -> PlannedWorld {
    var world = PlannedWorld(
      .testing(
        [
          .command(
            "left", in: ["data=./left.csv"], out: ["out=./left.out"], run: "cut ${{ params.column }}", code: ["cut.py"],
            env: ["LEVEL": "low"]),
          .builtin("right", uses: "train", in: ["config=./train.yaml#parameters,seeds"], out: ["out=./right.out"]),
          .command("join", in: ["left=left.out", "right=right.out"], out: ["out=./join.out"]),
        ], parameters: ["column": .integer(1)]),
      sources: [
        "./left.csv": "l", "cut.py": "code",
        "./train.yaml": #"{"parameters":{"leaves":31,"rate":0.1},"seeds":[1],"unused":1}"#,
      ])
    world.run()
    return world
  }

  private func plan(_ change: (inout PlannedWorld) -> Void) -> [String] {
    var world = world()
    change(&world)
    return world.plan()
  }

  @Test func nothingChanged() {
    #expect(plan { _ in }.isEmpty)
    #expect(world().planner().plan(world().facts).isSettled)
  }

  @Test func neverRun() {
    let world = PlannedWorld(world().pipeline, sources: world().sources)
    #expect(world.plan() == ["left run: never run", "right run: never run", "join run: never run"])
  }

  @Test func input() {
    let old = Digest(of: Array("l".utf8)).short
    let new = Digest(of: Array("L".utf8)).short
    #expect(
      plan { $0.sources["./left.csv"] = "L" }
        == ["left run: input data changed (\(old) -> \(new))", "join maybe: left runs first"])
  }

  @Test func parameterOfACommand() {
    #expect(
      plan { $0.pipeline.parameters["column"] = .integer(2) }
        == ["left run: parameter params.column 1 -> 2", "join maybe: left runs first"])
  }

  @Test func keysOfAConfigurationFile() {
    #expect(
      plan { $0.sources["./train.yaml"] = #"{"parameters":{"leaves":63,"rate":0.05},"seeds":[1,2],"unused":1}"# }
        == [
          "right run: parameter leaves 31 -> 63; parameter rate 0.1 -> 0.05; parameter seeds [1] -> [1,2]",
          "join maybe: right runs first",
        ])
    #expect(plan { $0.sources["./train.yaml"] = #"{"parameters":{"leaves":31,"rate":0.1},"seeds":[1],"unused":2}"# }.isEmpty)
  }

  @Test func keyThatIsGone() {
    #expect(
      plan { $0.sources["./train.yaml"] = #"{"parameters":{"rate":0.1}}"# }
        == ["right run: parameter leaves 31 -> absent; parameter seeds [1] -> absent", "join maybe: right runs first"])
  }

  @Test func code() {
    #expect(plan { $0.sources["cut.py"] = "c" } == ["left run: code cut.py changed", "join maybe: left runs first"])
  }

  @Test func library() {
    #expect(
      plan { $0.libraries[.lightgbm] = "4.7" } == ["right run: library lightgbm 4.6 -> 4.7", "join maybe: right runs first"])
    #expect(
      plan { $0.libraries[.lightgbm] = nil }
        == ["right blocked: lightgbm cannot be found", "join blocked: blocked by right, which failed"])
  }

  @Test func declaration() {
    let changed = [
      PipelineTask.command(
        "left", in: ["data=./left.csv"], out: ["out=./left.out"], run: "paste ${{ params.column }}", code: ["cut.py"],
        env: ["LEVEL": "high"]),
      .builtin("right", uses: "clean", in: ["config=./train.yaml#parameters,seeds"], out: ["out=./elsewhere.out"]),
      .command("join", in: ["left=left.out", "right=right.out"], out: ["out=./join.out"]),
    ]
    #expect(
      plan { $0.pipeline = .testing(changed, parameters: ["column": .integer(1)]) }
        == [
          "left run: command changed; environment LEVEL low -> high",
          "right run: built-in train@1 -> clean@1; declaration of output out changed; library lightgbm 4.6 -> absent",
          "join maybe: left runs first",
        ])
  }

  @Test func outputs() {
    #expect(
      plan { $0.damage("left", "out", .missing) } == ["left run: output missing: ./left.out", "join maybe: left runs first"])
    #expect(
      plan { $0.damage("join", "out", .modified) } == ["join run: output modified: ./join.out"])
  }

  @Test func checkpointRemoved() {
    #expect(
      plan { $0.removeCheckpoint("left") } == ["left run: checkpoint removed", "join maybe: left runs first"])
  }

  @Test func everyChangeIsNamedAtOnce() {
    let plan = plan {
      $0.sources["./left.csv"] = "L"
      $0.sources["cut.py"] = "c"
      $0.damage("left", "out", .missing)
    }
    #expect(
      plan.first?.hasSuffix("-> \(Digest(of: Array("L".utf8)).short)); code cut.py changed; output missing: ./left.out") == true)
  }

  @Test func absentSourceBlocks() {
    #expect(
      plan { $0.sources["./left.csv"] = nil }
        == ["left blocked: input data is not there: ./left.csv", "join blocked: blocked by left, which failed"])
  }

  @Test func whatIsNotInTheFingerprintMakesNothingStale() {
    var tasks = world().pipeline.tasks
    tasks[2] = .command(
      "join", in: ["left=left.out", "right=right.out"], out: ["out=./join.out"], resources: ResourceRequest(cpu: 8),
      retries: [.io: 9])
    #expect(plan { $0.pipeline = .testing(tasks, parameters: ["column": .integer(1)]) }.isEmpty)
  }

  @Test func everyReasonHasItsKind() {
    let path = ArtifactPath("a")
    let reasons: [Reason] = [
      .neverRun, .inputChanged(name: "n", old: "o", new: "w"), .parameterChanged(name: "n", old: "o", new: "w"),
      .environmentChanged(name: "n", old: "o", new: "w"), .codeChanged(path: "p"), .commandChanged,
      .builtinChanged(old: "o", new: "w"), .libraryChanged(name: "n", old: "o", new: "w"), .outputsDeclaredAnew(name: "n"),
      .upstreamEndedOtherwise(task: "t", old: "o", new: "w"), .graphChanged, .lineageChanged(name: "n"),
      .outputMissing(path: path), .outputModified(path: path), .checkpointRemoved, .forced, .upstreamMayChange(task: "t"),
      .waitsForGate("g"), .gateRejected("g"), .blocked(by: "t", why: .failed), .sourceMissing(input: "i", path: path),
      .sourceUnreadable(input: "i", path: path, why: UnreadableFile(message: "m", failureClass: .io)),
      .libraryMissing("l"), .heldFailure(.data), .unchanged,
    ]
    #expect(Set(reasons.map(\.kind)).count == reasons.count)
    #expect(
      reasons.filter { !$0.details.isEmpty }.map { "\($0.kind) \($0.details.map(\.name).joined(separator: " "))" } == [
        "input_changed name old new", "parameter_changed name old new", "environment_changed name old new", "code_changed path",
        "builtin_changed old new", "library_changed name old new", "output_declaration_changed name",
        "upstream_outcome_changed task old new", "lineage_changed name", "output_missing path", "output_modified path",
        "upstream_may_change task", "waits_for_gate gate", "gate_rejected gate", "blocked task why", "source_missing name path",
        "source_unreadable name path class", "library_missing name", "held_failure class",
      ])
  }
}
