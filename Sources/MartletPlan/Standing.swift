/// How a task instance stands in the eyes of those downstream.

import MartletModel

public enum Standing: Sendable {
  /// It will run, or may run.
  case unsettled
  /// Its outputs are there; `inThisPlan` is false for one outside the selection.
  case stands(StandingCheckpoint)
  /// A gate that was approved.
  case approved
  /// With what was said of it.
  case failed(message: String?)
  case blocked(message: String?)
  /// A partition without a source, or one outside the selected range that has no checkpoint.
  case missing
  /// A task outside the selection without a checkpoint that stands.
  case notSelected
  /// A gate without a decision.
  case waiting
  case rejected
  case cancelled

  /// What stands in the way of a dependent; `nil` if nothing does, or if it is not known yet. Verdicts are not looked at.
  var obstacle: Reason.Obstacle? {
    switch self {
    case .unsettled, .approved, .missing, .stands: nil
    case .failed: .failed
    case .blocked: .blocked
    case .notSelected: .noCheckpoint
    case .waiting: .waits
    case .rejected: .rejected
    case .cancelled: .cancelled
    }
  }

  /// How a task with `when: settled` names the end of an upstream task; equal for a result made now and one reused.
  var outcomeWord: String {
    switch self {
    case .stands, .approved: "succeeded"
    case .failed, .cancelled: "failed"
    case .unsettled, .blocked, .missing, .notSelected, .waiting, .rejected: "blocked"
    }
  }
}

/// What the planner says of one task instance.
public struct Judgement: Sendable {
  /// What would happen.
  public enum Action: String, Sendable, Hashable, Codable, CaseIterable {
    case run
    case reuse
    /// something upstream will run; decided when it has ended
    case maybe
    /// for a person at a gate
    case wait
    case blocked
    /// a partition without a source
    case missing
  }

  public let action: Action
  public let reasons: [Reason]
  /// Complete lists only; `nil` while something upstream is unsettled.
  public let ingredients: Ingredients?
  /// What those downstream are told of something that cannot run.
  public let message: String?

  init(_ action: Action, _ reasons: [Reason], ingredients: Ingredients? = nil, message: String? = nil) {
    self.action = action
    self.reasons = reasons
    self.ingredients = ingredients
    self.message = message ?? (action == .blocked ? reasons.first?.text : nil)
  }

  /// What `blocked` means for those downstream.
  public enum Obstruction: Sendable, Hashable {
    /// by something upstream
    case blocked
    /// a person said no
    case rejected
    /// by itself: it lacks what it needs, or failed before and nothing changed
    case failed(FailureClass)
  }

  public var obstruction: Obstruction {
    for reason in reasons {
      switch reason {
      case .gateRejected: return .rejected
      case .sourceMissing, .libraryMissing: return .failed(.config)
      case .sourceUnreadable(_, _, let why): return .failed(why.failureClass)
      case .heldFailure(let failureClass): return .failed(failureClass)
      default: continue
      }
    }
    return .blocked
  }
}
