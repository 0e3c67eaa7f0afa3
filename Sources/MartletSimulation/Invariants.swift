/// What must hold at every step of a simulation, and what it has counted so far.

/// The first breach ends a simulation; the tests' hand-made worlds end with it, too.
final class Invariants {
  private(set) var breach: String?
  var tally = Tally()

  func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
    if !holds { fail(otherwise()) }
  }

  func fail(_ breach: String) {
    if self.breach == nil { self.breach = breach }
  }
}

/// How often what happened in simulations.
public struct Tally: Sendable, Equatable {
  public enum Count: String, Sendable, CaseIterable {
    case seeds
    case runs
    case steps
    case attempts
    case retries
    case timeouts
    case adoptions
    case kills
    case powerLosses = "power losses"
    case diskErrors = "disk errors"
    case edits
    case gatesDecided = "gates decided"
    case verdictsRuled = "verdicts ruled"
    case releasesMoved = "releases made current"
    case ticketsWritten = "tickets written"
    case cancellations
    case successesTold = "successes told"
  }

  private var counts: [Count: Int] = [:]

  public init() {}

  public subscript(count: Count) -> Int {
    get { counts[count] ?? 0 }
    set { counts[count] = newValue }
  }

  public static func += (left: inout Tally, right: Tally) {
    left.counts.merge(right.counts) { $0 + $1 }
  }
}
