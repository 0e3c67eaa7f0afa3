/// The process that holds the workspace: does its own run, then those that others asked for meanwhile, and decides on gates at any time.

import MartletModel
import MartletPlan
import MartletRun
import Synchronization

/// Where what a run has to say goes: this process's terminal, or a process that asked.
struct RunOutput {
  /// A line for a person, without its end.
  let line: (String) -> Void
  /// The JSON of `run --json`.
  let document: (String) -> Void
  /// Tells what happens while it happens.
  let makeReporter: (Pipeline) -> (any RunObserver)?
}

final class WorkspaceHolder {
  private let session: WorkspaceSession
  private let mailbox = Mailbox()
  private let server: ControlServer

  /// - Parameter session: closed by `finish`.
  init(_ session: WorkspaceSession) throws {
    self.session = session
    // Used on the loop's thread only, which is the one that made it: that is where the mailbox's calls are made.
    nonisolated(unsafe) let desk = session
    let mailbox = mailbox
    server = try ControlServer(folder: session.location.engineFolder, mailbox: mailbox) { order in
      WorkspaceHolder.answer(order, desk, mailbox)
    }
  }

  /// One run, from reading the facts to its last line.
  func run(_ order: RunOrder, _ output: RunOutput) throws -> RunResult {
    let started = session.host.wallSeconds()
    let selection = try order.selection(session.loaded.pipeline)
    let reporter = output.makeReporter(session.loaded.pipeline)
    let summary = RunSummary()
    let engine = RunEngine(
      session: session,
      request: RunRequest(
        selection: selection, parameters: session.loaded.overrides, arguments: order.typed, jobs: order.jobs,
        failFast: order.failFast),
      mailbox: mailbox)
    defer { reporter?.end() }
    let end = try engine.run { observation in
      summary.observe(observation)
      reporter?.observe(observation)
    }
    reporter?.end()
    if end.result != .cancelled { reviewIncidents(of: end.run.id, selection, summary, output) }
    let seconds = session.host.wallSeconds() - started
    output.line(summary.lastLine(end.run.id, end.result, end.counts, seconds: seconds))
    for command in summary.nextCommands() { output.line("  \(command)") }
    output.document(summary.document(end.run.id, end.result, end.counts, seconds: seconds))
    return end.result
  }

  /// Whatever keeps a ticket from being written, the run has ended as it did; the next one finds the same and writes it.
  private func reviewIncidents(of run: String, _ selection: Selection, _ summary: RunSummary, _ output: RunOutput) {
    do {
      summary.incidents = try session.reviewIncidents(
        run: run, planner: session.planner(selection), settled: summary.settled)
      for change in summary.incidents.changes { output.line(change.sentence) }
    } catch {
      output.line("warning: incidents could not be brought up to date: \(error)")
    }
  }

  /// Does what others asked for, then lets go of the workspace.
  /// - Throws: what may have left the workspace's state unknown: then the process must end and the next one look.
  func finish() throws {
    while let order = server.nextRunOrClose() { try serve(order) }
    try session.close()
  }

  private func serve(_ order: ControlOrder) throws {
    guard case .run(let request) = order.request else { return }
    let output = RunOutput(
      line: { order.reply(ControlReply(line: $0)) }, document: { order.reply(ControlReply(document: $0)) },
      makeReporter: { [session] pipeline in
        guard request.wantsEvents else {
          return RunReporter(host: session.host, pipeline: pipeline) { order.reply(ControlReply(line: $0)) }
        }
        return EventReporter(host: session.host, root: session.location.root) { order.reply(ControlReply(document: $0)) }
      })
    do {
      try session.reload(parameters: request.parameters)
      order.reply(ControlReply(status: ExitStatus(try run(request, output)).rawValue))
    } catch {
      order.reply(ControlReply(line: ErrorText.of(error).text, status: ErrorText.of(error).status.rawValue))
      guard error is UserError || error is Diagnostics else { throw error }
    }
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

  private static func answer(_ order: ControlOrder, _ session: WorkspaceSession, _ mailbox: Mailbox) {
    do {
      switch order.request {
      case .decide(let decision): try decide(order, decision, session, mailbox)
      case .release(let release): try move(order, release, session, mailbox)
      case .rule(let ruling): try rule(order, ruling, session, mailbox)
      case .run: preconditionFailure("runs wait for their turn")
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
    guard let kind = HistoryEntry.Kind(rawValue: decision.kind) else { return }
    let (view, entry) = try session.decide(kind, gate: decision.gate, comment: decision.comment, user: order.user)
    mailbox.post(
      .gateDecided(GateEvidence(gate: view.gate, evidence: view.evidence!), kind == .approved ? .approved : .rejected))
    order.reply(ControlReply(document: Document.decision(view, entry)))
    order.reply(ControlReply(line: entry.sentence, status: ExitStatus.done.rawValue))
  }
}
