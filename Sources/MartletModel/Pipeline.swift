/// The declared, checked graph of tasks: what one `martlet.yaml` says.
///
/// Whoever makes a `Pipeline` has checked it: references resolve, names are unique, the graph has no cycle, and `tasks` stand in the
/// file's order.
public struct Pipeline: Hashable, Sendable {
  public let name: String
  public let description: String?
  /// `params:` with the overrides of `--param` put in.
  public var parameters: [String: ConfigurationValue]
  public let partitions: [PartitionDefinition]
  /// What this host gives; `nil` parts mean the machine's own.
  public let resources: ResourceRequest
  public let tasks: [PipelineTask]
  /// `failures:`, in order; the first that matches decides.
  public let failureRules: [FailureRule]
  /// `store:`, a local folder for the store when the workspace lies on a network file system.
  public let storeFolder: String?
  /// `notify:`
  public let notifications: [NotificationTarget]

  public init(
    name: String, description: String? = nil, parameters: [String: ConfigurationValue] = [:],
    partitions: [PartitionDefinition] = [], resources: ResourceRequest = ResourceRequest(), tasks: [PipelineTask],
    failureRules: [FailureRule] = [], storeFolder: String? = nil,
    notifications: [NotificationTarget] = []
  ) {
    self.name = name
    self.description = description
    self.parameters = parameters
    self.partitions = partitions
    self.resources = resources
    self.tasks = tasks
    self.failureRules = failureRules
    self.storeFolder = storeFolder
    self.notifications = notifications
  }

  public func task(_ name: String) -> PipelineTask? {
    tasks.first { $0.name == name }
  }
}

/// A rule under `failures:`: attempts that match it get its class.
public struct FailureRule: Hashable, Sendable {
  public let failureClass: FailureClass
  /// Exit statuses; empty means any.
  public let exitStatuses: [Int32]
  /// Signal numbers; empty means any.
  public let signals: [Int32]
  /// A regular expression searched for in the log's tail.
  public let logPattern: String?

  public init(failureClass: FailureClass, exitStatuses: [Int32] = [], signals: [Int32] = [], logPattern: String? = nil) {
    self.failureClass = failureClass
    self.exitStatuses = exitStatuses
    self.signals = signals
    self.logPattern = logPattern
  }
}
