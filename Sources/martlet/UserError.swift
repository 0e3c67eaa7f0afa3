/// An error that a person can do something about.

import MartletModel

/// A sentence, aligned facts, a hint.
struct UserError: Error, CustomStringConvertible {
  /// One sentence without a full stop, beginning in lower case.
  let sentence: String
  let facts: [(name: String, value: String)]
  /// What to do.
  let hint: String?
  let status: ExitStatus

  init(_ sentence: String, facts: [(name: String, value: String)] = [], hint: String? = nil, status: ExitStatus = .usage) {
    self.sentence = sentence
    self.facts = facts
    self.hint = hint
    self.status = status
  }

  var description: String {
    let width = facts.map(\.name.count).max() ?? 0
    var lines = [sentence]
    for fact in facts {
      lines.append("  \(fact.name)\(String(repeating: " ", count: width - fact.name.count))  \(fact.value)")
    }
    if let hint { lines.append("  hint: \(hint)") }
    return lines.joined(separator: "\n")
  }

  /// For a name that is none of `known`.
  static func unknown(_ kind: String, _ name: String, among known: [String]) -> UserError {
    let suggestion = Suggestion.nearest(to: name, among: known).map { "did you mean \($0)?" }
    let list = known.isEmpty ? nil : "there are: \(known.prefix(20).joined(separator: ", "))"
    return UserError("there is no \(kind) named \(name)", hint: suggestion ?? list)
  }
}

extension Diagnostics {
  /// All of them, a blank line between two, and how many there are.
  var rendered: String {
    let errors = entries.count { $0.severity == .error }
    let warnings = entries.count - errors
    let counts = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
      .map { NumberText.counted($0.0, $0.1) }
    return (entries.map(\.rendered) + [counts.joined(separator: ", ")]).joined(separator: "\n\n")
  }
}
