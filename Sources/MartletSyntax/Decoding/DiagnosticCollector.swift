/// Gathers everything that is wrong with one file, so that all of it can be told at once.

import MartletModel

public final class DiagnosticCollector {
  private let source: SourceText
  private var entries: [Diagnostic] = []

  init(source: SourceText) {
    self.source = source
  }

  /// What was reported, ordered by place; the same thing at the same place only once.
  public var diagnostics: [Diagnostic] {
    let sorted = entries.sorted { left, right in
      (left.location.line, left.location.column, left.code, left.message)
        < (right.location.line, right.location.column, right.code, right.message)
    }
    return sorted.enumerated().filter { $0.offset == 0 || sorted[$0.offset - 1] != $0.element }.map(\.element)
  }

  public var hasErrors: Bool { entries.contains { $0.severity == .error } }

  /// Reports an error.
  /// - Parameter message: one sentence without a full stop, in lower case.
  /// - Parameter label: what stands beside the underline.
  /// - Parameter help: what to do.
  public func report(
    _ code: DiagnosticCode, _ message: String, at location: SourceLocation, length: Int = 1, label: String? = nil,
    help: String? = nil, related: [Diagnostic.Related] = []
  ) {
    let line = source.line(location.line)
    // An underline ends with its line.
    let room = max(1, line.count - (location.column - 1))
    entries.append(
      Diagnostic(
        code: code.rawValue, message: message, location: location, length: min(length, room), label: label, help: help,
        related: related, sourceLine: SourceText.string(line)))
  }

  /// Reports an error about a value.
  public func report(
    _ code: DiagnosticCode, _ message: String, at value: LocatedValue, label: String? = nil, help: String? = nil,
    related: [Diagnostic.Related] = []
  ) {
    report(code, message, at: value.location, length: value.length, label: label, help: help, related: related)
  }

  /// Reports an error about a key.
  public func report(
    _ code: DiagnosticCode, _ message: String, atKeyOf entry: LocatedEntry, label: String? = nil, help: String? = nil,
    related: [Diagnostic.Related] = []
  ) {
    report(code, message, at: entry.keyLocation, length: entry.keyLength, label: label, help: help, related: related)
  }

  /// Reports that a value is not of the type that was expected, such as `an integer`.
  public func reportType(_ expected: String, at value: LocatedValue, help: String? = nil) {
    let subject = value.name.isEmpty ? "the file" : "\"\(value.name)\""
    report(.wrongType, "\(subject) must be \(expected), found \(value.kind)", at: value, help: help)
  }

  /// Where the `occurrence`-th `needle` (counted from 0) stands at or after the beginning of a value.
  func location(of needle: String, occurrence: Int, in value: LocatedValue) -> SourceLocation? {
    source.location(of: needle, occurrence: occurrence, from: value.location)
  }
}

/// `did you mean "train"?`, or the known names where none is near; `nil` where there is none.
public func suggestion(for name: String, among candidates: [String]) -> String? {
  if let nearest = Suggestion.nearest(to: name, among: candidates) { return "did you mean \"\(nearest)\"?" }
  guard !candidates.isEmpty, candidates.count <= 24 else { return nil }
  if candidates.count == 1 { return "the only known one is \"\(candidates[0])\"" }
  return "known are: " + candidates.joined(separator: ", ")
}
