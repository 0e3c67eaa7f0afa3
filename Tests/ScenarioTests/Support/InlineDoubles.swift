/// What the real loop needs beside files and journal: an executor, workers and a clock that do everything at once, and a trace.

import MartletModel
import MartletRun
@testable import MartletSimulation

/// What happened, in order. Used from one thread.
final class Trace: @unchecked Sendable {
  var lines: [String] = []
}

struct StandingClock: Clock {
  func wallSeconds() -> Double { 1_000_000 }
}

/// Runs on the caller's thread, so that a run is one sequence.
struct InlineWorkers: Workers {
  func submit(_ work: @escaping @Sendable () -> Void) { work() }
}

/// Each process ends as soon as it is started.
final class InlineExecutor: Executor, @unchecked Sendable {
  private let mailbox: Mailbox
  private let processes: Processes
  private let files: TracedFiles
  private let trace: Trace

  init(mailbox: Mailbox, processes: Processes, files: TracedFiles, trace: Trace) {
    self.mailbox = mailbox
    self.processes = processes
    self.files = files
    self.trace = trace
  }

  func start(_ request: AttemptRequest) {
    trace.lines.append("start \(request.attempt)")
    processes.start(files.prepared[request.attempt]!, at: 0)
    processes.complete(request.attempt, at: 0)
    mailbox.post(.executor(.exited(processes.exit(of: request.attempt)!)))
  }

  func adopt(attempt: String, folder: String, identity: ProcessIdentity?) {
    trace.lines.append("adopt \(attempt)")
    mailbox.post(.executor(.lost(attempt: attempt)))
  }

  func end(attempt: String, immediately: Bool) { trace.lines.append("end \(attempt)") }
}

/// The files of a world, with a trace.
final class TracedFiles: Workspace, @unchecked Sendable {
  private(set) var prepared: [String: AttemptPlan] = [:]
  var syncFailure: BrokenDisk?
  var publishFailure: BrokenDisk?
  private let files: MemoryFiles
  private let trace: Trace

  init(_ files: MemoryFiles, trace: Trace) {
    self.files = files
    self.trace = trace
  }

  func prepare(_ plan: AttemptPlan) -> Preparation {
    trace.lines.append("prepare \(plan.record.id)")
    prepared[plan.record.id] = plan
    return files.prepare(plan)
  }

  func verify(_ plan: AttemptPlan) -> Verification {
    trace.lines.append("verify \(plan.record.id)")
    return files.verify(plan)
  }

  func publish(_ intents: [PublishIntent]) throws -> [Publication] {
    if let publishFailure { throw publishFailure }
    trace.lines.append("publish \(intents.map(\.checkpoint.instance.description).joined(separator: ", "))")
    return try files.publish(intents)
  }

  func syncFolders() throws {
    trace.lines.append("sync folders")
    if let syncFailure { throw syncFailure }
    try files.syncFolders()
  }

  func discard(attempt: String, keepOutputs: Bool) {
    trace.lines.append("discard \(attempt)")
    files.discard(attempt: attempt, keepOutputs: keepOutputs)
  }

  func showLog(of attempt: String, task: String) { files.showLog(of: attempt, task: task) }
}

final class TracedJournal: Journal {
  var commitFailure: BrokenDisk?
  private let journal: MemoryJournal
  private let trace: Trace

  init(_ journal: MemoryJournal, trace: Trace) {
    self.journal = journal
    self.trace = trace
  }

  func commit(_ entries: [JournalEntry]) throws {
    if let commitFailure { throw commitFailure }
    trace.lines.append("commit \(entries.map(TracedJournal.word).joined(separator: ", "))")
    journal.commit(entries)
  }

  func sync() { trace.lines.append("sync journal") }

  private static func word(_ entry: JournalEntry) -> String {
    switch entry {
    case .runStarted: "run started"
    case .attemptCreated(let record): "created \(record.id)"
    case .attemptStarted(let attempt, _): "started \(attempt)"
    case .attemptEnded(let attempt, let end): "ended \(attempt) \(end.outcome.rawValue)"
    case .waitScheduled(_, let instance, _, let failureClass, _): "wait \(instance) \(failureClass.rawValue)"
    case .publishIntended(let intent): "intent \(intent.checkpoint.instance)"
    case .published(let attempt, _): "published \(attempt)"
    case .publishUndone(let attempt, _): "undone \(attempt)"
    case .settled(let record): "settled \(record.instance) \(record.settlement.word)"
    case .runEnded(_, let result, _, _): "run ended \(result.rawValue)"
    }
  }
}
