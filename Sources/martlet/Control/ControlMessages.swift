/// What a command asks of the process that holds the workspace, and what it is told: one line of JSON each.

import MartletModel

/// A command that changes something.
enum ControlRequest: Codable, Sendable {
  case run(RunOrder)
  case decide(DecisionOrder)
  case release(ReleaseOrder)
  case rule(RulingOrder)
  case retry(RetryOrder)
  case cancel(CancelOrder)
  case backfill(BackfillOrder)
  case steer(BackfillSteering)
  case verify(VerifyOrder)
  case collect(CollectionOrder)
}

extension ControlRequest {
  /// Whether each change is answered as a line of JSON.
  var wantsEvents: Bool {
    switch self {
    case .run(let order): order.wantsEvents
    case .retry(let order): order.wantsEvents
    case .decide, .release, .rule, .cancel, .backfill, .steer, .verify, .collect: false
    }
  }

  /// Whether waiting for a person is what it expects.
  var allowsWaiting: Bool {
    switch self {
    case .run(let order): order.allowsWaiting
    case .retry(let order): order.allowsWaiting
    case .decide, .release, .rule, .cancel, .backfill, .steer, .verify, .collect: false
    }
  }
}

/// `martlet run`, as far as the holder needs to know it; the holder reads the pipeline file anew.
struct RunOrder: Codable, Sendable {
  var tasks: [String] = []
  var only: [String] = []
  var from: [String] = []
  var partition: String?
  var parameters: [String] = []
  var force = false
  var jobs: Int?
  var failFast = false
  /// `--progress json`
  var wantsEvents = false
  /// `--allow-waiting`
  var allowsWaiting = false
}

/// `martlet retry`.
struct RetryOrder: Codable, Sendable {
  /// The run's id or the beginning of it; the newest if absent.
  var run: String?
  var jobs: Int?
  var failFast = false
  var wantsEvents = false
  var allowsWaiting = false
}

/// `martlet cancel`.
struct CancelOrder: Codable, Sendable {
  /// The run's id or the beginning of it; the one that goes on if absent.
  var run: String?
  /// Kills at once instead of asking first.
  var now = false
}

/// `martlet approve` and `martlet reject`.
struct DecisionOrder: Codable, Sendable {
  let kind: HistoryEntry.Kind
  let gate: String
  let comment: String?
  let overrule: Bool
}

/// `martlet promote` and `martlet rollback`.
struct ReleaseOrder: Codable, Sendable {
  let isPromotion: Bool
  /// What was typed; a rollback may leave it to the history.
  let release: String?
  let comment: String?
}

/// `martlet incident accept` and `martlet incident reject`.
struct RulingOrder: Codable, Sendable {
  let ruling: VerdictRuling
  /// Its id or the beginning of it.
  let incident: String
  let comment: String
  let overrule: Bool
}

/// `martlet verify`.
struct VerifyOrder: Codable, Sendable {
  let task: String
  var partition: String?
  var jobs: Int?
}

/// `martlet gc`.
struct CollectionOrder: Codable, Sendable {
  let olderThanSeconds: Double
  /// What `gc` may remove is kept to so many bytes, the oldest going first; `nil` for no such limit.
  var maximumBytes: Int?
  var intermediates = false
}

/// One line of the answer; the last one has a status.
struct ControlReply: Codable, Sendable {
  /// For a person.
  var line: String?
  /// Whether the line is for those too who want to hear of nothing but what is wrong.
  var isWrong: Bool?
  /// For those only: what stands for lines that they do not get.
  var brief: String?
  /// Data for a person: what the command prints without `--json`.
  var text: String?
  /// Data: the JSON that the command prints with `--json`.
  var document: String?
  /// The command's exit status.
  var status: Int32?
}

extension ControlReply {
  /// Prints it; what went wrong is told to those too who want to hear of nothing else.
  func tell(_ shared: SharedOptions, _ host: Host) {
    let isWrong = isWrong ?? status.map { $0 != ExitStatus.done.rawValue } ?? false
    if let line, isWrong || !shared.quiet { host.diagnostics.write(line + "\n") }
    if let brief, shared.quiet { host.diagnostics.write(brief + "\n") }
    if let text, !shared.json { host.output.write(text) }
    if let document, shared.json { host.output.write(document) }
  }
}
