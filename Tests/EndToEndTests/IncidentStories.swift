// The model misses its limit: a ticket with the numbers, and a person who lets it pass or does not.

import Testing

extension Stories {
  @Suite struct Incidents {
    /// A limit that no model keeps, and the run that found so.
    private func breached() throws -> (workspace: Workspace, id: String) {
      let workspace = try Flights.finished()
      try workspace.edit("config/train.yaml", "auc: {warn: 0.45, fail: 0.4}", "auc: {warn: 0.999, fail: 0.99}")
      let run = try workspace.run()
      #expect(run.status == 3, "\(run)")
      #expect(try run.entry("eval").verdict == "fail")
      let incidents = try workspace.document("incident", "list")["incidents"].list
      #expect(incidents.count == 1)
      return (workspace, try #require(incidents.first?["incident"].text))
    }

    @Test func anAcceptedBreachGoesOnToThePackageAndTheGate() throws {
      let (workspace, id) = try breached()
      #expect(id.hasPrefix("eval-threshold-"))
      let ticket = workspace.martlet("incident", "show", id).out
      #expect(ticket.contains("| auc | 0."), "\(ticket)")
      #expect(ticket.contains("| 0.99 | auc 0."), "\(ticket)")
      #expect(ticket.contains("](\(id)/"), "no plot in\n\(ticket)")
      #expect(try workspace.paths("incidents/\(id)/*.svg").isEmpty == false)
      #expect(workspace.martlet("incident", "accept", id, "-m", "a first model is better than none").status == 0)
      let run = try workspace.run()
      #expect(run.status == 3, "\(run)")
      #expect(run.names("waiting") == ["promote"], "\(run)")
      #expect(try workspace.document("gates")["gates"].list.first?["state"].text == "waiting")
      let approval = workspace.martlet("approve", "promote")
      #expect(approval.status == 0, "\(approval)")
      #expect(try workspace.run().status == 0)
    }

    @Test func aRejectedBreachEndsRunsAsRejected() throws {
      let (workspace, id) = try breached()
      #expect(workspace.martlet("incident", "reject", id, "-m", "not in production").status == 0)
      let run = try workspace.run()
      #expect(run.status == 4, "\(run)")
      #expect(run.result == "rejected")
      #expect(try run.entry("package").message == "blocked by eval, which was rejected")
      try workspace.edit("config/train.yaml", "auc: {warn: 0.999, fail: 0.99}", "auc: {warn: 0.45, fail: 0.4}")
      let mended = try workspace.run()
      #expect(mended.status == 3, "\(mended)")
      #expect(mended.names("waiting") == ["promote"], "\(mended)")
      #expect(try workspace.document("incident", "list")["incidents"].list.isEmpty)
    }

    @Test func whoAskedForTheReleaseMayBeExcluded() throws {
      let workspace = try Flights.finished()
      try workspace.edit("martlet.yaml", "approvers: [\"*\"]", "approvers: [\"*\", \"!requester\"]")
      let refused = workspace.martlet("approve", "promote")
      #expect(refused.status == 2, "\(refused)")
      #expect(refused.err.contains("they started the run that made its subject"), "\(refused)")
      let asked = try workspace.run().ending.err
      #expect(asked.contains("waits for a person: martlet gates\n"), "\(asked)")
      #expect(asked.contains(" to decide (they started the run that made its subject) but for anybody except "), "\(asked)")
      // As if somebody else had started it.
      _ = try workspace.python(
        """
        import sqlite3
        store = sqlite3.connect(".martlet/store.sqlite")
        store.execute("UPDATE runs SET started_by = 'somebody-else'")
        store.commit()
        """)
      #expect(try workspace.document("gates")["gates"].list.first?["requester"].text == "somebody-else")
      // Without the store nobody knows who it was, and might be the one who decides.
      let forgetful = try Workspace(copyOf: workspace.root)
      try forgetful.remove(".martlet")
      let unknown = forgetful.martlet("approve", "promote")
      #expect(unknown.status == 2 && unknown.err.contains("nobody knows any more who started the run"), "\(unknown)")
      #expect(workspace.martlet("approve", "promote").status == 0)
    }
  }
}
