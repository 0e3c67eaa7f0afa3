/// Where one task instance stands in a run: the closed list of states that `RunState` moves it through.

import MartletModel
import MartletPlan

enum InstanceState: Sendable {
  /// Something upstream is not settled.
  case pending
  /// It must run and waits for a free share of the machine.
  case queued(Decided)
  /// An attempt failed; the next may start at `until`, seconds since 1970.
  case waiting(Decided, until: Double)
  case running(Decided, attempt: String)
  /// A gate without a decision. It settles as waiting once nothing else is left to do; until then a person may decide.
  case held
  case settled(Settlement)
  /// The selection leaves it out: it stands as it was found.
  case outside(Standing)

  var isOpen: Bool {
    switch self {
    case .pending, .queued, .waiting, .running, .held: true
    case .settled, .outside: false
    }
  }
}

/// That an instance must run, why, and what decides its result.
struct Decided: Sendable {
  let ingredients: Ingredients
  let reasons: [Reason]

  var fingerprint: Fingerprint { ingredients.fingerprint }
}

/// What an instance has spent in this run, and what its next attempt must heed.
struct Budget: Sendable {
  var attempts = 0
  /// Failed tries by class.
  var spent: [FailureClass: Int] = [:]
  /// How many attempts ended as `unstable`.
  var seedIndex: Int { spent[.unstable] ?? 0 }
  /// How many instances may share the next attempt.
  var batchLimit = Int.max
}

/// A wait that an interrupted run left behind.
public struct CarriedWait: Sendable, Hashable {
  public let fingerprint: Fingerprint
  public let spent: [FailureClass: Int]
  /// Seconds since 1970.
  public let notBefore: Double

  public init(fingerprint: Fingerprint, spent: [FailureClass: Int], notBefore: Double) {
    self.fingerprint = fingerprint
    self.spent = spent
    self.notBefore = notBefore
  }
}

/// An attempt that has not been settled.
struct LiveAttempt: Sendable {
  /// What is being done with it.
  enum Phase: Sendable {
    case preparing
    case running
    case verifying
    case publishing([PublishIntent])
    /// Nobody wants its result; it ends and is discarded.
    case retiring
  }

  var plan: AttemptPlan
  /// For each item of the plan its node, or `nil` where this run does not want that item's result.
  var positions: [Int?]
  var phase: Phase
  var exit: ExitRecord?
  /// What the failed items leave in the attempt's folder is kept.
  var keepsOutputs = false
  /// Whether others may not have its share of the machine.
  var holdsShare = true
  let startedAt: Double
}
