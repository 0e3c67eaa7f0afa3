/// The real loop, with everything outside done at once: the order of what is written, done and told.

import MartletModel
import MartletPlan
import MartletRun
@testable import MartletSimulation
import Testing
import TestPipelines

struct RunLoopTests {
  private let trace = Trace()
  private let mailbox = Mailbox()

  private func world(_ tasks: [PipelineTask]) -> World {
    World(.testing(tasks), sources: ["./source": "1"])
  }

  private let two = [
    PipelineTask.command("one", in: ["x=./source"], out: ["o=./one"]),
    PipelineTask.command("two", in: ["x=one.o"], out: ["o=./two"]),
  ]

  private func loop(
    _ world: World, syncFailure: BrokenDisk? = nil, publishFailure: BrokenDisk? = nil, commitFailure: BrokenDisk? = nil
  ) -> RunLoop {
    let files = TracedFiles(world.files, trace: trace)
    files.syncFailure = syncFailure
    files.publishFailure = publishFailure
    let journal = TracedJournal(world.journal, trace: trace)
    journal.commitFailure = commitFailure
    let trace = trace
    return RunLoop(
      state: world.state(RunOptions(retryPolicy: RetryPolicy(baseSeconds: 0, jitterSeconds: 0))), journal: journal,
      workspace: files,
      executor: InlineExecutor(mailbox: mailbox, processes: world.processes, files: files, trace: trace),
      workers: InlineWorkers(), clock: StandingClock(), mailbox: mailbox,
      launcher: Launcher(root: "/w", tasksExecutable: "/t", hostEnvironment: [:]),
      tell: { notice in
        switch notice {
        case .attemptStarted: break
        case .retrying(let instance, let failureClass, _, _, _):
          trace.lines.append("tell \(instance) again \(failureClass.rawValue)")
        case .inputsChanged(let instance): trace.lines.append("tell \(instance) inputs changed")
        case .rebuilding(let instance, _, _): trace.lines.append("tell \(instance) is made again")
        case .compared(let compared): trace.lines.append("tell \(compared.instance) compared")
        case .gateWaits(let instance): trace.lines.append("tell \(instance) waits")
        case .settled(let settled): trace.lines.append("tell \(settled.instance) \(settled.settlement.word)")
        }
      })
  }

  @Test func everythingIsWrittenBeforeItIsDoneAndSyncedBeforeItIsTold() throws {
    let end = try loop(world(two)).run()
    #expect(end.result == .succeeded)
    #expect(end.counts == RunCounts(ran: 2))
    #expect(
      trace.lines == [
        "commit run started, created r1.1", "prepare r1.1", "start r1.1", "verify r1.1",
        "commit ended r1.1 succeeded, intent one", "publish one", "commit settled one succeeded, published r1.1, created r1.2",
        "discard r1.1", "prepare r1.2", "sync folders", "start r1.2", "sync journal", "tell one succeeded", "verify r1.2",
        "commit ended r1.2 succeeded, intent two", "publish two", "commit settled two succeeded, published r1.2",
        "discard r1.2", "sync folders", "commit run ended succeeded", "sync journal", "tell two succeeded",
      ])
  }

  @Test func oneSyncServesAllThatEndsWhileAttemptsAreAlive() throws {
    let chain = (0..<5).map { number in
      PipelineTask.command("t\(number)", in: [number == 0 ? "x=./source" : "x=t\(number - 1).o"], out: ["o=./o\(number)"])
    }
    #expect(try loop(world(chain)).run().counts == RunCounts(ran: 5))
    // Five, if each had one of its own.
    #expect(trace.lines.count { $0 == "sync folders" } == 3)
  }

  @Test func aFailureIsWrittenDownWithItsWait() throws {
    let world = world([two[0]])
    world.script("one") { $0.earlier == 0 ? .exit(75) : .success }
    #expect(try loop(world).run().result == .succeeded)
    #expect(trace.lines.contains("commit wait one io, ended r1.1 failed"))
    #expect(trace.lines.contains("tell one again io"))
  }

  @Test func theEndOfARunThatHasNothingGoodToTellIsSynced() throws {
    let world = world([two[0]])
    world.script("one") { _ in .exit(1) }
    #expect(try loop(world).run().result == .failed)
    #expect(trace.lines.last == "sync journal")
  }

  @Test func withoutADurableFolderNothingIsTold() throws {
    let loop = loop(world(two), syncFailure: BrokenDisk(description: "data: input/output error"))
    let error = #expect(throws: DurabilityError.self) { try loop.run() }
    #expect(
      error?.description == """
        cannot make the results durable: data: input/output error
          nothing unsynced was reported as done; mend the disk and run again
        """)
    #expect(!trace.lines.contains { $0.hasPrefix("tell") })
    #expect(!trace.lines.contains { $0.contains("run ended") })
  }

  @Test func aPublicationThatIsHalfInPlaceStaysOpen() {
    let world = world(two)
    let loop = loop(world, publishFailure: BrokenDisk(description: "one: input/output error"))
    #expect(throws: DurabilityError.self) { try loop.run() }
    #expect(world.journal.intents.keys.map(\.description) == ["one"])
    #expect(!trace.lines.contains { $0.hasPrefix("tell") || $0.hasPrefix("discard") })
  }

  @Test func withoutAJournalNothingIsStarted() {
    let loop = loop(world(two), commitFailure: BrokenDisk(description: "disk full"))
    #expect(throws: BrokenDisk.self) { try loop.run() }
    #expect(trace.lines.isEmpty)
  }

  @Test func callsRunOnTheLoop() throws {
    let trace = trace
    mailbox.post(.call { trace.lines.append("called") })
    #expect(try loop(world([two[0]])).run().result == .succeeded)
    #expect(trace.lines.contains("called"))
  }
}
