// What goes into the journal comes out again, all of a transaction or nothing.

import MartletModel
import MartletRun
import MartletStore
import Testing

@Suite struct JournalTests {
  let scratch = Scratch()

  @Test func aRunIsKeptFromItsStartToItsEnd() throws {
    let store = try Store(path: scratch.path)
    var run = RunRecord.example("r1")
    try store.commit([.runStarted(run)])
    #expect(try store.reader.run("r1") == run)
    try store.commit([.runEnded(run: "r1", result: .waiting, counts: RunCounts(ran: 3, reused: 2, waiting: 1), at: 1010.5)])
    run.endedAt = 1010.5
    run.result = .waiting
    run.counts = RunCounts(ran: 3, reused: 2, waiting: 1)
    #expect(try store.reader.run("r1") == run)
  }

  @Test func runsComeNewestFirstByOrderOfStartNotByTheirClock() throws {
    let store = try Store(path: scratch.path)
    try store.commit([.runStarted(.example("aa1", startedAt: 2000))])
    try store.commit([.runStarted(.example("aa2", startedAt: 1000))])
    try store.commit([.runStarted(.example("b_3", startedAt: 1500))])
    #expect(try store.reader.runs(limit: 2).map(\.id) == ["b_3", "aa2"])
    #expect(try store.reader.latestRun()?.id == "b_3")
    #expect(try store.reader.runs(prefix: "aa").map(\.id) == ["aa2", "aa1"])
    #expect(try store.reader.runs(prefix: "b%").isEmpty)
  }

  @Test func anAttemptIsKeptWithItsProcessAndItsEnd() throws {
    let store = try Store(path: scratch.path)
    var attempt = AttemptRecord.example("a1", [day(1), day(2)])
    try store.commit([.runStarted(.example("r1")), .attemptCreated(attempt)])
    #expect(try store.reader.unfinishedAttempts() == [attempt])
    attempt.identity = ProcessIdentity(pid: 4711, startTicks: .max, bootID: "boot")
    attempt.end = .example(.failed, .io)
    try store.commit([.attemptStarted(attempt: "a1", attempt.identity!), .attemptEnded(attempt: "a1", attempt.end!)])
    #expect(try store.reader.attempt("a1") == attempt)
    #expect(try store.reader.attempts(run: "r1", task: "ingest") == [attempt])
    #expect(try store.reader.attempts(run: "r1", task: "train").isEmpty)
    #expect(try store.reader.latestAttempts(task: "ingest", limit: 1) == [attempt])
    #expect(try store.reader.unfinishedAttempts().isEmpty)
  }

  @Test(arguments: [
    Settlement.reused, .succeeded, .failed(.inputChanged), .blocked, .missing, .waiting, .rejected, .cancelled,
  ])
  func everySettlementReadsBack(_ settlement: Settlement) throws {
    let store = try Store(path: scratch.path)
    let record = InstanceRecord(
      run: "r1", instance: day(3), settlement: settlement, reasons: ["input flights changed (1 -> 2)", "forced"], verdict: .fail,
      message: nil, fingerprint: Ingredients.example("a").fingerprint, at: 5)
    try store.commit([.settled(record)])
    #expect(try store.reader.instances(run: "r1") == [record])
    #expect(try store.reader.latestSettlement(of: day(3)) == record)
  }

  @Test func aPublicationBecomesACheckpointOnlyWhenItIsDone() throws {
    let store = try Store(path: scratch.path)
    let first = PublishIntent.example(day(1))
    let second = PublishIntent.example(TaskInstance(task: "ingest", slice: .gather))
    try store.commit([.publishIntended(first), .publishIntended(second)])
    #expect(try store.reader.openIntents() == [first, second])
    #expect(try store.reader.checkpoints().isEmpty)
    try store.commit([.published(attempt: "a1", instances: [day(1)])])
    #expect(try store.reader.openIntents() == [second])
    #expect(try store.reader.checkpoint(day(1)) == first.checkpoint)
    #expect(try store.reader.ingredients(of: day(1)) == first.checkpoint.ingredients)
    try store.commit([.publishUndone(attempt: "a1", instances: [second.checkpoint.instance])])
    #expect(try store.reader.openIntents().isEmpty)
    #expect(try store.reader.checkpoints().map(\.instance) == [day(1)])
  }

  @Test func aNewCheckpointReplacesTheOldOne() throws {
    let store = try Store(path: scratch.path)
    for (attempt, input) in [("a1", "a"), ("a2", "b")] {
      try store.commit([.publishIntended(.example(day(1), input: input, attempt: attempt))])
      try store.commit([.published(attempt: attempt, instances: [day(1)])])
    }
    #expect(try store.reader.checkpoints().map(\.attempt) == ["a2"])
    #expect(try store.reader.ingredients(of: day(1)) == .example("b"))
  }

  @Test func aTransactionThatBreaksLeavesNothingBehindAndEndsTheWriter() throws {
    let store = try Store(path: scratch.path)
    let broken = StoreError.inconsistent(
      path: scratch.path, detail: "ingest dt=2013-01-02 published by attempt a9 without an intent")
    #expect(throws: broken) {
      try store.commit([.runStarted(.example("r1")), .published(attempt: "a9", instances: [day(1)])])
    }
    #expect(throws: broken) { try store.commit([.runStarted(.example("r2"))]) }
    #expect(try store.reader.runs(limit: 9).isEmpty)
  }

  @Test func waitsAreKeptInOrderUntilTheRunEnds() throws {
    let store = try Store(path: scratch.path)
    let fingerprint = Ingredients.example("a").fingerprint
    try store.commit([.runStarted(.example("r1"))])
    for notBefore in [10.5, 20.25] {
      try store.commit([
        .waitScheduled(run: "r1", instance: day(1), fingerprint: fingerprint, failureClass: .io, notBefore: notBefore)
      ])
    }
    let waits = try store.reader.waits(run: "r1")
    #expect(waits.map(\.notBefore) == [10.5, 20.25])
    #expect(waits.map(\.fingerprint) == [fingerprint, fingerprint])
    #expect(waits.map(\.failureClass) == [.io, .io])
    try store.commit([.runEnded(run: "r1", result: .failed, counts: RunCounts(), at: 30)])
    #expect(try store.reader.waits(run: "r1").isEmpty)
  }

  @Test func aHeldFailureStandsUntilTheInstanceIsSettledAnew() throws {
    let store = try Store(path: scratch.path)
    func settle(_ run: String, _ settlement: Settlement, _ fingerprint: Fingerprint? = nil) throws {
      try store.commit([
        .settled(
          InstanceRecord(
            run: run, instance: day(1), settlement: settlement, reasons: [], verdict: nil, message: "bad",
            fingerprint: fingerprint,
            at: 1))
      ])
    }
    let tried = Ingredients.example("a").fingerprint
    try settle("r1", .failed(.data), tried)
    let held = try store.reader.heldFailures()
    #expect(held.map(\.instance) == [day(1)])
    #expect(held.map(\.fingerprint) == [tried])
    #expect(held.map(\.failureClass) == [.data])
    try settle("r2", .blocked)
    #expect(try store.reader.heldFailures() == held)
    // What was mended meanwhile was tried and stopped by a person: that is no failure of what is there now.
    try store.commit([
      .attemptCreated(.example("a2", [day(1)], input: "b")), .attemptEnded(attempt: "a2", .example(.cancelled, .cancelled)),
    ])
    try settle("r3", .cancelled)
    #expect(try store.reader.heldFailures() == held)
    try settle("r4", .failed(.io), tried)
    #expect(try store.reader.heldFailures().isEmpty)
  }

  @Test func checkpointsFromOkFilesFillAStoreThatLostThem() throws {
    let store = try Store(path: scratch.path)
    try store.commit([.publishIntended(.example(day(1), input: "new"))])
    try store.commit([.published(attempt: "a1", instances: [day(1)])])
    try store.adopt(checkpoints: [.example(day(1), input: "old"), .example(day(2), input: "old")])
    #expect(try store.reader.ingredients(of: day(1)) == .example("new"))
    #expect(try store.reader.checkpoint(day(2)) == .example(day(2), input: "old"))
  }

  @Test func checkpointsOfRunsWithoutAResultAreTold() throws {
    let store = try Store(path: scratch.path)
    try store.adopt(checkpoints: [.example(day(1)), .example(day(2))])
    #expect(try store.reader.checkpointsOfUnfinishedRuns().map(\.instance) == [day(1), day(2)])
    try store.commit([.runStarted(.example("r1"))])
    #expect(try store.reader.checkpointsOfUnfinishedRuns().count == 2)
    try store.commit([.runEnded(run: "r1", result: .failed, counts: RunCounts(), at: 30)])
    #expect(try store.reader.checkpointsOfUnfinishedRuns().isEmpty)
  }

  @Test func theMemoReadsBackWithTheExtremesOfItsNumbers() throws {
    let store = try Store(path: scratch.path)
    func entry(_ path: String, _ text: String) -> MemoEntry {
      MemoEntry(
        path: ArtifactPath(path), device: .max, inode: 1 << 63, bytes: .max, modifiedNanoseconds: .min, changedNanoseconds: -1,
        digest: digest(text))
    }
    try store.saveMemo([entry("b", "1"), entry("a\u{301}", "2"), entry("á", "3")])
    try store.saveMemo([entry("b", "4")], forgotten: ["á"])
    #expect(try store.reader.memo() == [entry("a\u{301}", "2"), entry("b", "4")])
  }

  @Test func aLibraryHasOneVersionThatIsKnown() throws {
    let store = try Store(path: scratch.path)
    try store.saveLibraryVersion(LibraryVersionMemo(library: "duckdb", stamp: "1", version: "1.3"))
    try store.saveLibraryVersion(LibraryVersionMemo(library: "duckdb", stamp: "2", version: "1.4"))
    #expect(try store.reader.libraryVersions() == [LibraryVersionMemo(library: "duckdb", stamp: "2", version: "1.4")])
  }
}
