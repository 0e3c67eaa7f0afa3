/// What the journal keeps of runs, attempts and publications.

import MartletModel

/// One execution of a plan.
public struct RunRecord: Sendable, Hashable, Codable {
  public let id: String
  public let pipeline: String
  /// Seconds since 1970.
  public let startedAt: Double
  public var endedAt: Double?
  /// `nil` while it goes on, and for a run whose engine was killed.
  public var result: RunResult?
  /// The command that asked for it: `run`, or what repeats another run: `retry 20260101-120000-abcd`.
  public let command: String
  /// Who asked for it, as the operating system knows them; `nil` of runs that an older version recorded.
  public let startedBy: String?
  /// What was asked for, as arguments: `["train", "--only"]`; of a run that repeats another, the arguments of that one.
  public let arguments: [String]
  /// `--param` overrides.
  public let parameters: [String: ConfigurationValue]
  public let engineVersion: String
  public var counts: RunCounts?

  public init(
    id: String, pipeline: String, startedAt: Double, endedAt: Double? = nil, result: RunResult? = nil, command: String = "run",
    startedBy: String? = nil, arguments: [String], parameters: [String: ConfigurationValue], engineVersion: String,
    counts: RunCounts? = nil
  ) {
    self.id = id
    self.pipeline = pipeline
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.result = result
    self.command = command
    self.startedBy = startedBy
    self.arguments = arguments
    self.parameters = parameters
    self.engineVersion = engineVersion
    self.counts = counts
  }
}

/// A run's result, in the order in which the first that applies is taken.
public enum RunResult: String, Sendable, Hashable, Codable, CaseIterable {
  case cancelled
  case failed
  case rejected
  case waiting
  case succeeded
}

/// How many tasks ended which way; a task with partitions counts once.
public struct RunCounts: Sendable, Hashable, Codable {
  public var ran = 0
  public var reused = 0
  public var failed = 0
  public var blocked = 0
  public var waiting = 0

  public init(ran: Int = 0, reused: Int = 0, failed: Int = 0, blocked: Int = 0, waiting: Int = 0) {
    self.ran = ran
    self.reused = reused
    self.failed = failed
    self.blocked = blocked
    self.waiting = waiting
  }
}

/// How a task instance ended in a run.
public enum Settlement: Sendable, Hashable, Codable {
  case reused
  case succeeded
  case failed(FailureClass)
  /// Something upstream stands in the way; named in the message.
  case blocked
  /// A partition without a source.
  case missing
  /// A gate without a decision.
  case waiting
  case rejected
  case cancelled

  /// Of a failure.
  public var failureClass: FailureClass? {
    guard case .failed(let failureClass) = self else { return nil }
    return failureClass
  }

  /// One word: what the journal stores and a person reads.
  public var word: String {
    switch self {
    case .reused: "reused"
    case .succeeded: "succeeded"
    case .failed: "failed"
    case .blocked: "blocked"
    case .missing: "missing"
    case .waiting: "waiting"
    case .rejected: "rejected"
    case .cancelled: "cancelled"
    }
  }
}

/// What a run made of one task instance.
public struct InstanceRecord: Sendable, Hashable, Codable {
  public let run: String
  public let instance: TaskInstance
  public let settlement: Settlement
  /// Why it ran, was reused or was blocked, as text for people.
  public let reasons: [String]
  public let verdict: Verdict?
  public let message: String?
  /// What failed: a failure may wait until this changes. `nil` for every other settlement.
  public let fingerprint: Fingerprint?
  /// Seconds since 1970.
  public let at: Double

  public init(
    run: String, instance: TaskInstance, settlement: Settlement, reasons: [String], verdict: Verdict?, message: String?,
    fingerprint: Fingerprint? = nil, at: Double
  ) {
    self.run = run
    self.instance = instance
    self.settlement = settlement
    self.reasons = reasons
    self.verdict = verdict
    self.message = message
    self.fingerprint = fingerprint
    self.at = at
  }
}

/// One try of one task; in a batch, of several of its partitions.
public struct AttemptRecord: Sendable, Hashable, Codable {
  public let id: String
  public let run: String
  public let task: String
  public let instances: [TaskInstance]
  /// One for each instance, in the same order.
  public let fingerprints: [Fingerprint]
  /// What decided each instance's result, in the same order: an attempt that outlives its engine is published from these.
  public let ingredients: [Ingredients]
  /// Counts from 1 within the run and the task instance.
  public let number: Int
  public let resources: Resources
  public let seedIndex: Int
  /// When it was decided, seconds since 1970.
  public let createdAt: Double
  public var identity: ProcessIdentity?
  public var end: AttemptEnd?

  public init(
    id: String, run: String, task: String, instances: [TaskInstance], fingerprints: [Fingerprint],
    ingredients: [Ingredients], number: Int, resources: Resources, seedIndex: Int, createdAt: Double,
    identity: ProcessIdentity? = nil, end: AttemptEnd? = nil
  ) {
    self.id = id
    self.run = run
    self.task = task
    self.instances = instances
    self.fingerprints = fingerprints
    self.ingredients = ingredients
    self.number = number
    self.resources = resources
    self.seedIndex = seedIndex
    self.createdAt = createdAt
    self.identity = identity
    self.end = end
  }
}

/// How an attempt ended, with the rule that decided.
public struct AttemptEnd: Sendable, Hashable, Codable {
  public let outcome: Outcome
  public let failureClass: FailureClass?
  /// The rule that gave the class: `exit status 75`, `failures[0] of martlet.yaml`, `the task's own result`.
  public let rule: String?
  public let message: String?
  public let exit: ExitRecord?
  /// When the next attempt may start, seconds since 1970; `nil` if there is none.
  public let nextAttemptAt: Double?
  /// Seconds since 1970.
  public let at: Double
  /// Whether it is tried again and why, as `RetryDecision` says it; `nil` of what did not fail.
  public let followUp: String?

  public init(
    outcome: Outcome, failureClass: FailureClass?, rule: String?, message: String?, exit: ExitRecord?, nextAttemptAt: Double?,
    at: Double, followUp: String? = nil
  ) {
    self.outcome = outcome
    self.failureClass = failureClass
    self.rule = rule
    self.message = message
    self.exit = exit
    self.nextAttemptAt = nextAttemptAt
    self.at = at
    self.followUp = followUp
  }
}

/// What is about to be renamed into place: enough to finish it after a crash, or to undo it.
public struct PublishIntent: Sendable, Hashable, Codable {
  /// One output's way from staging to its place.
  public struct Move: Sendable, Hashable, Codable {
    public let staged: ArtifactPath
    public let target: ArtifactPath
    public let digest: Digest
    /// The digest that the last checkpoint recorded for `target`. Other bytes found there are a person's and are kept aside.
    public let previous: Digest?

    public init(staged: ArtifactPath, target: ArtifactPath, digest: Digest, previous: Digest?) {
      self.staged = staged
      self.target = target
      self.digest = digest
      self.previous = previous
    }
  }

  public let attempt: String
  public let checkpoint: Checkpoint
  public let moves: [Move]

  public init(attempt: String, checkpoint: Checkpoint, moves: [Move]) {
    self.attempt = attempt
    self.checkpoint = checkpoint
    self.moves = moves
  }
}
