/// What a scenario asks of a run that has ended.

import MartletModel
import MartletRun

struct RunReport {
  let result: RunResult
  let counts: RunCounts
  /// Instances for which an attempt was started or taken over, each once, in that order.
  let ran: [String]
  /// Every attempt, as `train: failed io (exit status 75)` or `train: succeeded`.
  let attempts: [String]
  /// How each instance ended, by its description.
  let settlements: [String: Settlement]
  let messages: [String: String]
  /// What was run once more, output by output.
  let compared: [String]

  init(_ engine: Engine) {
    result = engine.end!.result
    counts = engine.end!.counts
    var ran: [String] = []
    var attempts: [String] = []
    var settlements: [String: Settlement] = [:]
    var messages: [String: String] = [:]
    var compared: [String] = []
    for notice in engine.notices {
      switch notice {
      case .attemptStarted(let record, _):
        attempts.append(RunReport.describe(engine.world.journal.attempts[record.id]!))
        for instance in record.instances where !ran.contains(instance.description) { ran.append(instance.description) }
      case .settled(let settled):
        settlements[settled.instance.description] = settled.settlement
        messages[settled.instance.description] = settled.message
      case .compared(let notice):
        compared.append(contentsOf: notice.outputs.map { "\(notice.instance).\($0.name) \($0.isSame ? "same" : "differs")" })
      case .retrying, .inputsChanged, .gateWaits, .rebuilding: continue
      }
    }
    self.ran = ran
    self.attempts = attempts
    self.settlements = settlements
    self.messages = messages
    self.compared = compared
  }

  private static func describe(_ record: AttemptRecord) -> String {
    let slices = record.instances.compactMap { $0.partition?.value.suffix(2) }.joined(separator: ",")
    let end = record.end!
    let failure = end.failureClass.map { " \($0.rawValue) (\(end.rule ?? ""))" } ?? ""
    return "\(record.task)\(slices.isEmpty ? "" : " " + slices): \(end.outcome.rawValue)\(failure)"
  }
}
