/// Gates, and what people decided on them and on releases, as sentences and as documents.

import MartletModel
import MartletPlan

extension HistoryEntry {
  /// `by ann: fine`
  var byWhom: String { "by \(by)" + (comment.map { ": \($0)" } ?? "") }

  /// The decision as a person reads it.
  var sentence: String {
    let isNow = release.map { "; artifact/current is now \($0.lastComponent)" } ?? ""
    return switch subject {
    case .gate(let gate, _, _, _): "\(kind.rawValue): \(gate) by \(by)\(isNow)"
    case .release: kind == .promoted ? "promoted by \(by)\(isNow)" : "rolled back by \(by)\(isNow), and pinned"
    case .breach(_, let task, _): "reverted after \(task)'s verdict on the release before\(isNow), and pinned"
    case .incident(let incident, _, _, _): "\(kind.rawValue): \(incident) by \(by)"
    }
  }
}

extension Document {
  static func decision(_ view: GateView, _ entry: HistoryEntry) -> String {
    line(
      schema: "martlet.decision/1",
      [
        "gate": .text(view.gate), "decision": .text(entry.kind.rawValue), "by": .text(entry.by), "at": .text(entry.at),
        "comment": text(entry.comment), "evidence": text(view.evidence?.description), "release": text(entry.release?.string),
        "settledBy": entry.settledBy == nil ? nil : text(view.decision?.by),
      ])
  }

  static func gate(_ view: GateView) -> ConfigurationValue {
    object([
      "gate": .text(view.gate), "state": .text(view.state.rawValue), "reasons": .list(view.reasons.map(reason)),
      "evidence": text(view.evidence?.description), "shown": .map(view.shown.mapValues { .text($0) }),
      "show": .list(view.showPaths.map { .text($0.string) }), "subject": text(view.subject?.string),
      "approvers": .list((view.approvers + (view.excludesRequester ? ["!requester"] : [])).map { .text($0) }),
      "by": text(view.decision?.by), "at": text(view.decision?.at),
      "comment": text(view.decision?.comment), "lapsed": view.hasLapsed ? .boolean(true) : nil,
      "requester": text(view.requester), "waiting": time(view.waitsSince), "expires": time(view.expiresAt),
      "expired": view.hasExpired ? .boolean(true) : nil,
      "result": text(view.expiry?.result.rawValue), "expiresAfterSeconds": duration(view.expiry?.afterSeconds),
      "earlier": view.earlier.map { earlier in
        object([
          "decision": .text(earlier.entry.kind.rawValue), "by": .text(earlier.entry.by), "at": .text(earlier.entry.at),
          "comment": text(earlier.entry.comment), "changed": .list(earlier.changed.map { .text($0) }),
        ])
      },
    ])
  }

  static func releaseMove(_ entry: HistoryEntry, before: ArtifactPath?) -> String {
    line(schema: "martlet.move/1", move(entry, before: before))
  }

  /// - Parameter before: the release that was current.
  static func move(_ entry: HistoryEntry, before: ArtifactPath?) -> [String: ConfigurationValue?] {
    [
      "kind": .text(entry.kind.rawValue), "release": text(entry.release?.string), "before": text(before?.string),
      "by": .text(entry.by), "at": .text(entry.at), "comment": text(entry.comment),
      "pinned": .boolean(entry.kind == .rolledBack || entry.kind == .reverted),
    ]
  }
}
