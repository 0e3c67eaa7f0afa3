/// The process that holds the workspace: does its own run, then those that others asked for meanwhile, and decides on gates at any time.

import MartletModel
import MartletPlan
import MartletRun
import Synchronization

/// Where what a run has to say goes: this process's terminal, or a process that asked.
struct RunOutput {
  let say: (ControlReply) -> Void
  /// Whether waiting for a person is nothing that has to be explained.
  var allowsWaiting = false
  /// Tells what happens while it happens.
  let makeReporter: (Pipeline) -> (any RunObserver)?

  /// A line for a person, without its end.
  func line(_ line: String) { say(ControlReply(line: line)) }

  /// A line that `--quiet` does not keep back.
  func alarm(_ line: String) { say(ControlReply(line: line, isWrong: true)) }

  /// What `--quiet` says in place of lines that it keeps back.
  func brief(_ line: String) { say(ControlReply(brief: line)) }

  /// The JSON of `run --json`.
  func document(_ document: String) { say(ControlReply(document: document)) }
}

final class WorkspaceHolder {
  private let session: WorkspaceSession
  private let mailbox = Mailbox()
  private let server: ControlServer
  /// Says something to whoever started this process.
  private var tell: ((String) -> Void)?
  private let cancels: CancelDesk
  private let backfills: BackfillEngine

  /// - Parameter session: closed by `finish`.
  init(_ session: WorkspaceSession) throws {
    self.session = session
    cancels = CancelDesk(reader: session.store.reader, mailbox: mailbox)
    // Used on the loop's thread only, which is the one that made them: that is where the mailbox's calls are made.
    nonisolated(unsafe) let desk = session
    nonisolated(unsafe) let cancels = cancels
    let mailbox = mailbox
    let host = session.host
    backfills = BackfillEngine(session, mailbox: mailbox)
    nonisolated(unsafe) let backfills = backfills
    server = try ControlServer(
      folder: session.location.engineFolder, mailbox: mailbox, makeIdentifier: { RunIdentifier.make(now: host.wallSeconds()) },
      answer: { order, server in
        if case .cancel(let cancel) = order.request {
          cancels.answer(order, cancel, withdraw: server.withdraw)
        } else {
          WorkspaceHolder.answer(order, desk, backfills, mailbox)
        }
      }, makeRoom: { backfills.makeRoom() })
  }

  /// One run, from reading the facts to its last line.
  /// - Parameters:
  ///   - run: its id, if it was named before.
  ///   - user: who asked, if not this process's.
  func run(_ order: RunOrder, _ output: RunOutput, as run: String? = nil, by user: String? = nil) throws -> RunResult {
    try perform(
      RunRequest(
        run: run ?? newRun(), user: user, selection: try order.selection(session.loaded.pipeline),
        parameters: session.loaded.overrides,
        arguments: order.typed, jobs: order.jobs, failFast: order.failFast), output)
  }

  /// What failed in a run, and what that blocked, once more.
  func retry(_ order: RetryOrder, _ output: RunOutput, as run: String? = nil, by user: String? = nil) throws -> RunResult {
    let reader = session.store.reader
    let record = try Retry.run(named: order.run, reader)
    guard let retry = try Retry(of: record, reader) else {
      output.line("nothing to retry: run \(record.id) ended as \(record.result?.rawValue ?? "interrupted")")
      let failed = try reader.latestSettlements().last { $0.settlement.failureClass != nil }
      if order.run == nil, let failed { output.line("  martlet retry \(failed.run)    in which \(failed.instance) failed") }
      output.document(RunSummary().document(nil, .succeeded, RunCounts(), seconds: 0))
      return .succeeded
    }
    try session.reload(parameters: retry.order.parameters)
    let selection = try retry.selection(session.loaded.pipeline)
    output.line(retry.sentence)
    try verify(retry, session.planner(selection), output)
    for attempt in try retry.attempts(reader) where session.workspace.clearOutputs(of: attempt) {
      output.line("  cleared   what attempt \(attempt) had written")
    }
    return try perform(
      RunRequest(
        run: run ?? newRun(), command: "retry \(record.id)", user: user, selection: selection,
        parameters: session.loaded.overrides,
        arguments: record.arguments, jobs: order.jobs, failFast: order.failFast), output)
  }

  /// Reads every byte of what the retried tasks read, and says what has to be made again first.
  private func verify(_ retry: Retry, _ planner: Planner, _ output: RunOutput) throws {
    let upstream = planner.upstream(of: retry.targets)
    let outputs = try session.store.reader.checkpoints().filter { upstream.contains($0.instance) }.flatMap(\.outputs)
    session.memo.distrust(outputs.map(\.path))
    let plan = planner.plan(try session.facts(for: planner))
    let again = plan.entries.filter { $0.action == .run && !retry.targets.contains($0.instance) }
    if !outputs.isEmpty { output.line("  verified  \(NumberText.counted(outputs.count, "output")) of tasks upstream") }
    for entry in again.prefix(5) {
      output.line("  first     \(entry.instance): \(entry.reasons.map(\.text).joined(separator: "; "))")
    }
    if again.count > 5 { output.line("  first     and \(again.count - 5) more that no longer stand") }
  }

  /// Ends what a killed engine left running.
  /// - Parameter name: the run that started it; `nil` for whatever there is.
  func endOrphans(of name: String?, _ order: CancelOrder, _ line: (String) -> Void) throws {
    let orphans = try session.store.reader.unfinishedAttempts().filter { name == nil || $0.run == name }
    guard !orphans.isEmpty else { return line(name.map { "nothing of run \($0) is running" } ?? "nothing is running") }
    let run = newRun()
    // A run that wants nothing ends what others have left.
    if order.now { mailbox.post(.stopRequested(run: run, .kill)) }
    let request = RunRequest(run: run, command: "cancel", selection: Selection(instances: []), orphans: name)
    _ = try RunEngine(session: session, request: request, mailbox: mailbox).run { _ in }
    let runs = Set(orphans.map(\.run)).sorted().joined(separator: ", ")
    line("ended what run \(runs) had left: \(Set(orphans.map(\.task)).sorted().joined(separator: ", "))")
  }

  private func newRun() -> String { RunIdentifier.make(now: session.host.wallSeconds()) }

  private func perform(_ request: RunRequest, _ output: RunOutput) throws -> RunResult {
    let started = session.host.wallSeconds()
    let (end, summary) = try execute(request, output)
    let seconds = session.host.wallSeconds() - started
    output.line(summary.lastLine(end.run.id, end.result, end.counts, seconds: seconds))
    if end.result != .succeeded, end.result != .waiting || !output.allowsWaiting {
      output.brief(summary.whyNotDone(end.run.id, end.result, seconds: seconds))
    }
    for line in summary.incidentLines { output.alarm("  \(line)") }
    for command in summary.nextCommands() { output.line("  \(command)") }
    output.document(summary.document(end.run.id, end.result, end.counts, seconds: seconds))
    return end.result
  }

  /// What a backfill is to do, from its plan or from where it stood; runs that others ask for come first.
  /// - Parameter user: who asks.
  func backfill(_ order: BackfillOrder, user: String, _ output: RunOutput) throws -> ExitStatus {
    try backfills.carryOut(
      order, user: user, output,
      BackfillEngine.Holder(
        perform: { [self] request, observe in try execute(request, output, observe).end.result },
        serveRuns: { [self] in while let waiting = server.nextRun() { try serve(waiting) } }))
  }

  /// A run up to its last line.
  private func execute(
    _ request: RunRequest, _ output: RunOutput, _ observe: @escaping (RunObservation) -> Void = { _ in }
  ) throws -> (end: (run: RunRecord, result: RunResult, counts: RunCounts), summary: RunSummary) {
    let reporter = output.makeReporter(session.loaded.pipeline)
    let summary = RunSummary()
    server.begin(request.run)
    cancels.run = request.run
    defer { reporter?.end() }
    var planner: Planner?
    let end = try RunEngine(session: session, request: request, mailbox: mailbox).run { observation in
      if case .began(_, let known) = observation { planner = known }
      summary.observe(observation)
      observe(observation)
      reporter?.observe(observation)
    }
    reporter?.end()
    cancels.ended(request.run, end.result)
    try session.noteWaitingGates(summary.settled)
    let waiting = summary.settled.filter { $0.settlement == .waiting }.map(\.instance.task)
    summary.gateNotes = try session.gateNotes(on: Set(waiting), for: request.user ?? session.host.user)
    if summary.settled.contains(where: { $0.settlement == .rejected }) {
      summary.rejected = try session.gateViews().filter { $0.state == .rejected }
    }
    if end.result != .cancelled {
      revertAfterBreach(summary, by: request.user ?? session.host.user, output)
      reviewIncidents(of: end.run.id, request.selection, summary, output)
    }
    announce(end, summary, output)
    if let planner { session.noteSettled(planner, end, summary) }
    return (end, summary)
  }

  /// Whatever keeps a ticket from being written, the run has ended as it did; the next one finds the same and writes it.
  private func reviewIncidents(of run: String, _ selection: Selection, _ summary: RunSummary, _ output: RunOutput) {
    do {
      summary.incidents = try session.reviewIncidents(
        run: run, planner: session.planner(selection), settled: summary.settled, breach: summary.breach)
      for ruling in summary.incidents.earlier { output.line(ruling.sentence) }
      for change in summary.incidents.changes {
        if change.incident.state == .open { output.alarm(change.sentence) } else { output.line(change.sentence) }
      }
    } catch {
      output.alarm("warning: incidents could not be brought up to date: \(error)")
    }
  }

  /// A breach that could not be answered is still one at the end of the next run.
  /// - Parameter user: who asked for the run, which may be somebody else than who runs this process.
  private func revertAfterBreach(_ summary: RunSummary, by user: String, _ output: RunOutput) {
    do {
      guard let answer = try session.revertAfterBreach(user: user) else { return }
      summary.breach = answer
      for line in answer.passedOver + [answer.outcome] { output.alarm(line) }
    } catch {
      output.alarm("warning: going back after a breach failed: \(error)")
    }
  }

  /// Does something and then finishes: others may have asked for something meanwhile, even where this was refused.
  func finishing<Value>(_ body: () throws -> Value) throws -> Value {
    let value: Value
    do {
      value = try body()
    } catch  where error is UserError || error is Diagnostics {
      try finish()
      throw error
    }
    try finish()
    return value
  }

  /// Does what others asked for, then lets go of the workspace.
  /// - Throws: what may have left the workspace's state unknown: then the process must end and the next one look.
  func finish() throws {
    try deliverNotifications()
    while let order = server.nextOrClose() {
      try serve(order)
      try deliverNotifications()
    }
    try session.leave()
  }

  /// What cannot be told now changes nothing of how the run ended.
  private func announce(
    _ end: (run: RunRecord, result: RunResult, counts: RunCounts), _ summary: RunSummary, _ output: RunOutput
  ) {
    tell = tell ?? { output.line($0) }
    do {
      try session.announce(end.run, end.result, end.counts, summary)
    } catch {
      output.alarm("warning: nobody can be told of run \(end.run.id): \(error)")
    }
  }

  private func deliverNotifications() throws {
    if let complaint = try session.deliverNotifications() { tell?("note: \(complaint)") }
  }

  /// Runs what stands once more and compares.
  func verify(_ order: VerifyOrder, progress: (any RunObserver)?) throws -> TaskComparison.Finding {
    try TaskComparison(session: session, mailbox: mailbox).run(order, progress: progress)
  }

  private func verify(_ request: VerifyOrder, _ order: ControlOrder) throws -> ExitStatus {
    let finding = try verify(request, progress: nil)
    order.reply(ControlReply(text: finding.text(Painter(isOn: false)), document: Document.comparison(finding)))
    return finding.exitStatus(signal: session.host.lastInterrupt())
  }

  private func serve(_ order: ControlOrder) throws {
    let output = RunOutput(
      say: order.reply, allowsWaiting: order.request.allowsWaiting,
      makeReporter: { [session] pipeline in
        guard order.request.wantsEvents else {
          return RunReporter(host: session.host, user: order.user, pipeline: pipeline) {
            order.reply(ControlReply(line: $0, isWrong: $1))
          }
        }
        return EventReporter(host: session.host, root: session.location.root) { order.reply(ControlReply(document: $0)) }
      })
    do {
      let status: ExitStatus
      switch order.request {
      case .run(let request):
        try session.reload(parameters: request.parameters)
        for entry in try session.expireGates() { order.reply(ControlReply(line: "note: \(entry.sentence)")) }
        status = ExitStatus(try run(request, output, as: order.run, by: order.user))
      case .retry(let request): status = ExitStatus(try retry(request, output, as: order.run, by: order.user))
      case .backfill(let request):
        try session.reload(parameters: [])
        status = try backfill(request, user: order.user, output)
      case .verify(let request):
        try session.reload(parameters: [])
        status = try verify(request, order)
      case .collect(let request):
        try session.reload(parameters: [])
        let collected = try session.collect(request)
        order.reply(ControlReply(text: collected.text, document: Document.collection(collected)))
        status = .done
      case .decide, .release, .rule, .cancel, .steer: preconditionFailure("these are answered at once")
      }
      order.reply(ControlReply(status: status.rawValue))
    } catch {
      order.reply(ControlReply(line: ErrorText.of(error).text, status: ErrorText.of(error).status.rawValue))
      guard error is UserError || error is Diagnostics else { throw error }
    }
  }

  private static func steer(_ order: ControlOrder, _ steering: BackfillSteering, _ backfills: BackfillEngine) throws {
    order.reply(ControlReply(line: try backfills.steer(steering), status: ExitStatus.done.rawValue))
  }

  private static func move(
    _ order: ControlOrder, _ release: ReleaseOrder, _ session: WorkspaceSession, _ mailbox: Mailbox
  ) throws {
    let before = session.history.current
    let entry = try session.move(release, user: order.user)
    mailbox.post(.releasesMoved(session.history.gateDecisions))
    order.reply(ControlReply(document: Document.releaseMove(entry, before: before)))
    order.reply(ControlReply(line: entry.sentence, status: ExitStatus.done.rawValue))
  }

  private static func answer(_ order: ControlOrder, _ session: WorkspaceSession, _ backfills: BackfillEngine, _ mailbox: Mailbox)
  {
    do {
      switch order.request {
      case .decide(let decision): try decide(order, decision, session, mailbox)
      case .release(let release): try move(order, release, session, mailbox)
      case .rule(let ruling): try rule(order, ruling, session, mailbox)
      case .steer(let steering): try steer(order, steering, backfills)
      case .run, .retry, .cancel, .backfill, .verify, .collect: preconditionFailure("answered elsewhere")
      }
    } catch {
      order.reply(ControlReply(line: ErrorText.of(error).text, status: ErrorText.of(error).status.rawValue))
    }
  }

  private static func rule(
    _ order: ControlOrder, _ ruling: RulingOrder, _ session: WorkspaceSession, _ mailbox: Mailbox
  ) throws {
    let (reply, incident) = try session.rule(ruling, user: order.user)
    let verdict = JudgedVerdict(instance: incident.instance, fingerprint: incident.fingerprint)
    if let counts = session.history.rulings[verdict] { mailbox.post(.verdictRuled(verdict, counts)) }
    order.reply(reply)
  }

  private static func decide(
    _ order: ControlOrder, _ decision: DecisionOrder, _ session: WorkspaceSession, _ mailbox: Mailbox
  ) throws {
    let (reply, view, entry) = try session.decide(decision, user: order.user)
    if entry.settledBy == nil {
      mailbox.post(
        .gateDecided(GateEvidence(gate: view.gate, evidence: view.evidence!), entry.kind == .approved ? .approved : .rejected))
    }
    order.reply(reply)
  }
}
