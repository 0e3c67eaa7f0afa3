/// Gives a failed attempt its class, and names the rule that decided.

import MartletModel

struct Classification: Hashable, Sendable {
  let failureClass: FailureClass
  let rule: String
  let message: String?

  /// Why one item of an attempt failed. Called only for items that did not succeed.
  /// - Parameters:
  ///   - record: the task's own result for the item, if it left one.
  ///   - recordFault: what is wrong with that result, if it does not read.
  ///   - fault: what is wrong with the item's outputs.
  static func of(
    exit: ExitRecord?, record: ResultRecord?, recordFault: String? = nil, fault: String?, logTail: String, rules: [FailureRule]
  ) -> Classification {
    guard let exit else { return Classification(failureClass: .lost, rule: "no exit record", message: "the process is gone") }
    if exit.cancelled { return Classification(failureClass: .cancelled, rule: "cancelled", message: nil) }
    if exit.outOfMemory {
      return Classification(failureClass: .resource, rule: "the kernel's out-of-memory record", message: record?.message)
    }
    if exit.timedOut { return Classification(failureClass: .timeout, rule: "the task's timeout", message: record?.message) }
    if let recordFault {
      return Classification(failureClass: .code, rule: "the task's own result", message: recordFault)
    }
    if let declared = record?.failureClass, !enginesOwn.contains(declared) {
      return Classification(failureClass: declared, rule: "the task's own result", message: record?.message)
    }
    if let (index, rule) = rules.enumerated().first(where: { $1.matches(exit.status, logTail: logTail) }) {
      return Classification(
        failureClass: rule.failureClass, rule: "failures[\(index)] of the pipeline file", message: exit.status.sentence)
    }
    switch exit.status {
    case .exited(0):
      return Classification(failureClass: .code, rule: "outputs", message: fault ?? record?.message ?? "left no result")
    case .exited(75):
      return Classification(failureClass: .io, rule: "exit status 75", message: record?.message ?? exit.status.sentence)
    case .exited(let status) where status == 64 || status == 78:
      return Classification(
        failureClass: .config, rule: "exit status \(status)", message: record?.message ?? exit.status.sentence)
    case .exited(let status):
      return Classification(
        failureClass: .code, rule: "exit status \(status)", message: record?.message ?? exit.status.sentence)
    case .signalled:
      return Classification(
        failureClass: .killed, rule: exit.status.sentence, message: record?.message ?? exit.status.sentence)
    case .notStarted(let errno):
      return Classification(
        failureClass: transientStartErrors.contains(errno) ? .io : .config, rule: "could not be started",
        message: exit.status.sentence)
    }
  }

  /// Classes that only the engine can know; a task that claims one is classified by how it ended.
  private static let enginesOwn: Set<FailureClass> = [.inputChanged, .lost, .cancelled]

  /// EAGAIN, ENOMEM, EMFILE, ENFILE and ETXTBSY pass; a missing or unfit program does not.
  private static let transientStartErrors: Set<Int32> = [11, 12, 23, 24, 26]
}

extension ExitRecord {
  /// Whether there was a process of the task's own program.
  var hasRun: Bool {
    if case .notStarted = status { false } else { true }
  }
}

extension ExitRecord.Status {
  /// `exit status 3`, `signal 9`.
  public var sentence: String {
    switch self {
    case .exited(let status): "exit status \(status)"
    case .signalled(let signal): "signal \(signal)"
    case .notStarted(let errno): "the program could not be started (error \(errno))"
    }
  }
}

extension FailureRule {
  func matches(_ status: ExitRecord.Status, logTail: String) -> Bool {
    switch status {
    case .exited(let value):
      guard value != 0, signals.isEmpty || !exitStatuses.isEmpty else { return false }
      guard exitStatuses.isEmpty || exitStatuses.contains(value) else { return false }
    case .signalled(let value):
      guard exitStatuses.isEmpty || !signals.isEmpty else { return false }
      guard signals.isEmpty || signals.contains(value) else { return false }
    case .notStarted: return false
    }
    guard let logPattern else { return true }
    // The reader of the pipeline file has refused patterns that do not parse.
    guard let pattern = try? Regex(logPattern) else { return false }
    return logTail.contains(pattern)
  }
}
