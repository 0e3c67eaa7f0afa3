/// Whether a failed attempt is followed by another, and by which rule.

import MartletModel

public enum RetryDecision: Sendable, Hashable {
  /// The class's budget allows it.
  case retry(number: Int, of: Int)
  /// Training was unstable and has another seed.
  case nextSeed
  /// Memory ran out; the next attempt asks for twice as much, up to what the host gives.
  case moreMemory(number: Int, of: Int)
  /// Its inputs changed: it is decided anew.
  case plannedAgain(number: Int, of: Int)
  /// The process died before the instance had a result: it goes on in smaller company.
  case smallerBatch
  /// Tries of this class are never repeated.
  case never(FailureClass)
  case budgetSpent(FailureClass, Int)
  case noSeedLeft
  /// It already asked for all the memory that the host gives.
  case memoryAtLimit
  /// The run stops.
  case stopped

  var isRetry: Bool {
    switch self {
    case .retry, .nextSeed, .moreMemory, .plannedAgain, .smallerBatch: true
    case .never, .budgetSpent, .noSeedLeft, .memoryAtLimit, .stopped: false
    }
  }

  /// As a person reads it.
  public var text: String {
    switch self {
    case .retry(let number, let limit): "retry \(number) of \(limit)"
    case .nextSeed: "retry with the next seed"
    case .moreMemory(let number, let limit): "retry \(number) of \(limit) with twice the memory"
    case .plannedAgain(let number, let limit): "planned again, \(number) of \(limit)"
    case .smallerBatch: "again in a smaller batch"
    case .never(let failureClass): "no retry: \(failureClass.rawValue) is not retried"
    case .budgetSpent(let failureClass, let limit):
      "no retry: \(limit == 1 ? "the one retry" : "all \(limit) retries") for \(failureClass.rawValue) spent"
    case .noSeedLeft: "no retry: no seed left"
    case .memoryAtLimit: "no retry: it had all the memory there is"
    case .stopped: "no retry: the run stops"
    }
  }
}

extension RunState {
  /// What follows a failure of this class.
  /// - Parameters:
  ///   - spent: how many tries this instance has lost to the class in this run.
  ///   - seedsLeft: what the task said of its seeds; `nil` if it said nothing, as a command under a rule of `failures:`.
  func decide(_ position: Int, _ failureClass: FailureClass, spent: Int, seedsLeft: Int?) -> RetryDecision {
    guard failureClass != .cancelled, mayGoOn else { return .stopped }
    let declared = planner.task(of: position).retries[failureClass]
    // How many seeds there are only the task knows: without its word, only what the pipeline declares counts.
    let limit = declared ?? (failureClass == .unstable && seedsLeft == nil ? 0 : failureClass.defaultRetries)
    guard limit > 0 else { return .never(failureClass) }
    if failureClass == .unstable, seedsLeft == 0 { return .noSeedLeft }
    guard spent < limit else { return .budgetSpent(failureClass, limit) }
    switch failureClass {
    case .unstable where seedsLeft != nil: return .nextSeed
    case .inputChanged: return .plannedAgain(number: spent + 1, of: limit)
    case .resource where request(for: position).memoryBytes >= settings.capacity.memoryBytes: return .memoryAtLimit
    case .resource: return .moreMemory(number: spent + 1, of: limit)
    default: return .retry(number: spent + 1, of: limit)
    }
  }
}
