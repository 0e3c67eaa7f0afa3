// Two runs as a store holds them: one that failed after three tries, and one that waits.

import MartletModel
import MartletRun

enum RecordedRuns {
  static let fingerprint = Ingredients([Ingredient(.command, "run", "true")]).fingerprint
  static let ingredients = Ingredients([Ingredient(.command, "run", "true")])

  /// 2013-01-31 04:05:06 UTC
  static let start = 1_359_605_106.0

  static func day(_ day: Int) -> TaskInstance {
    TaskInstance(task: "ingest", slice: .partition(Partition(name: "dt", value: "2013-01-0\(day)")))
  }

  static func settled(
    _ run: String, _ instance: TaskInstance, _ settlement: Settlement, _ reason: String, verdict: Verdict? = nil,
    message: String? = nil,
    after seconds: Double
  ) -> JournalEntry {
    .settled(
      InstanceRecord(
        run: run, instance: instance, settlement: settlement, reasons: [reason], verdict: verdict, message: message,
        at: start + seconds))
  }

  static func attempt(
    _ id: String, run: String, _ instances: [TaskInstance], number: Int, after seconds: Double, lasting duration: Double,
    status: Int32,
    retryAfter wait: Double? = nil
  ) -> [JournalEntry] {
    let record = AttemptRecord(
      id: id, run: run, task: instances[0].task, instances: instances, fingerprints: instances.map { _ in fingerprint },
      ingredients: instances.map { _ in ingredients }, number: number, resources: Resources(cpu: 1, memoryBytes: 1 << 30),
      seedIndex: 0,
      createdAt: start + seconds)
    let end = start + seconds + duration
    return [
      .attemptCreated(record),
      .attemptStarted(attempt: id, ProcessIdentity(pid: 4711, startTicks: 1, bootID: "boot")),
      .attemptEnded(
        attempt: id,
        AttemptEnd(
          outcome: status == 0 ? .succeeded : .failed, failureClass: status == 0 ? nil : .io,
          rule: status == 0 ? nil : "exit status \(status)", message: status == 0 ? nil : "disk went away",
          exit: ExitRecord(
            attempt: id, status: .exited(status), startedAt: start + seconds, endedAt: end, userSeconds: 0.5,
            peakMemoryBytes: 3 << 20),
          nextAttemptAt: wait.map { end + $0 }, at: end)),
    ]
  }

  static var entries: [JournalEntry] {
    let run = RunRecord(
      id: "20130131-040506-aaaa", pipeline: "flights", startedAt: start, arguments: ["fetch"],
      parameters: ["min_rows": .integer(5)],
      engineVersion: "0.1.0")
    let second = RunRecord(
      id: "20130131-050506-bbbb", pipeline: "flights", startedAt: start + 3600, arguments: [], parameters: [:],
      engineVersion: "0.1.0")
    let fetch = TaskInstance(task: "fetch")
    var entries: [JournalEntry] = [.runStarted(run), settled(run.id, day(1), .reused, "unchanged", after: 0)]
    entries.append(settled(run.id, day(2), .reused, "unchanged", after: 0))
    entries += attempt("at-1", run: run.id, [fetch], number: 1, after: 1, lasting: 0.5, status: 75, retryAfter: 0.3)
    entries += attempt("at-2", run: run.id, [fetch], number: 2, after: 2, lasting: 0.5, status: 75, retryAfter: 0.5)
    entries += attempt("at-3", run: run.id, [fetch], number: 3, after: 3, lasting: 0.25, status: 0)
    entries.append(settled(run.id, fetch, .succeeded, "never run", after: 4))
    entries += attempt("at-4", run: run.id, [TaskInstance(task: "load")], number: 1, after: 4, lasting: 61, status: 1)
    entries.append(
      settled(run.id, TaskInstance(task: "load"), .failed(.io), "never run", message: "disk\n\u{1b}[2Jwent away", after: 65))
    entries.append(settled(run.id, TaskInstance(task: "report"), .blocked, "blocked by load", after: 65))
    entries.append(
      .runEnded(run: run.id, result: .failed, counts: RunCounts(ran: 2, reused: 1, failed: 1, blocked: 1), at: start + 65))
    entries.append(.runStarted(second))
    entries += attempt("at-5", run: second.id, [day(1), day(2)], number: 1, after: 3601, lasting: 2, status: 0)
    entries.append(settled(second.id, day(1), .succeeded, "input flights changed (1 -> 2)", after: 3603))
    entries.append(settled(second.id, day(2), .succeeded, "input flights changed (1 -> 2)", verdict: .warn, after: 3603))
    entries.append(settled(second.id, TaskInstance(task: "promote"), .waiting, "waits for gate promote", after: 3603))
    entries.append(.runEnded(run: second.id, result: .waiting, counts: RunCounts(ran: 1, waiting: 1), at: start + 3604))
    return entries
  }
}
