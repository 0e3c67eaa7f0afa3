/// Takes one backfill at a time through its runs, and makes room between them for runs that people asked for meanwhile.

import MartletModel
import MartletPlan
import MartletRun

/// Used on the loop's thread only.
final class BackfillEngine {
  /// What the holder of the workspace lends: one run to its end, and the runs that wait for their turn.
  struct Holder {
    let perform: (RunRequest, @escaping (RunObservation) -> Void) throws -> RunResult
    let serveRuns: () throws -> Void
  }

  /// The backfill that goes on.
  private struct Active {
    let backfill: String
    /// Its run, while one is under way.
    var run: String?
    /// Whether the run was asked to make room.
    var makesRoom = false
    var wish: BackfillSteering.Wish?
  }

  private let session: WorkspaceSession
  private let mailbox: Mailbox
  private var active: Active?

  init(_ session: WorkspaceSession, mailbox: Mailbox) {
    self.session = session
    self.mailbox = mailbox
  }

  private var desk: BackfillDesk { BackfillDesk(session: session) }

  // MARK: While it goes on

  /// Somebody asked for a run: what has started ends, and the run comes next.
  func makeRoom() {
    guard let run = active?.run else { return }
    active!.makesRoom = true
    mailbox.post(.stopRequested(run: run, .drain))
  }

  /// - Returns: what was done, in a sentence.
  /// - Throws: `UserError`
  func steer(_ steering: BackfillSteering) throws -> String {
    let backfill = try session.store.reader.backfill(named: steering.backfill)
    guard active?.backfill == backfill.id else { return try desk.steer(backfill, steering.wish) }
    active!.wish = steering.wish
    let run = active!.run
    switch steering.wish {
    case .pause:
      try desk.set(.pausing, of: backfill)
      if let run { mailbox.post(.stopRequested(run: run, .drain)) }
      return "backfill \(backfill.id) pauses: what has started ends first"
    case .cancel:
      if let run { mailbox.post(.stopRequested(run: run, .cancel)) }
      return "backfill \(backfill.id) is being cancelled: what runs is ended, what it has made stays"
    }
  }

  // MARK: Going on

  /// - Parameter user: who asks.
  func carryOut(_ order: BackfillOrder, user: String, _ output: RunOutput, _ holder: Holder) throws -> ExitStatus {
    switch order {
    case .start(let request):
      let (backfill, plan, note) = try desk.plan(request, by: user)
      if let note { output.line("note: \(note)") }
      guard let backfill else {
        output.line("nothing to run: \(plan.restText)")
        output.document(Document.nothingToBackfill(plan))
        return .done
      }
      let rest = plan.restText.isEmpty ? "" : " (\(plan.restText))"
      output.line(
        "backfill \(backfill.id): \(BackfillText.partitions(plan.entries.map(\.instance))) of \(backfill.range) to run\(rest)")
      return try work(Job(backfill: backfill, user: user, selection: backfill.choice.selection), output, holder)
    case .resume(let name, let replan, let jobs):
      var backfill = try session.store.reader.backfill(named: name)
      backfill.jobs = jobs ?? backfill.jobs
      try check(backfill)
      if replan { try desk.replan(backfill) }
      return try work(Job(backfill: backfill, user: user, selection: backfill.choice.selection), output, holder)
    case .retry(let name, let jobs):
      var backfill = try session.store.reader.backfill(named: name)
      backfill.jobs = jobs ?? backfill.jobs
      guard backfill.state != .cancelled else { return try refuseCancelled(backfill) }
      let again = try desk.planAgain(backfill)
      guard !again.isEmpty else {
        output.line("backfill \(backfill.id): nothing in it failed or was blocked")
        output.document(try document(backfill))
        return .done
      }
      output.line("backfill \(backfill.id): runs \(BackfillText.partitions(Array(again))) again")
      let isForced = backfill.choice == .all
      let job = Job(backfill: backfill, user: user, wanted: again) { Selection(instances: $0, force: isForced, retry: true) }
      return try work(job, output, holder)
    }
  }

  private func check(_ backfill: Backfill) throws {
    switch backfill.state {
    case .running, .pausing, .paused, .interrupted: break
    case .cancelled: _ = try refuseCancelled(backfill)
    case .ended:
      throw UserError(
        "backfill \(backfill.id) has ended: nothing is left to run",
        hint: "`martlet backfill retry \(backfill.id)` runs what failed in it")
    }
  }

  private func refuseCancelled(_ backfill: Backfill) throws -> ExitStatus {
    throw UserError(
      "backfill \(backfill.id) was cancelled",
      hint: "`martlet backfill \(backfill.range)` plans what is still missing as a new one")
  }

  /// What one command has a backfill do.
  private struct Job {
    let backfill: Backfill
    /// Who asks.
    let user: String
    /// Of the backfill's items only these; `nil` means all.
    var wanted: Set<TaskInstance>?
    let selection: (Set<TaskInstance>) -> Selection
  }

  /// Run after run, until nothing is left, or a person or the pipeline has it stop.
  private func work(_ job: Job, _ output: RunOutput, _ holder: Holder) throws -> ExitStatus {
    let backfill = job.backfill
    let started = session.host.wallSeconds()
    active = Active(backfill: backfill.id)
    defer { active = nil }
    try desk.set(.running, of: backfill)
    var before = Int.max
    while true {
      try holder.serveRuns()
      // The signal that ended a run was meant for this process, and with it for the backfill.
      if session.host.lastInterrupt() != nil { return try interrupted(backfill, output) }
      let rest = try look(job)
      if rest.items.isEmpty, rest.changes.isEmpty {
        return try end(job, output, seconds: session.host.wallSeconds() - started)
      }
      if let wish = active?.wish { return try stop(backfill, wish, output) }
      guard rest.changes.isEmpty else { return try pause(backfill, rest.changes, output) }
      // A run that neither made room nor moved anything on would be followed by another of its kind.
      guard rest.items.count < before else { return try pause(backfill, [], output) }
      let result = try run(job, rest.items, output, holder)
      before = active!.makesRoom ? Int.max : rest.items.count
      if active!.makesRoom, result != .cancelled { output.line("backfill \(backfill.id) has made room for a run") }
      active!.makesRoom = false
      if result == .cancelled {
        return active?.wish == .cancel ? try stop(backfill, .cancel, output) : try interrupted(backfill, output)
      }
    }
  }

  /// - Throws: what is wrong with an edited pipeline file; the backfill is paused then.
  private func look(_ job: Job) throws -> BackfillDesk.Rest {
    try pausing(job, "\(session.location.pipelineFile) could not be read") {
      try desk.rest(of: job.backfill, wanted: job.wanted)
    }
  }

  private func pausing<Value>(_ job: Job, _ note: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch  where error is UserError || error is Diagnostics {
      try desk.set(.paused, of: job.backfill, note: note)
      throw error
    }
  }

  private func run(_ job: Job, _ items: [BackfillItem], _ output: RunOutput, _ holder: Holder) throws -> RunResult {
    let backfill = job.backfill
    let run = RunIdentifier.make(now: session.host.wallSeconds())
    try session.store.link(run: run, to: backfill.id)
    var request = RunRequest(
      run: run, command: "backfill resume \(backfill.id)", user: job.user,
      selection: job.selection(Set(items.map(\.instance))), jobs: backfill.jobs)
    request.partitionOrder = backfill.order
    request.recipes = Dictionary(items.map { ($0.instance, $0.recipe) }, uniquingKeysWith: { first, _ in first })
    var found: [TaskInstance: BackfillItem.State] = [:]
    active?.run = run
    let result = try pausing(job, "the configuration of its tasks has mistakes") {
      try holder.perform(request) { observation in
        guard case .notice(.settled(let notice)) = observation else { return }
        if notice.settlement == .reused { found[notice.instance] = .reused }
        if notice.settlement == .missing { found[notice.instance] = .missing }
      }
    }
    active?.run = nil
    try desk.keep(found, of: backfill, run: run)
    return result
  }

  // MARK: The end

  private func end(_ job: Job, _ output: RunOutput, seconds: Double) throws -> ExitStatus {
    let backfill = job.backfill
    let counts = try session.store.reader.counts(ofBackfill: backfill.id)
    // A retry leaves what else the backfill had not come to as it was.
    let isDone = (counts[.planned] ?? 0) == 0
    if isDone {
      try desk.set(.ended, of: backfill)
    } else {
      try desk.set(backfill.state == .paused ? .paused : .interrupted, of: backfill, note: backfill.note)
    }
    let text = BackfillText(backfill: backfill, counts: counts)
    if text.troubled > 0 { output.alarm(text.lastLine(seconds: seconds)) } else { output.line(text.lastLine(seconds: seconds)) }
    for line in text.nextCommands { output.line("  \(line)") }
    if let line = BackfillText.left(by: session.loaded.pipeline, backfill.range) { output.line(line) }
    output.document(try document(backfill))
    return text.troubled > 0 ? .failed : .done
  }

  private func interrupted(_ backfill: Backfill, _ output: RunOutput) throws -> ExitStatus {
    try desk.set(.interrupted, of: backfill)
    output.alarm("backfill \(backfill.id) is interrupted; martlet backfill resume \(backfill.id) goes on with it")
    output.document(try document(backfill))
    return ExitStatus(.cancelled, signal: session.host.lastInterrupt())
  }

  private func stop(_ backfill: Backfill, _ wish: BackfillSteering.Wish, _ output: RunOutput) throws -> ExitStatus {
    let now = try session.store.reader.backfill(named: backfill.id)
    output.alarm(try desk.steer(now, wish))
    output.document(try document(backfill))
    return wish == .cancel ? ExitStatus(.cancelled) : .waiting
  }

  private func pause(
    _ backfill: Backfill, _ changes: [(task: String, what: [String])], _ output: RunOutput
  ) throws -> ExitStatus {
    let what = changes.map { "\($0.task): \($0.what.joined(separator: "; "))" }
    let sentence = changes.isEmpty ? "its partitions could not be settled" : "the pipeline changed since it was planned"
    try desk.set(.paused, of: backfill, note: ([sentence] + what).joined(separator: "; "))
    output.alarm("backfill \(backfill.id) is paused: \(sentence)")
    for line in what { output.alarm("  \(line)") }
    output.line(
      "  martlet backfill resume \(backfill.id) --replan    goes on by the pipeline as it is now, for all its partitions")
    if !changes.isEmpty { output.line("  martlet backfill resume \(backfill.id)    once the old one is back") }
    output.document(try document(backfill))
    return .waiting
  }

  private func document(_ backfill: Backfill) throws -> String {
    Document.backfill(
      try BackfillView(try session.store.reader.backfill(named: backfill.id), session.store.reader, isHeld: true))
  }
}
