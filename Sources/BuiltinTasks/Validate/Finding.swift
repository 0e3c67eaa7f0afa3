/// What one check found.

import MartletModel

/// A check with what was expected and what was observed.
struct Finding: Equatable {
  enum Group: String {
    case schema
    case quality
    case baseline
  }

  let group: Group
  let verdict: Verdict
  let check: String
  let expected: String
  let observed: String

  init(_ group: Group, _ check: String, expected: String, observed: String, _ verdict: Verdict) {
    self.group = group
    self.check = check
    self.expected = expected
    self.observed = observed
    self.verdict = verdict
  }

  /// As an incident's ticket lists it.
  var json: ConfigurationValue {
    .map(["metric": .text(check), "value": .text(observed), "limit": .text(expected), "message": .text(verdict.rawValue)])
  }

  /// The verdict of all: the gravest.
  static func verdict(_ findings: [Finding]) -> Verdict {
    if findings.contains(where: { $0.verdict == .fail }) { return .fail }
    return findings.contains { $0.verdict == .warn } ? .warn : .pass
  }
}

extension CheckSeverity {
  /// The verdict of a check of this severity.
  func verdict(holds: Bool) -> Verdict {
    if holds { return .pass }
    return self == .error ? .fail : .warn
  }
}

extension ColumnPolicy {
  var verdict: Verdict {
    switch self {
    case .fail: .fail
    case .warn: .warn
    case .ignore: .pass
    }
  }
}

/// Numbers as a summary shows them.
enum NumberText {
  /// At most four digits after the point, without trailing zeros.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    let rounded = (value * 10_000).rounded() / 10_000
    return rounded == rounded.rounded() ? String(Int(rounded)) : "\(rounded)"
  }

  /// `1 row`, `842 rows`.
  static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// `336,776`
  static func grouped(_ value: Int) -> String {
    var digits = Array(String(value.magnitude))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return (value < 0 ? "-" : "") + String(digits)
  }
}
