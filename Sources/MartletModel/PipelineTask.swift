/// A node of the pipeline: a built-in, a command or a gate, with its declared inputs and outputs.
public struct PipelineTask: Hashable, Sendable {
  /// What the node does.
  public enum Action: Hashable, Sendable {
    /// `uses: ingest@1`
    case builtin(BuiltinReference)
    /// `run:`, handed to `/bin/sh -ec`
    case command(Template)
    /// `gate: approval`
    case gate(Gate)
  }

  /// When a task may run (`when:`).
  public enum Condition: String, Hashable, Sendable, CaseIterable {
    /// everything upstream succeeded with a verdict that lets others go on
    case ready
    /// everything upstream has succeeded, failed or been blocked
    case settled
  }

  public let name: String
  public let action: Action
  /// The partition's name for a task that runs once for each (`each: dt`).
  public let each: String?
  /// How many partitions one process takes at the most; 1 for commands.
  public let batch: Int
  /// In the file's order.
  public let inputs: [Input]
  /// In the file's order.
  public let outputs: [Output]
  /// Outputs that join all partitions (`gather:`); they get one more checkpoint, `{task}.ok`.
  public let gathered: [Output]
  /// Names of tasks that must come first although no data pass.
  public let after: [String]
  public let condition: Condition
  /// `with:`, the parameters of a built-in.
  public let parameters: [String: TemplatedValue]
  public let environment: [String: Template]
  /// Files whose content decides the result too.
  public let code: [ArtifactPath]
  public let resources: ResourceRequest
  /// Seconds; `nil` means no limit.
  public let timeoutSeconds: Double?
  /// Tries after the first, by class, where the pipeline says other than the class's default.
  public let retries: [FailureClass: Int]
  /// Whether the command writes its outputs where they are declared, not into staging.
  public let inPlace: Bool
  public let description: String?
  /// Where the task is declared.
  public let location: SourceLocation?

  public init(
    name: String, action: Action, each: String? = nil, batch: Int = 1, inputs: [Input] = [], outputs: [Output] = [],
    gathered: [Output] = [], after: [String] = [], condition: Condition = .ready, parameters: [String: TemplatedValue] = [:],
    environment: [String: Template] = [:], code: [ArtifactPath] = [], resources: ResourceRequest = ResourceRequest(),
    timeoutSeconds: Double? = nil, retries: [FailureClass: Int] = [:], inPlace: Bool = false, description: String? = nil,
    location: SourceLocation? = nil
  ) {
    self.name = name
    self.action = action
    self.each = each
    self.batch = batch
    self.inputs = inputs
    self.outputs = outputs
    self.gathered = gathered
    self.after = after
    self.condition = condition
    self.parameters = parameters
    self.environment = environment
    self.code = code
    self.resources = resources
    self.timeoutSeconds = timeoutSeconds
    self.retries = retries
    self.inPlace = inPlace
    self.description = description
    self.location = location
  }

  public var gate: Gate? {
    guard case .gate(let gate) = action else { return nil }
    return gate
  }

  public var builtin: BuiltinReference? {
    guard case .builtin(let reference) = action else { return nil }
    return reference
  }

  public func output(_ name: String) -> Output? {
    outputs.first { $0.name == name } ?? gathered.first { $0.name == name }
  }

  /// Whether `output` is one that joins all partitions.
  public func isGathered(_ output: String) -> Bool {
    gathered.contains { $0.name == output }
  }
}

/// A task's output of one name: `train.model`.
public struct OutputReference: Hashable, Sendable, Codable, CustomStringConvertible {
  public let task: String
  public let output: String

  public init(task: String, output: String) {
    self.task = task
    self.output = output
  }

  public var description: String { "\(task).\(output)" }
}

/// What a task reads under one name.
public struct Input: Hashable, Sendable {
  /// Where the input comes from.
  public enum Origin: Hashable, Sendable {
    /// A source: a path that no task writes. Its template holds parameters and partitions only.
    case source(Template)
    /// Another task's output. A path that another task declares as output is resolved to this form.
    case output(OutputReference)
    /// `release: current`, with `file:` naming one file of the release.
    case release(file: String?)
  }

  public let name: String
  public let origin: Origin
  /// Only these top-level keys of a configuration file count; `nil` means all bytes.
  public let keys: [String]?
  /// Whether the task can do without it.
  public let isOptional: Bool
  public let location: SourceLocation?

  public init(name: String, origin: Origin, keys: [String]? = nil, isOptional: Bool = false, location: SourceLocation? = nil) {
    self.name = name
    self.origin = origin
    self.keys = keys
    self.isOptional = isOptional
    self.location = location
  }
}

/// What a task writes under one name. The template holds parameters, partitions and, for a package task, `hash`; a trailing slash
/// means a folder.
public struct Output: Hashable, Sendable {
  public let name: String
  public let path: Template
  public let location: SourceLocation?

  public init(name: String, path: Template, location: SourceLocation? = nil) {
    self.name = name
    self.path = path
    self.location = location
  }
}

/// A declared stop that needs a person.
public struct Gate: Hashable, Sendable {
  /// What an approval promotes.
  public let subject: OutputReference?
  /// What the person is shown; an approval binds to its digests.
  public let show: [OutputReference]
  /// Names of operating-system users, `group:NAME`, or `*`.
  public let approvers: [String]
  /// Where each approver is named, for messages.
  public let approverLocations: [String: SourceLocation]
  /// Whether who started the run that made the subject may not decide (`!requester`).
  public let excludesRequester: Bool
  /// `nil` for a gate that waits for ever.
  public let expiry: GateExpiry?

  public init(
    subject: OutputReference?, show: [OutputReference], approvers: [String],
    approverLocations: [String: SourceLocation] = [:], excludesRequester: Bool = false, expiry: GateExpiry? = nil
  ) {
    self.subject = subject
    self.show = show
    self.approvers = approvers
    self.approverLocations = approverLocations
    self.excludesRequester = excludesRequester
    self.expiry = expiry
  }
}

/// What becomes of a gate on which nobody decides (`expires`).
public struct GateExpiry: Hashable, Sendable {
  public enum Result: String, Hashable, Sendable, CaseIterable {
    case rejected
    case approved
  }

  /// Counted from when the gate began to wait with the same evidence.
  public let afterSeconds: Double
  public let result: Result

  public init(afterSeconds: Double, result: Result = .rejected) {
    self.afterSeconds = afterSeconds
    self.result = result
  }
}
