/// What whoever decides is answered: the same whether their own process holds the workspace or another one.

import MartletModel

extension WorkspaceSession {
  /// Decides, and says so as the command does.
  func decide(_ order: DecisionOrder, user: String) throws -> (reply: ControlReply, view: GateView, entry: HistoryEntry) {
    let (view, entry) = try decide(order.kind, gate: order.gate, comment: order.comment, overrule: order.overrule, user: user)
    var reply = ControlReply(line: entry.sentence, document: Document.decision(view, entry), status: ExitStatus.done.rawValue)
    if entry.settledBy != nil, let earlier = view.decision {
      // Somebody else was first: one decision counts, both are on record.
      let text =
        "\(view.gate) was \(earlier.kind.rawValue) already, by \(earlier.by) at \(earlier.at); what you said is on record"
      let hint =
        earlier.kind == .rejected
        ? "--overrule approves it all the same"
        : view.subject == nil
          ? "an approval lapses once what the gate shows changes"
          : "`martlet rollback -m \"why\"` goes back to the release before"
      reply.line = earlier.kind == entry.kind ? text : "error: \(text) and changes nothing\n  hint: \(hint)"
      if earlier.kind != entry.kind { reply.status = ExitStatus.usage.rawValue }
    }
    return (reply, view, entry)
  }

  /// Decides, and says so as the command does.
  func rule(_ order: RulingOrder, user: String) throws -> (reply: ControlReply, incident: Incident) {
    let (incident, entry) = try rule(
      order.ruling, incident: order.incident, comment: order.comment, overrule: order.overrule, user: user)
    let document = Document.line(schema: "martlet.incident/1", ["incident": Document.incident(incident)])
    guard entry.settledBy != nil, let decision = incident.decision else {
      let next = order.ruling == .accepted ? "\n  martlet run    goes on behind it" : ""
      let line = "\(incident.state.rawValue): \(incident.id) by \(entry.by)\(next)"
      return (ControlReply(line: line, document: document, status: ExitStatus.done.rawValue), incident)
    }
    // Somebody else was first: one decision counts, both are on record.
    let same = incident.state == Incident.State(order.ruling)
    let text =
      "\(incident.id) was \(incident.state.rawValue) already, by \(decision.by) at \(decision.at); what you said is on record"
    let reply = ControlReply(
      line: same ? text : "error: \(text) and changes nothing\n  hint: --overrule changes the decision", document: document,
      status: same ? ExitStatus.done.rawValue : ExitStatus.usage.rawValue)
    return (reply, incident)
  }
}
