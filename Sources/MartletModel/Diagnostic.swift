/// One thing that is wrong with a file of the user's: where, what, and what to do.
public struct Diagnostic: Hashable, Sendable, Codable, Error {
  public enum Severity: String, Hashable, Sendable, Codable {
    case error
    case warning
  }

  /// Another place that explains this one.
  public struct Related: Hashable, Sendable, Codable {
    public let location: SourceLocation
    public let message: String

    public init(location: SourceLocation, message: String) {
      self.location = location
      self.message = message
    }
  }

  public let severity: Severity
  /// A stable code such as `E103`; documented in `docs/errors.md`.
  public let code: String
  /// One sentence without a full stop, beginning in lower case: `unknown artifact "event"`.
  public let message: String
  public let location: SourceLocation
  /// How many characters the caret line underlines; at least 1.
  public let length: Int
  /// What the caret line says beside the underline.
  public let label: String?
  /// What to do: `did you mean "events"?`
  public let help: String?
  public let related: [Related]
  /// The source line, for printing; without its line end.
  public let sourceLine: String?

  public init(
    severity: Severity = .error, code: String, message: String, location: SourceLocation, length: Int = 1,
    label: String? = nil, help: String? = nil, related: [Related] = [], sourceLine: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.location = location
    self.length = max(1, length)
    self.label = label
    self.help = help
    self.related = related
    self.sourceLine = sourceLine
  }

  /// The text for a terminal, several lines without a final line end. The first is the `file:line:column:` form that editors read.
  public var rendered: String {
    var lines = ["\(location): \(severity.rawValue)[\(code)]: \(message)"]
    if let sourceLine {
      let number = String(location.line)
      let margin = String(repeating: " ", count: number.count)
      let indent = sourceLine.unicodeScalars.prefix(max(0, location.column - 1)).map { $0 == "\t" ? "\t" : " " }.joined()
      let carets = String(repeating: "^", count: length)
      lines.append("\(margin) |")
      lines.append("\(number) | \(sourceLine)")
      lines.append("\(margin) | \(indent)\(carets)\(label.map { " " + $0 } ?? "")")
    }
    for note in related { lines.append("  = note: \(note.location): \(note.message)") }
    if let help { lines.append("  = help: \(help)") }
    return lines.joined(separator: "\n")
  }
}

/// Several diagnostics, all of one reading.
public struct Diagnostics: Error, Sendable {
  public let entries: [Diagnostic]

  public init(_ entries: [Diagnostic]) {
    self.entries = entries
  }

  public var hasErrors: Bool { entries.contains { $0.severity == .error } }
}
