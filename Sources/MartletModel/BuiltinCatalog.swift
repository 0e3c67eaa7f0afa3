/// The built-in tasks that a pipeline can use, as far as planning needs to know them.

/// `ingest@1`: a built-in and the version of its behaviour.
public struct BuiltinReference: Hashable, Sendable, Codable, CustomStringConvertible {
  public let name: String
  public let version: Int

  public init(name: String, version: Int) {
    self.name = name
    self.version = version
  }

  public var description: String { "\(name)@\(version)" }
}

/// A library or program outside Martlet that a built-in uses; its version is part of the fingerprint.
public enum NativeLibrary: String, Hashable, Sendable, Codable, CaseIterable {
  case duckdb
  case lightgbm
  case gnuplot
  case graphviz
}

/// What the planner knows of a built-in.
public struct BuiltinDescription: Sendable {
  public let reference: BuiltinReference
  public let inputs: [String]
  public let optionalInputs: [String]
  public let outputs: [String]
  public let parameters: [String]
  public let libraries: [NativeLibrary]
  /// What a verdict of fail stands for; `nil` for a task that does not judge.
  public let failingVerdict: FailureClass?
  /// Whether it is given the digests of everything behind it.
  public let readsLineage: Bool
  /// Whether it is given the graph's text.
  public let readsGraph: Bool
  /// Whether it takes input names beyond those listed (ingest: one for each table).
  public let takesAnyInput: Bool

  init(
    _ name: String, inputs: [String], optionalInputs: [String] = [], outputs: [String], parameters: [String] = [],
    libraries: [NativeLibrary], failingVerdict: FailureClass? = nil, readsLineage: Bool = false, readsGraph: Bool = false,
    takesAnyInput: Bool = false
  ) {
    reference = BuiltinReference(name: name, version: 1)
    self.inputs = inputs
    self.optionalInputs = optionalInputs
    self.outputs = outputs
    self.parameters = parameters
    self.libraries = libraries
    self.failingVerdict = failingVerdict
    self.readsLineage = readsLineage
    self.readsGraph = readsGraph
    self.takesAnyInput = takesAnyInput
  }
}

/// The closed list of built-ins.
public enum BuiltinCatalog {
  public static let all: [BuiltinDescription] = [
    BuiltinDescription(
      "ingest", inputs: ["schema"], outputs: ["part", "rejects", "all"], libraries: [.duckdb], takesAnyInput: true),
    BuiltinDescription(
      "validate", inputs: ["data", "schema"], optionalInputs: ["baseline"], outputs: ["profile", "summary"],
      parameters: ["min_rows"], libraries: [.duckdb], failingVerdict: .schema),
    BuiltinDescription("clean", inputs: ["data", "schema"], outputs: ["features", "quarantine"], libraries: [.duckdb]),
    BuiltinDescription(
      "train", inputs: ["features", "config"], outputs: ["model", "native", "metrics"], libraries: [.duckdb, .lightgbm]),
    BuiltinDescription(
      "evaluate", inputs: ["model", "features", "config"], optionalInputs: ["champion"], outputs: ["metrics", "drift"],
      libraries: [.duckdb, .lightgbm], failingVerdict: .threshold),
    BuiltinDescription(
      "package", inputs: ["model", "native", "train_metrics", "profile", "schema"], outputs: ["release"], libraries: [],
      readsLineage: true),
    BuiltinDescription(
      "report", inputs: ["template"], optionalInputs: ["profile", "summary", "train", "eval", "drift", "notes"],
      outputs: ["report", "images"], libraries: [.gnuplot, .graphviz], readsGraph: true),
  ]

  public static func description(of reference: BuiltinReference) -> BuiltinDescription? {
    all.first { $0.reference == reference }
  }
}

extension NativeLibrary {
  /// Whether a task that uses it cannot do without; a report leaves its pictures out instead.
  public var isRequired: Bool {
    switch self {
    case .duckdb, .lightgbm: true
    case .gnuplot, .graphviz: false
    }
  }
}
