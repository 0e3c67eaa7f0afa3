/// Reads what only a gate has: who may decide, on what, and for how long.

import MartletModel

struct GateReader {
  let map: LocatedMap
  let diagnostics: DiagnosticCollector

  /// Among `approvers`, who must not decide.
  static let requester = "!requester"

  func declaration() -> TaskDeclaration.GateDeclaration {
    _ = map["gate"]?.word(["approval"], diagnostics)
    let (approvers, excludesRequester) = approvers()
    let names = approvers.map(\.name)
    let locations = approvers.compactMap { approver in approver.location.map { (approver.name, $0) } }
    return TaskDeclaration.GateDeclaration(
      subject: map["subject"], show: map["show"]?.list(diagnostics) ?? [], approvers: names,
      approverLocations: Dictionary(locations, uniquingKeysWith: { first, _ in first }), excludesRequester: excludesRequester,
      expiry: map["expires"].flatMap(expiry))
  }

  private func approvers() -> (approvers: [(name: String, location: SourceLocation?)], excludesRequester: Bool) {
    guard let value = map["approvers"] else { return ([("*", nil)], false) }
    let items = value.list(diagnostics) ?? []
    let excluding = items.first(where: isRequester)
    if let excluding, map["subject"] == nil {
      diagnostics.report(
        .invalidValue, "the gate has no subject, so nobody requested it", at: excluding,
        help: "the requester is who started the run that made the subject: name one, or remove the entry")
    }
    let others = items.filter { !isRequester($0) }
    if case .list = value.content, others.isEmpty {
      diagnostics.report(
        .invalidValue, "nobody could approve this gate", at: value,
        help: excluding == nil ? "remove the key, or name somebody" : "add \"*\" for everybody else")
    }
    return (others.compactMap { value in name(value).map { ($0, value.location) } }, excluding != nil)
  }

  private func isRequester(_ value: LocatedValue) -> Bool {
    if case .text(GateReader.requester) = value.content { true } else { false }
  }

  private func name(_ value: LocatedValue) -> String? {
    guard let text = value.text(diagnostics) else { return nil }
    let name = text.hasPrefix("group:") ? String(text.dropFirst(6)) : text
    guard text == "*" || (!name.isEmpty && !name.contains(where: { $0.isWhitespace || ":*!".contains($0) })) else {
      diagnostics.report(
        .invalidValue, "\"\(text)\" names nobody", at: value,
        help: "write a user's name, group:NAME, \"*\" for everybody, or \"\(GateReader.requester)\"")
      return nil
    }
    return text
  }

  /// `3d`, or `{after: 3d, result: rejected}`.
  private func expiry(_ value: LocatedValue) -> GateExpiry? {
    guard case .map = value.content else { return value.seconds(diagnostics).map { GateExpiry(afterSeconds: $0) } }
    guard let map = value.map(TaskKeys.expiry, diagnostics) else { return nil }
    var result = GateExpiry.Result.rejected
    if let value = map["result"], let choice: GateExpiry.Result = value.choice(diagnostics) { result = choice }
    return map["after"]?.seconds(diagnostics).map { GateExpiry(afterSeconds: $0, result: result) }
  }
}
