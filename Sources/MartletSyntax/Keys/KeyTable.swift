/// A table of the keys that a map of the pipeline file may have. The reader, its suggestions, the JSON Schema and the reference page
/// all come from these tables, so that they can't differ.
struct KeyTable: Sendable {
  /// The name under which the schema defines it, such as `task`.
  let name: String
  /// What such a map is; Markdown.
  let summary: String
  let keys: [KeyDescription]
  /// Groups of keys of which exactly one must be there.
  let oneOf: [String]

  init(_ name: String, _ summary: String, oneOf: [String] = [], _ keys: [KeyDescription]) {
    self.name = name
    self.summary = summary
    self.oneOf = oneOf
    self.keys = keys
  }

  func key(_ name: String) -> KeyDescription? {
    keys.first { $0.name == name }
  }

  /// How messages call such a map.
  var title: String {
    switch name {
    case "pipeline": "the pipeline itself"
    case "resources", "defaults": "\"\(name)\""
    case "input": "an input"
    case "expiry": "\"expires\""
    case "failure": "a rule under \"failures\""
    case "notification": "an entry of \"notify\""
    default: "a \(name)"
    }
  }

  /// What a misspelt key can have meant.
  var knownNames: [String] {
    keys.filter { $0.availability == .now }.map(\.name)
  }
}

/// A key: its name, what it means and what stands below it.
struct KeyDescription: Sendable {
  enum Availability: Sendable {
    case now
    /// Reserved: the design has it, this version does not.
    case later
  }

  /// Which tasks may have a key.
  enum Kind: String, Sendable, CaseIterable {
    case builtin = "built-in tasks"
    case command = "commands"
    case gate = "gates"

    var singular: String {
      switch self {
      case .builtin: "a built-in task"
      case .command: "a command"
      case .gate: "a gate"
      }
    }
  }

  let name: String
  /// One or more sentences; Markdown.
  let summary: String
  let shape: Shape
  let isRequired: Bool
  let availability: Availability
  /// For keys of a task.
  let kinds: [Kind]

  init(
    _ name: String, _ shape: Shape, _ summary: String, isRequired: Bool = false, availability: Availability = .now,
    kinds: [Kind] = Kind.allCases
  ) {
    self.name = name
    self.shape = shape
    self.summary = summary
    self.isRequired = isRequired
    self.availability = availability
    self.kinds = kinds
  }
}

/// The form of a value, as far as a schema can tell it.
indirect enum Shape: Sendable {
  case text(pattern: String? = nil, examples: [String] = [])
  case integer(minimum: Int, maximum: Int? = nil)
  case number
  case constant(Int)
  case boolean
  /// A closed list of words with what each means.
  case choice([(word: String, meaning: String)])
  case anything
  case list(Shape)
  /// A map whose keys the file chooses.
  case map(names: String, Shape)
  case table(KeyTable)
  case either([Shape])

  static let duration = Shape.text(pattern: "^[1-9][0-9]*(ms|s|m|h|d)$", examples: ["30s", "5m", "2h"])
  static let size = Shape.text(pattern: "^[1-9][0-9]*(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$", examples: ["512MiB", "4GiB"])
  static let day = Shape.text(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples: ["2013-01-31"])
}
