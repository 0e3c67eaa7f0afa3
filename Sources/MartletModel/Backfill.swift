/// A backfill: one request that plans a range of partitions, what it asked for and how far it has come.

/// Which partitions of its range a backfill runs (`--select`).
public enum BackfillChoice: String, Sendable, Hashable, Codable, CaseIterable {
  /// those without a checkpoint, but for those whose last try failed
  case missing
  /// also those whose last try failed, or was blocked by one that did
  case missingAndFailed = "missing+failed"
  /// whatever is not up to date
  case stale
  /// every one, although nothing changed
  case all
}

/// Which partitions come first (`--order`).
public enum PartitionOrder: String, Sendable, Hashable, Codable, CaseIterable {
  case oldest
  case newest
}

/// How a backfill stands.
public enum BackfillState: String, Sendable, Hashable, Codable, CaseIterable {
  /// it goes on; in a workspace that nobody holds: its engine was killed
  case running
  /// a person wants it to pause, and what has started ends first
  case pausing
  /// until `resume`: a person wants it, or the pipeline changed
  case paused
  /// its engine was ended before it was; until `resume`
  case interrupted
  /// for good
  case cancelled
  /// nothing is left to run
  case ended
}

public struct Backfill: Sendable, Hashable {
  public let id: String
  public let pipeline: String
  public let range: PartitionRange
  /// As named; empty means every task with partitions.
  public let tasks: [String]
  public let choice: BackfillChoice
  public let order: PartitionOrder
  /// `-j`
  public var jobs: Int?
  public let comment: String?
  /// The operating-system user's name.
  public let by: String
  /// Seconds since 1970.
  public let createdAt: Double
  public var state: BackfillState
  /// Why it stands still; `nil` where the state says it all.
  public var note: String?
  /// When its state last changed, seconds since 1970.
  public var changedAt: Double

  public init(
    id: String, pipeline: String, range: PartitionRange, tasks: [String], choice: BackfillChoice, order: PartitionOrder,
    jobs: Int?, comment: String?, by: String, createdAt: Double, state: BackfillState = .running, note: String? = nil,
    changedAt: Double
  ) {
    self.id = id
    self.pipeline = pipeline
    self.range = range
    self.tasks = tasks
    self.choice = choice
    self.order = order
    self.jobs = jobs
    self.comment = comment
    self.by = by
    self.createdAt = createdAt
    self.state = state
    self.note = note
    self.changedAt = changedAt
  }
}

/// One partition of one task in a backfill's plan.
public struct BackfillItem: Sendable, Hashable {
  /// What became of it.
  public enum State: String, Sendable, Hashable, Codable, CaseIterable {
    /// it is still to run
    case planned
    case succeeded
    /// when its turn came, a checkpoint stood: another run had made it, or what it reads did not change after all
    case reused
    case failed
    /// something upstream stands in the way
    case blocked
    /// its source is gone, or the pipeline has it no more
    case missing

    /// Whether its result is there.
    public var isDone: Bool { self == .succeeded || self == .reused }
    /// Whether `backfill retry` runs it.
    public var isRetried: Bool { self == .failed || self == .blocked }
  }

  public let instance: TaskInstance
  /// The digest of the recipe it is to be made by.
  public var recipe: Digest
  /// Why it runs, as text for people.
  public let reasons: [String]
  public var state: State
  public var failureClass: FailureClass?
  public var message: String?
  /// The run that settled it.
  public var run: String?

  public init(
    instance: TaskInstance, recipe: Digest, reasons: [String], state: State = .planned, failureClass: FailureClass? = nil,
    message: String? = nil, run: String? = nil
  ) {
    self.instance = instance
    self.recipe = recipe
    self.reasons = reasons
    self.state = state
    self.failureClass = failureClass
    self.message = message
    self.run = run
  }
}
