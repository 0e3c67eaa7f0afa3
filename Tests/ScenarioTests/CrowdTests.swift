/// A thousand tasks that fail together: they do not come back together.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct CrowdTests {
  private static let count = 1_000

  /// When each task was tried again, in seconds after all of them failed at once, sorted.
  private func retries(seed: UInt64) -> [Double] {
    let tasks = (0..<CrowdTests.count).map { PipelineTask.command("t\($0)", in: ["x=./source"], out: ["o=./o\($0)"]) }
    let world = World(.testing(tasks), sources: ["./source": "1"])
    for task in tasks { world.script(task.name) { $0.earlier == 0 ? .exit(75) : .success } }
    let begin = world.now
    let options = RunOptions(
      capacity: Resources(cpu: CrowdTests.count, memoryBytes: 8_000_000), retryPolicy: RetryPolicy(), seed: seed)
    #expect(world.run(options).result == .succeeded)
    return world.journal.attempts.values.filter { $0.number == 2 }.map { $0.createdAt - begin }.sorted()
  }

  @Test func theyAreSpreadOutEvenly() {
    let times = retries(seed: 1)
    #expect(times.count == CrowdTests.count)
    #expect(times.first! >= 0.2)
    var perSecond: [Int: Int] = [:]
    for time in times { perSecond[Int(time), default: 0] += 1 }
    let mean = Double(times.count) / (times.last! - times.first!)
    #expect(times.last! > 9)
    #expect(perSecond.values.allSatisfy { Double($0) < 2 * mean }, "\(perSecond)")
    // In no moment do they all stand at the door.
    #expect(zip(times, times.dropFirst()).filter { $0 == $1 }.count < 5)
  }

  @Test func theSameSeedGivesTheSameTimes() {
    let times = retries(seed: 7)
    #expect(times == retries(seed: 7))
    #expect(times != retries(seed: 8))
  }
}
