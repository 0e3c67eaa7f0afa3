/// Runs of many tasks: one event must not cost a pass over all of them.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct SizeTests {
  @Test func aWideGraph() {
    let count = 1_500
    var tasks = (0..<count).map { PipelineTask.command("t\($0)", in: ["x=./source"], out: ["o=./o\($0)"], run: "cat") }
    tasks.append(.command("last", in: (0..<count).map { "x\($0)=t\($0).o" }, out: ["o=./last"]))
    let world = World(.testing(tasks), sources: ["./source": "1"])
    #expect(world.run().counts == RunCounts(ran: count + 1))
    #expect(world.run().counts == RunCounts(reused: count + 1))
  }

  @Test func aLongChain() {
    let count = 1_500
    let tasks = (0..<count).map { place in
      PipelineTask.command("t\(place)", in: [place == 0 ? "x=./source" : "x=t\(place - 1).o"], out: ["o=./o\(place)"])
    }
    let world = World(.testing(tasks), sources: ["./source": "1"])
    #expect(world.run().result == .succeeded)
    // A failure at its beginning reaches its end without recursion.
    world["./source"] = "2"
    world.script("t0") { _ in .exit(1) }
    #expect(world.run().counts == RunCounts(ran: 1, failed: 1, blocked: count - 1))
  }
}
