/// Which partitions of a range a backfill takes, and by which recipe.

import MartletModel
import MartletPlan
import Testing
import TestPipelines

struct BackfillPlanTests {
  /// Two tasks a day, a whole task that joins them, and ten days with a source.
  private func world(run: String = "part") -> PlannedWorld {
    PlannedWorld(
      .testing(
        [
          .command("part", in: ["x=raw/${{ dt }}"], out: ["o=part/${{ dt }}"], each: "dt", run: run),
          .command("score", in: ["x=part.o"], out: ["o=score/${{ dt }}"], each: "dt"),
          .command("join", in: ["x=score.o"], out: ["o=./joined"]),
        ], days: 1...10),
      sources: Dictionary(uniqueKeysWithValues: (1...9).map { ("raw/\(day($0))", "\($0)") }))
  }

  private func day(_ number: Int) -> String { "2013-01-\(number < 10 ? "0" : "")\(number)" }

  private func planner(
    _ world: PlannedWorld, _ range: String = "dt=2013-01-03..2013-01-10", _ tasks: [String] = [],
    _ choice: BackfillChoice = .stale
  ) -> BackfillPlanner {
    BackfillPlanner(
      pipeline: world.pipeline, partitions: world.pipeline.partitionsByName, range: PartitionRange(range)!, tasks: tasks,
      choice: choice)
  }

  private func days(_ plan: BackfillPlan, _ task: String) -> [String] {
    plan.entries.filter { $0.instance.task == task }.map { String($0.instance.partition!.value.suffix(2)) }
  }

  @Test func onlyTasksWithPartitionsInTheRange() {
    let world = world()
    let plan = planner(world).plan(world.facts, troubles: [:])
    #expect(days(plan, "part") == ["03", "04", "05", "06", "07", "08", "09"])
    #expect(days(plan, "score") == days(plan, "part"))
    #expect(plan.entries.count == 14)
    // The tenth day has no source, for neither task.
    #expect(plan.missing == 2)
    let named = planner(world, "dt=2013-01-04", ["part"]).plan(world.facts, troubles: [:])
    #expect(named.entries.map(\.instance.description) == ["part dt=2013-01-04"])
    #expect(planner(world, "dt=2013-01-04", ["score"]).candidates.count == 2)
    #expect(planner(world, "dt=2013-01-04", ["join"]).candidates.count == 2)
  }

  @Test func eachChoiceTakesItsOwn() {
    var world = world()
    world.run()
    // 03 was changed, 04 has lost its checkpoint, 05 and 06 failed when they last ran: 05 never had a result, 06 has an old one.
    world.sources["raw/2013-01-03"] = "other"
    world.sources["raw/2013-01-06"] = "other"
    for key in ["part/dt=2013-01-04", "score/dt=2013-01-04", "part/dt=2013-01-05", "score/dt=2013-01-05"] {
      world.checkpoints[TaskInstance(key: key)!] = nil
    }
    let troubles = Dictionary(
      uniqueKeysWithValues: [
        ("part/dt=2013-01-05", EarlierTrouble.failed(.code)), ("score/dt=2013-01-05", .blocked),
        ("part/dt=2013-01-06", .failed(.data)),
      ].map { (TaskInstance(key: $0)!, $1) })
    func chosen(_ choice: BackfillChoice) -> [String] {
      let plan = planner(world, "dt=2013-01-03..2013-01-07", [], choice).plan(world.facts, troubles: troubles)
      #expect(plan.entries.count + plan.upToDate + plan.leftOut == 10)
      return plan.entries.map { "\($0.instance.task) \($0.instance.partition!.value.suffix(2)) \($0.action.rawValue)" }
    }
    #expect(chosen(.missing) == ["part 04 run", "score 04 run"])
    #expect(chosen(.missingAndFailed) == ["part 04 run", "part 05 run", "part 06 run", "score 04 run", "score 05 run"])
    #expect(
      chosen(.stale) == [
        "part 03 run", "part 04 run", "part 05 run", "part 06 run", "score 03 maybe", "score 04 run", "score 05 run",
        "score 06 maybe",
      ])
    #expect(chosen(.all).count == 10)
    // What was tried in vain has not "never run"; one that has an old result says what changed since.
    let plan = planner(world, "dt=2013-01-04..2013-01-06").plan(world.facts, troubles: troubles)
    let told = plan.entries.map { "\($0.instance.task) \($0.instance.partition!.value.suffix(2)) \($0.reasons[0].kind)" }
    #expect(
      told == [
        "part 04 never_run", "part 05 failed_before", "part 06 input_changed", "score 04 never_run", "score 05 blocked_before",
        "score 06 upstream_may_change",
      ])
    #expect(plan.entries[1].reasons.map(\.text) == ["failed before (code)"])
    let run = Planner(pipeline: world.pipeline, partitions: world.pipeline.partitionsByName).plan(world.facts).telling(troubles)
    #expect(
      run.entries.filter { $0.reasons == [.failedBefore(.code)] || $0.reasons == [.blockedBefore] }.map(\.instance.description)
        == ["part dt=2013-01-05", "score dt=2013-01-05"])
  }

  @Test func aForcedBackfillSaysSo() {
    var world = world()
    world.run()
    let plan = planner(world, "dt=2013-01-03..2013-01-04", [], .all).plan(world.facts, troubles: [:])
    #expect(plan.entries.allSatisfy { $0.reasons == [.forced] })
    #expect(plan.upToDate == 0)
    #expect(planner(world).plan(world.facts, troubles: [:]).entries.isEmpty)
  }

  @Test func theRecipeIsThatOfTheTaskAndNotOfItsData() {
    var world = world()
    let before = planner(world).plan(world.facts, troubles: [:]).recipes
    #expect(Set(before.keys) == ["part", "score"])
    world.sources["raw/2013-01-05"] = "other"
    #expect(planner(world).plan(world.facts, troubles: [:]).recipes == before)
    let edited = self.world(run: "part --fast")
    let after = planner(edited).plan(edited.facts, troubles: [:]).recipes
    #expect(after["score"] == before["score"])
    #expect(after["part"]!.digest != before["part"]!.digest)
    #expect(Planner.changes(from: before["part"]!, to: after["part"]!) == [.commandChanged])
  }
}
