/// Tells a person what a run does: one line for each change, in the order in which things become durable.

import MartletModel
import MartletPlan
import MartletRun

final class RunReporter: RunObserver {
  private let host: Host
  private let painter: Painter
  private let isQuiet: Bool
  private let isVerbose: Bool
  /// Takes a line without its end, and whether it says what is wrong.
  private let write: (String, Bool) -> Void
  private var tallies: [String: TaskTally] = [:]
  private var running = RunningAttempts()
  private let block: ProgressBlock?
  private let heartbeat: Heartbeat?
  private let nameWidth: Int
  /// Who asked for the run, as the operating system knows them.
  private let user: String
  private let gates: [String: Gate]

  /// - Parameters:
  ///   - heartbeatSeconds: how often a run without a block says what it is at; `nil` for never.
  ///   - root: the workspace's absolute path, where running attempts leave their progress.
  init(
    host: Host, shared: SharedOptions, progress: ProgressStyle, heartbeatSeconds: Double?, root: String, pipeline: Pipeline
  ) {
    self.host = host
    isQuiet = shared.quiet
    isVerbose = shared.verbose
    painter = shared.diagnosticsPainter(host)
    write = { line, _ in host.diagnostics.write(line + "\n") }
    nameWidth = RunReporter.nameWidth(pipeline)
    user = host.user
    gates = RunReporter.gates(pipeline)
    let wantsBlock = progress == .auto && host.diagnostics.isTerminal && host.environment["TERM"] != "dumb" && !shared.quiet
    block = wantsBlock ? ProgressBlock(host: host, painter: painter, root: root) : nil
    let painter = painter
    heartbeat =
      wantsBlock || shared.quiet
      ? nil
      : heartbeatSeconds.map { interval in
        Heartbeat(host: host, root: root, everySeconds: interval) {
          host.diagnostics.write(" \(painter.symbol("running")) running: \($0)\n")
        }
      }
  }

  /// Plain lines for another process.
  init(host: Host, user: String, pipeline: Pipeline, write: @escaping (_ line: String, _ isWrong: Bool) -> Void) {
    self.host = host
    self.user = user
    gates = RunReporter.gates(pipeline)
    isQuiet = false
    isVerbose = false
    painter = Painter(isOn: false)
    self.write = write
    nameWidth = RunReporter.nameWidth(pipeline)
    block = nil
    heartbeat = nil
  }

  func observe(_ observation: RunObservation) {
    if case .notice(let notice) = observation { running.take(notice, now: host.wallSeconds()) }
    defer {
      block?.update(running: running.list, tallies: tallies)
      heartbeat?.update(running.list)
    }
    switch observation {
    case .began(_, let planner): begin(planner)
    case .notice(.attemptStarted(let record, let reasons)): started(record, reasons)
    case .notice(.retrying(let instance, let failureClass, let message, let attempt, let at)):
      let wait = TimeText.duration(max(0, at - host.wallSeconds()))
      line(
        "retry", instance.description,
        "\(failureClass.rawValue): \(message ?? "attempt \(attempt) failed"); attempt \(attempt + 1) in \(wait)")
    case .notice(.inputsChanged(let instance)):
      line("retry", instance.description, "an input changed while it was read; planned again")
    case .notice(.gateWaits(let instance)):
      line("waiting", instance.task, "waits for a person: \(decision(on: instance.task))")
    case .notice(.rebuilding(let instance, _, let wasSettled)):
      tallies[instance.task, default: TaskTally(task: instance.task, total: 0)].reopen(wasSettled: wasSettled)
    case .notice(.settled(let notice)): settled(notice)
    case .notice(.compared): break
    }
  }

  /// The command that decides, if it is for whoever asked for the run.
  private func decision(on name: String) -> String {
    guard let gate = gates[name] else { return "martlet gates" }
    let approvers = GateApprovers(gate, requester: nil)
    switch approvers.refusal(of: user) {
    case nil: return "martlet approve \(name)"
    case .noApprover: return approvers.words
    // Who that was is looked for once the run has ended.
    case .isRequester, .requesterUnknown: return "martlet gates"
    }
  }

  private static func gates(_ pipeline: Pipeline) -> [String: Gate] {
    Dictionary(uniqueKeysWithValues: pipeline.tasks.compactMap { task in task.gate.map { (task.name, $0) } })
  }

  /// Ends the block below the lines; to be called before anything else is written.
  func end() {
    block?.end()
    heartbeat?.end()
  }

  private func begin(_ planner: Planner) {
    for position in planner.graph.nodes.indices where planner.selected[position] {
      let task = planner.graph.nodes[position].instance.task
      let total = (tallies[task]?.total ?? 0) + 1
      tallies[task] = TaskTally(task: task, total: total)
    }
    block?.start()
  }

  private func started(_ record: AttemptRecord, _ reasons: [Reason]) {
    if tallies[record.task]?.startedAt == nil { tallies[record.task]?.startedAt = host.wallSeconds() }
    if isVerbose {
      line(
        "running",
        record.instances.count == 1 ? record.instances[0].description : "\(record.task), \(record.instances.count) partitions",
        "because \(reasons.map(\.text).joined(separator: "; "))")
    }
  }

  private func settled(_ notice: SettledNotice) {
    let task = notice.instance.task
    tallies[task]?.add(notice)
    if let tally = tallies[task] {
      if case .failed = notice.settlement, tally.total > 1, notice.attempt != nil {
        failed(notice, of: tally)
      }
      if notice.attempt != nil, block == nil, tally.hasReachedTenth, !tally.isComplete {
        line("running", tally.task, tally.progressText)
      }
      if tally.isComplete { complete(tally, notice) }
    }
  }

  /// So many failures of one task are told one by one; what follows is counted.
  private static let toldFailures = 10

  private func failed(_ notice: SettledNotice, of tally: TaskTally) {
    let count = tally.count("failed")
    if count <= RunReporter.toldFailures { line("failed", notice.instance.description, failureText(notice)) }
    if count == RunReporter.toldFailures { line("failed", tally.task, "what else fails is only counted from here on") }
  }

  private func complete(_ tally: TaskTally, _ notice: SettledNotice) {
    let seconds = tally.startedAt.map { TimeText.duration(host.wallSeconds() - $0) } ?? ""
    var text: String
    switch tally.word {
    case "succeeded": text = [seconds, tally.figuresText].filter { !$0.isEmpty }.joined(separator: "  ")
    case "reused", "missing": text = tally.restText
    case "failed" where tally.total == 1: text = failureText(notice)
    case "failed":
      text = "\(tally.counts["failed"]!) of \(tally.total) instances failed"
      if notice.attempt == nil, let message = tally.messages.first { text += ": \(message)" }
    case "waiting": text = ""
    default:
      let message = tally.messages.first ?? tally.reasons.first?.text
      text = message.map { $0.hasPrefix(tally.word) ? $0 : "\(tally.word): \($0)" } ?? tally.word
    }
    if tally.word != "reused" { text += tally.missingNote }
    if tally.word != "waiting" { line(tally.word, tally.task, text) }
    if let verdict = tally.verdict, verdict != .pass, tally.word != "failed" {
      let word = verdict == .warn ? "warn" : notice.ruling == .accepted ? "accepted" : "failed"
      let ruling = notice.ruling.map { ", \($0.rawValue) by a person" } ?? ""
      line(word, "", "verdict \(verdict.rawValue)\(ruling): \(tally.messages.first ?? notice.message ?? "see the task's report")")
    }
    for aside in tally.asides {
      // `.martlet/aside/ATTEMPT/` and where it was
      let output = aside.split(separator: "/", maxSplits: 3).last ?? ""
      line("edited", "", "\(output) had been edited; the edited bytes are at \(aside)")
    }
  }

  private func failureText(_ notice: SettledNotice) -> String {
    guard case .failed(let failureClass) = notice.settlement else { return notice.message ?? "" }
    let log = notice.attempt.map { ", log \(AttemptPlan.folder(of: $0))/log" } ?? ""
    return "\(failureClass.rawValue): \(notice.message ?? "failed")\(log)"
  }

  private func line(_ word: String, _ name: String, _ text: String) {
    guard !isQuiet || word == "failed" else { return }
    let whole = RunReporter.line(word, name, text, nameWidth: nameWidth, painter)
    if let block { block.permanent(whole) } else { write(whole, word == "failed") }
  }

  static func nameWidth(_ pipeline: Pipeline) -> Int { max(10, pipeline.tasks.map(\.name.count).max() ?? 0) }

  static func line(_ word: String, _ name: String, _ text: String, nameWidth: Int, _ painter: Painter) -> String {
    let padded = name + String(repeating: " ", count: max(0, nameWidth - name.count))
    return " \(painter.symbol(word)) \(padded)  \(text.oneLine)"
  }
}
