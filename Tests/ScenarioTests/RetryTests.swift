/// What follows a failed attempt: waits, seeds, larger requests, halves of a batch, or the end.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct RetryTests {
  private func world(_ task: PipelineTask, _ script: @escaping Processes.Script) -> World {
    let world = World(
      .testing([task, .command("after", in: ["x=\(task.name).o"], out: ["o=./after"])]), sources: ["./source": "1"])
    world.script(task.name, script)
    return world
  }

  private let flaky = PipelineTask.command("flaky", in: ["x=./source"], out: ["o=./flaky"])

  @Test func failingTwiceWithIOAndThenWorking() {
    let world = world(flaky) { $0.earlier < 2 ? .exit(75) : .success }
    let begin = world.now
    let report = world.run()
    #expect(report.result == .succeeded)
    #expect(
      report.attempts == [
        "flaky: failed io (exit status 75)", "flaky: failed io (exit status 75)", "flaky: succeeded", "after: succeeded",
      ])
    let waits = world.journal.waitsScheduled.map { $0.notBefore - begin }
    #expect(waits.count == 2)
    #expect((1..<1.5).contains(waits[0]))
    #expect((2..<2.5).contains(waits[1] - waits[0]))
    let ends = world.journal.attempts.values.sorted { $0.number < $1.number }.compactMap { $0.end?.nextAttemptAt }
    #expect(ends == world.journal.waitsScheduled.map(\.notBefore))
    #expect(world.journal.attempts.values.filter { $0.task == "flaky" }.map(\.number).sorted() == [1, 2, 3])
  }

  @Test func aBudgetIsSpentAndTheNextRunHasAFreshOne() {
    let world = world(flaky) { $0.earlier < 5 ? .exit(75) : .success }
    let report = world.run()
    #expect(report.result == .failed)
    #expect(report.attempts.count == 4)
    #expect(report.settlements == ["flaky": .failed(.io), "after": .blocked])
    #expect(report.messages["after"] == "blocked by flaky, which failed")
    #expect(world.run().attempts.count == 3)
  }

  @Test func eachClassHasItsOwnBudget() {
    let exits: [Performance] = [.exit(75), .signal(9), .exit(75), .signal(9)]
    let report = world(flaky) { exits[$0.earlier] }.run()
    #expect(
      report.attempts == [
        "flaky: failed io (exit status 75)", "flaky: failed killed (signal 9)", "flaky: failed io (exit status 75)",
        "flaky: failed killed (signal 9)",
      ])
    #expect(report.settlements["flaky"] == .failed(.killed))
  }

  @Test(arguments: [(Int32(1), FailureClass.code), (64, .config), (78, .config)])
  func whatARetryCannotMendIsNotRetried(status: Int32, failureClass: FailureClass) {
    let report = world(flaky) { _ in .exit(status) }.run()
    #expect(report.attempts == ["flaky: failed \(failureClass.rawValue) (exit status \(status))"])
    #expect(report.settlements["flaky"] == .failed(failureClass))
  }

  @Test func theTaskItselfMayAskForMoreTries() {
    let task = PipelineTask.command("flaky", in: ["x=./source"], out: ["o=./flaky"], retries: [.code: 2, .io: 0])
    #expect(world(task) { _ in .exit(1) }.run().attempts.count == 3)
    #expect(world(task) { _ in .exit(75) }.run().attempts.count == 1)
  }

  @Test func aRuleOfThePipelineGivesTheClass() {
    let world = World(
      .testing([flaky], failureRules: [FailureRule(failureClass: .io, exitStatuses: [3], logPattern: "refused$")]),
      sources: ["./source": "1"])
    world.script("flaky") { $0.earlier == 0 ? .exit(3, log: "connection refused") : .exit(3, log: "no such table") }
    #expect(
      world.run().attempts == [
        "flaky: failed io (failures[0] of the pipeline file)", "flaky: failed code (exit status 3)",
      ])
  }

  @Test func anExitOfZeroWithoutItsOutputsIsAFailure() {
    let report = world(flaky) { _ in Performance(omitted: [0]) }.run()
    #expect(report.settlements["flaky"] == .failed(.code))
    #expect(report.messages["flaky"] == "output o is missing")
  }

  @Test func aFailureLeavesTheLastGoodOutputInPlace() {
    let world = world(flaky) { _ in .success }
    _ = world.run()
    let good = world["./flaky"]
    world["./source"] = "2"
    world.script("flaky") { _ in Performance(status: .exited(1), records: [ResultRecord(status: "failed")]) }
    #expect(world.run().result == .failed)
    #expect(world["./flaky"] == good)
    #expect(world.files.texts.keys.allSatisfy { !$0.string.hasPrefix(".martlet/") })
  }

  @Test func timeoutsAreTriedOnceMore() {
    let report = world(flaky) { _ in Performance(status: .signalled(15), timedOut: true) }.run()
    #expect(report.attempts == Array(repeating: "flaky: timedOut timeout (the task's timeout)", count: 2))
  }

  @Test func publishingThatFailsIsTriedAgain() {
    let world = world(flaky) { _ in .success }
    world.files.failingPublications = 1
    let report = world.run()
    #expect(report.result == .succeeded)
    #expect(report.ran == ["flaky", "after"])
    #expect(world.journal.waitsScheduled.map(\.failureClass) == [.io])
  }

  @Test func outputsThatWereNotSyncedAreNotPublished() {
    let world = world(flaky) { _ in .success }
    world.files.failingVerifications = 1
    let report = world.run()
    #expect(report.attempts.first == "flaky: failed io (verifying the outputs)")
    #expect(report.result == .succeeded)
    #expect(world.journal.waitsScheduled.map(\.failureClass) == [.io])
  }

  // MARK: Classes of their own kind

  @Test func unstableTrainingTakesTheNextSeed() {
    var seeds: [Int] = []
    let world = world(flaky) { call in
      seeds.append(call.seedIndex)
      return call.seedIndex < 2 ? .failure(.unstable, message: "NaN", seedsLeft: 2 - call.seedIndex) : .success
    }
    #expect(world.run().result == .succeeded)
    #expect(seeds == [0, 1, 2])
  }

  @Test func afterTheLastSeedItWaitsForAChange() {
    let world = world(flaky) { .failure(.unstable, message: "NaN", seedsLeft: 2 - $0.seedIndex) }
    let report = world.run()
    #expect(report.attempts.count == 3)
    #expect(report.messages["flaky"] == "NaN")
    let again = world.run()
    #expect(again.attempts.isEmpty)
    #expect(again.result == .failed)
    #expect(again.messages["flaky"] == "NaN")
    #expect(world.plan().first == "flaky blocked: failed before (unstable) and nothing changed since")
    #expect(world.run(RunOptions(selection: Selection(retry: true))).attempts.count == 3)
    world["./source"] = "2"
    #expect(world.run().attempts.count == 3)
  }

  @Test func badDataAreTriedOnceAndTheRejectsAreKept() {
    let world = world(flaky) { _ in .failure(.data, message: "12 rows of 20") }
    #expect(world.run().attempts.count == 2)
    #expect(world.files.discarded.values.allSatisfy { $0 })
    #expect(world.run().attempts.isEmpty)
  }

  @Test func aHeldFailureIsThatOfWhatFailedAndNotOfWhatAPersonStopped() {
    var performance = Performance.failure(.data, message: "12 rows of 20")
    let world = world(flaky) { _ in performance }
    #expect(world.run().settlements["flaky"] == .failed(.data))
    #expect(world.run().settlements["flaky"] == .failed(.data))
    world["./source"] = "mended"
    performance = Performance(hangs: true)
    let stopped = world.run(RunOptions(cancelsAt: { if case .attemptStarted = $0 { true } else { false } }))
    #expect(stopped.result == .cancelled)
    world["./source"] = "1"
    #expect(world.run().attempts.isEmpty)
    world["./source"] = "mended"
    performance = .success
    #expect(world.run().ran.first == "flaky")
  }

  @Test func whoRanOutOfMemoryGetsTwiceAsMuch() {
    var asked: [Int] = []
    let task = PipelineTask.command(
      "flaky", in: ["x=./source"], out: ["o=./flaky"], resources: ResourceRequest(memoryBytes: 3_000), retries: [.resource: 9])
    let world = world(task) { call in
      asked.append(call.memoryBytes)
      return Performance(status: .signalled(9), outOfMemory: true)
    }
    #expect(world.run().settlements["flaky"] == .failed(.resource))
    // Up to what the host gives, and no further.
    #expect(asked == [3_000, 6_000, 8_000])
  }

  // MARK: Batches

  private func batched(_ script: @escaping Processes.Script) -> World {
    let world = World.flights(days: 1...8, batch: 64)
    world.script("ingest", script)
    return world
  }

  private let oneLane = RunOptions(selection: Selection(tasks: ["ingest"]), capacity: Resources(cpu: 1, memoryBytes: 8_000))

  @Test func aBatchIsOneProcess() {
    let report = batched { _ in .success }.run(oneLane)
    #expect(report.attempts == ["ingest 01,02,03,04,05,06,07,08: succeeded", "ingest: succeeded"])
  }

  @Test func coresShareABatchEvenly() {
    let world = batched { _ in .success }
    let report = world.run(RunOptions(selection: Selection(tasks: ["ingest"])))
    #expect(report.attempts == ["ingest 01,02,03,04: succeeded", "ingest 05,06,07,08: succeeded", "ingest: succeeded"])
  }

  @Test func halvingFindsTheCulpritAndOnlyItSpendsItsBudget() {
    let world = batched { call in
      call.partitions.contains("2013-01-06") ? Performance(status: .signalled(11), omitted: Set(0..<8)) : .success
    }
    // A process that dies leaves no record of any partition.
    let report = world.run(oneLane)
    #expect(
      report.attempts == [
        "ingest 01,02,03,04,05,06,07,08: failed killed (signal 11)", "ingest 01,02,03,04: succeeded",
        "ingest 05,06,07,08: failed killed (signal 11)", "ingest 05,06: failed killed (signal 11)", "ingest 05: succeeded",
        "ingest 06: failed killed (signal 11)", "ingest 07,08: succeeded", "ingest 06: failed killed (signal 11)",
      ])
    #expect(report.settlements["ingest dt=2013-01-06"] == .failed(.killed))
    #expect(report.settlements["ingest (gather)"] == .blocked)
    #expect(report.settlements.values.filter { $0 == .succeeded }.count == 7)
    #expect(world.journal.waitsScheduled.map(\.instance.description) == ["ingest dt=2013-01-06"])
  }

  @Test func outputsThatWereNotVerifiedAreNeverPublished() {
    let world = World.flights()
    world.files.unverified = [TaskInstance(task: "clean")]
    let report = world.run()
    #expect(report.settlements["clean"] == .failed(.code))
    #expect(report.messages["clean"]?.hasPrefix("output ") == true)
  }

  @Test func inABatchEveryPartitionPublishesOnItsOwnRecord() {
    let world = batched { call in
      guard call.earlier == 0 else { return .success }
      let records = call.partitions.prefix(3).map { ResultRecord(partition: $0, status: "succeeded") }
      let bad = ResultRecord(partition: "2013-01-05", status: "failed", failureClass: .config, message: "no such column")
      return Performance(status: .signalled(9), records: records + [bad], omitted: [3, 4, 5, 6, 7])
    }
    let report = world.run(oneLane)
    #expect(
      report.attempts == [
        "ingest 01,02,03,04,05,06,07,08: failed killed (signal 9)", "ingest 04,06,07,08: succeeded",
      ])
    #expect(report.settlements["ingest dt=2013-01-05"] == .failed(.config))
    #expect(report.messages["ingest dt=2013-01-05"] == "no such column")
  }

  @Test func aDataFailureNamesTheAttemptOfABatchWhoseRejectsAreKept() {
    let world = batched { call in
      let failures = [("2013-01-02", FailureClass.config), ("2013-01-05", .data), ("2013-01-07", .config)]
      return Performance(
        records: failures.filter { call.partitions.contains($0.0) }.map { partition, failureClass in
          ResultRecord(partition: partition, status: "failed", failureClass: failureClass)
        })
    }
    let report = world.run(oneLane)
    let all = "ingest 01,02,03,04,05,06,07,08"
    #expect(
      report.attempts == ["\(all): failed data (the task's own result)", "ingest 05: failed data (the task's own result)"])
    #expect(world.files.discarded.values.allSatisfy { $0 })
  }

  @Test func aBatchThatDiesWhenTheRunStopsIsNotSplit() {
    let world = batched { call in
      let bad = ResultRecord(partition: "2013-01-01", status: "failed", failureClass: .config)
      return Performance(status: .exited(1), records: [bad], omitted: Set(1..<8))
    }
    var options = oneLane
    options.failFast = true
    let report = world.run(options)
    #expect(report.result == .failed)
    #expect(report.attempts.count == 1)
    #expect(report.settlements["ingest (gather)"] == .cancelled)
  }
}
