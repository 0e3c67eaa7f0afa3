/// Incidents, and what becomes of them, as sentences and as documents.

import MartletModel
import MartletRun

extension IncidentChange {
  /// The change as a person reads it.
  var sentence: String {
    switch self {
    case .opened(let incident): "incident \(incident.id) is \(incident.state.rawValue): \(incident.message)"
    case .closed(let incident): "incident \(incident.id) closed: \(incident.closing?.text ?? "")"
    case .metAgain(let incident): "incident \(incident.id) is still open, after another change: \(incident.message)"
    case .decided(let incident):
      "incident \(incident.id) was \(incident.state.rawValue) by \(incident.decision?.by ?? ""): its ticket says so now"
    }
  }
}

extension Document {
  static func incident(_ incident: Incident) -> ConfigurationValue {
    let members: [String: ConfigurationValue?] = [
      "incident": .text(incident.id), "state": .text(incident.state.rawValue), "class": .text(incident.cause.rawValue),
      "verdict": incident.isVerdict ? .text("fail") : nil,
      "fingerprint": .text(incident.fingerprint.description), "message": .text(incident.message), "run": .text(incident.run),
      "attempt": text(incident.attempt), "opened": .text(incident.openedAt), "by": text(incident.decision?.by),
      "at": text(incident.decision?.at), "comment": text(incident.decision?.comment), "closed": text(incident.closedAt),
      "because": text(incident.closing?.text), "production": text(incident.production),
      "laterRuns": incident.laterRuns.isEmpty ? nil : .list(incident.laterRuns.map { .text($0) }),
      "path": .text(incident.path.string),
    ]
    return object(members.merging(self.members(incident.instance)) { $1 })
  }
}
