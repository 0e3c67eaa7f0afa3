/// A task as its map in the file says it, before references are resolved.

import MartletModel

struct TaskDeclaration {
  enum Action {
    case builtin(BuiltinReference, BuiltinDescription)
    case command(Template)
    case gate(GateDeclaration)
  }

  struct GateDeclaration {
    let subject: LocatedValue?
    let show: [LocatedValue]
    let approvers: [String]
    let approverLocations: [String: SourceLocation]
    let excludesRequester: Bool
    let expiry: GateExpiry?
  }

  let name: String
  let entry: LocatedEntry
  /// `nil` where it was reported.
  var action: Action?
  var each: String?
  var batch = 1
  var inputs: [InputDeclaration] = []
  var outputs: [OutputDeclaration] = []
  var gathered: [OutputDeclaration] = []
  var after: [(task: String, value: LocatedValue)] = []
  var condition = PipelineTask.Condition.ready
  var parameters: [String: TemplatedValue] = [:]
  var environment: [String: Template] = [:]
  var code: [(path: ArtifactPath, value: LocatedValue)] = []
  var resources = ResourceRequest()
  var timeoutSeconds: Double?
  var retries: [FailureClass: Int] = [:]
  var inPlace = false
  var description: String?

  var allOutputs: [OutputDeclaration] { outputs + gathered }

  var builtin: BuiltinDescription? {
    guard case .builtin(_, let description)? = action else { return nil }
    return description
  }

  var isGate: Bool {
    guard case .gate? = action else { return false }
    return true
  }

  /// Where the task stands, for notes.
  var declaredHere: Diagnostic.Related {
    Diagnostic.Related(location: entry.keyLocation, message: "task \"\(name)\" is declared here")
  }
}

struct OutputDeclaration {
  let entry: LocatedEntry
  /// `nil` where it was reported.
  let path: LocatedTemplate?
  let pattern: PathPattern?
  let isGathered: Bool

  var name: String { entry.key }
}

struct InputDeclaration {
  enum Origin {
    /// A path or `task.output`, as the slash rule will tell.
    case pathOrReference(LocatedValue)
    case path(LocatedValue)
    case release(file: String?)
    /// It was reported.
    case unknown
  }

  let entry: LocatedEntry
  let origin: Origin
  var keys: [String]?
  var isOptional = false

  var name: String { entry.key }
}
