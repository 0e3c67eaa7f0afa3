/// The ticket that a failing verdict or exhausted retries open, until a person decides or the cause is gone.
public struct Incident: Hashable, Sendable {
  public enum State: String, Hashable, Sendable, CaseIterable {
    case open
    /// A person lets the verdict pass, for exactly its fingerprint.
    case accepted
    /// A person does not; runs end as rejected while the verdict stands.
    case rejected
    case closed

    /// What a person's word makes of an incident.
    public init(_ ruling: VerdictRuling) {
      self = ruling == .accepted ? .accepted : .rejected
    }
  }

  /// Why an incident closed by itself.
  public enum Closing: String, Hashable, Sendable, CaseIterable {
    case succeeded
    case changed
    case removed

    public var text: String {
      switch self {
      case .succeeded: "the task succeeded"
      case .changed: "the task's inputs or settings changed"
      case .removed: "the pipeline no longer has the task or the partition"
      }
    }
  }

  /// A person's decision.
  public struct Decision: Hashable, Sendable {
    public let by: String
    /// RFC 3339 with offset.
    public let at: String
    public let comment: String?

    public init(by: String, at: String, comment: String?) {
      self.by = by
      self.at = at
      self.comment = comment
    }
  }

  /// `eval-threshold-3f9a1c2b`, `ingest-dt=2013-01-05-io-3f9a1c2b`: equal for what is the same breach, so that it opens one ticket.
  public let id: String
  public let instance: TaskInstance
  public let cause: FailureClass
  /// Whether the task itself succeeded and judged so: only a verdict can be accepted.
  public let isVerdict: Bool
  /// What was judged, or tried in vain, the last time.
  public var fingerprint: Fingerprint
  /// One line: the numbers and limits, or why the last attempt failed.
  public var message: String
  /// The run that opened it.
  public let run: String
  /// The attempt that said so last; `nil` where none ran.
  public var attempt: String?
  /// RFC 3339 with offset.
  public let openedAt: String
  /// Of a verdict on the release in production: which one is there since, and why.
  public let production: String?
  /// The runs that met it again after another change that did not mend it, the oldest first; some of the newest.
  public var laterRuns: [String]
  public var state: State
  public var decision: Decision?
  public var closing: Closing?
  /// RFC 3339 with offset.
  public var closedAt: String?

  public init(
    id: String? = nil, instance: TaskInstance, cause: FailureClass, isVerdict: Bool, fingerprint: Fingerprint, message: String,
    run: String,
    attempt: String?, openedAt: String, state: State = .open, decision: Decision? = nil, closing: Closing? = nil,
    closedAt: String? = nil, production: String? = nil, laterRuns: [String] = []
  ) {
    self.id = id ?? Incident.id(instance, cause, fingerprint)
    self.instance = instance
    self.cause = cause
    self.isVerdict = isVerdict
    self.fingerprint = fingerprint
    self.message = message
    self.run = run
    self.attempt = attempt
    self.openedAt = openedAt
    self.production = production
    self.laterRuns = laterRuns
    self.state = state
    self.decision = decision
    self.closing = closing
    self.closedAt = closedAt
  }

  /// The id of an incident that opens with a fingerprint.
  public static func id(_ instance: TaskInstance, _ cause: FailureClass, _ fingerprint: Fingerprint) -> String {
    let slice: String =
      switch instance.slice {
      case .whole: ""
      case .gather: "-gather"
      case .partition(let partition): "-\(partition)"
      }
    return "\(instance.task)\(slice)-\(cause.rawValue)-\(fingerprint.digest.hex.prefix(8))"
  }

  /// The ticket's file, relative to the workspace.
  public var path: ArtifactPath { ArtifactPath("incidents/\(id).md") }

  /// Whether what it is about still stands in the way, or did until a person said otherwise.
  public var isCurrent: Bool { state != .closed }

  /// The same after another change that did not mend it; nobody has decided on it.
  public func metAgain(fingerprint: Fingerprint, message: String, run: String, attempt: String?) -> Incident {
    var incident = self
    incident.fingerprint = fingerprint
    incident.message = message
    incident.attempt = attempt
    incident.laterRuns = (laterRuns + [run]).suffix(Incident.mostLaterRuns)
    return incident
  }

  private static let mostLaterRuns = 20

  /// Whether a run that finds its cause again opens one: exhausted retries and verdicts do, mistakes in code and settings do not.
  public static func isOpened(by failureClass: FailureClass, failedMends: Int) -> Bool {
    switch failureClass {
    case .io, .data, .unstable, .resource, .timeout, .killed, .lost, .threshold: true
    case .schema: failedMends >= 2
    case .config, .code, .cancelled, .inputChanged: false
    }
  }
}
