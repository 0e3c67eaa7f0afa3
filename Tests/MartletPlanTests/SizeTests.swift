/// Plans of many tasks: no recursion, nothing quadratic. A breach shows as an overflow of the stack or as a test that takes minutes.

import MartletModel
import MartletPlan
import Testing
import TestPipelines

struct SizeTests {
  private static let count = 20_000

  @Test func aLongChain() {
    let tasks = (0..<SizeTests.count).map { place in
      PipelineTask.command(
        "t\(place)", in: [place == 0 ? "x=./source" : "x=t\(place - 1).o"], out: ["o=./o\(place)"], run: "cat")
    }
    var world = PlannedWorld(.testing(tasks), sources: ["./source": "1"])
    #expect(world.planner().plan(world.facts).entries.count == SizeTests.count)
    #expect(world.run(Selection(tasks: ["t9"])).count == 10)
    let planner = world.planner(Selection(tasks: ["t\(SizeTests.count - 1)"]))
    #expect(planner.selected.allSatisfy { $0 })
    #expect(planner.plan(world.facts).entries.last?.action == .run)
  }

  @Test func manyTasksBetweenTwo() {
    var tasks = [PipelineTask.command("first", in: ["x=./source"], out: ["o=./first"])]
    tasks += (0..<SizeTests.count).map { PipelineTask.command("t\($0)", in: ["x=first.o"], out: ["o=./o\($0)"], run: "cat") }
    tasks.append(.command("last", in: (0..<SizeTests.count).map { "x\($0)=t\($0).o" }, out: ["o=./last"]))
    let world = PlannedWorld(.testing(tasks), sources: ["./source": "1"])
    let plan = world.planner().plan(world.facts)
    #expect(plan.entries.count == SizeTests.count + 2)
    #expect(plan.entries.last?.instance.task == "last")
  }

  @Test func tasksComeAfterWhatTheyRead() {
    let tasks: [PipelineTask] = [
      .command("c", in: ["x=b.o"], out: ["o=./c"]), .command("a", out: ["o=./a"]),
      .command("b", in: ["x=a.o"], out: ["o=./b"], after: ["d"]), .command("d", out: ["o=./d"]),
    ]
    let world = PlannedWorld(.testing(tasks))
    #expect(world.plan() == ["a run: never run", "d run: never run", "b run: never run", "c run: never run"])
  }
}
