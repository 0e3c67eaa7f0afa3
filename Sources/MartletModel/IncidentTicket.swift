/// An incident's file as text: what Martlet keeps up to date stands between two lines of three dashes, as YAML; all below is written once
/// and then belongs to people.
public enum IncidentTicket {
  public static let schema = "martlet.incident/1"

  /// The first block, with both its lines of dashes.
  public static func head(_ incident: Incident) -> String {
    var lines: [(String, String?)] = [
      ("schema", schema), ("id", incident.id), ("state", incident.state.rawValue), ("task", incident.instance.task),
      ("instance", incident.instance.key), ("cause", incident.cause.rawValue), ("verdict", incident.isVerdict ? "fail" : nil),
      ("fingerprint", incident.fingerprint.digest.hex), ("message", incident.message), ("run", incident.run),
      ("attempt", incident.attempt), ("opened", incident.openedAt), ("production", incident.production),
      ("later_runs", incident.laterRuns.isEmpty ? nil : incident.laterRuns.joined(separator: " ")),
    ]
    lines += [
      ("decided_by", incident.decision?.by), ("decided_at", incident.decision?.at), ("comment", incident.decision?.comment),
      ("closed", incident.closedAt), ("closed_because", incident.closing?.rawValue),
    ]
    let members = lines.compactMap { name, value in value.map { "\(name): \(ConfigurationValue.quoted($0))\n" } }
    return "---\n" + members.joined() + "---\n"
  }

  /// The incident that a ticket's text tells of; `nil` where its first block is not as `head` writes it.
  public static func read(_ text: String) -> Incident? {
    guard let (block, _) = split(text) else { return nil }
    var values: [Substring: String] = [:]
    for line in block.split(separator: "\n") {
      guard let colon = line.firstRange(of: ": "),
        case .text(let value)? = ConfigurationValue(
          canonicalJSON: String(line[colon.upperBound...]))
      else { return nil }
      values[line[..<colon.lowerBound]] = value
    }
    guard values["schema"] == schema, let id = values["id"], let state = values["state"].flatMap(Incident.State.init(rawValue:)),
      let instance = values["instance"].flatMap(TaskInstance.init(key:)),
      let cause = values["cause"].flatMap(FailureClass.init(rawValue:)),
      let digest = values["fingerprint"].flatMap({ Digest(hex: $0) }), let message = values["message"], let run = values["run"],
      let opened = values["opened"]
    else { return nil }
    let decision = values["decided_by"].flatMap { by in
      values["decided_at"].map { Incident.Decision(by: by, at: $0, comment: values["comment"]) }
    }
    return Incident(
      id: id, instance: instance, cause: cause, isVerdict: values["verdict"] != nil, fingerprint: Fingerprint(digest: digest),
      message: message, run: run, attempt: values["attempt"], openedAt: opened, state: state, decision: decision,
      closing: values["closed_because"].flatMap(Incident.Closing.init(rawValue:)), closedAt: values["closed"],
      production: values["production"], laterRuns: (values["later_runs"] ?? "").split(separator: " ").map(String.init))
  }

  /// What stands below the first block; the whole text where there is none.
  public static func body(_ text: String) -> Substring { split(text)?.body ?? text[...] }

  private static func split(_ text: String) -> (block: Substring, body: Substring)? {
    guard text.hasPrefix("---\n") else { return nil }
    let rest = text.dropFirst(4)
    guard let end = rest.firstRange(of: "\n---\n") else { return nil }
    return (rest[..<end.lowerBound], rest[end.upperBound...])
  }
}
