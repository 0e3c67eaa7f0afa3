/// What opens an incident, what closes it, and what opens no second one.

import MartletModel
import MartletRun
import Testing

struct IncidentReviewTests {
  private let eval = TaskInstance(task: "eval")
  private let dayFive = TaskInstance(task: "ingest", slice: .partition(Partition(name: "dt", value: "2013-01-05")))

  private func fingerprint(_ text: String) -> Fingerprint {
    Ingredients([Ingredient(.command, "run", text)]).fingerprint
  }

  private func review(
    _ incidents: [Incident] = [], _ ruling: VerdictRuling? = nil, has: Set<String> = ["eval", "ingest"]
  ) -> IncidentReview {
    IncidentReview(
      run: "r2", at: "2013-01-31T04:05:06.000+00:00", incidents: incidents,
      decision: { _ in ruling.map { ($0, Incident.Decision(by: "ann", at: "2013-01-30T00:00:00.000+00:00", comment: nil)) } },
      exists: { has.contains($0.instance.task) })
  }

  private func breach(_ text: String = "1") -> InstanceFinding {
    InstanceFinding(
      instance: eval, fingerprint: fingerprint(text), cause: .threshold, isVerdict: true, message: "auc 0.5 is below 0.6",
      attempt: "r1.3")
  }

  private func opened(_ finding: InstanceFinding) -> Incident { review().changes([finding])[0].incident }

  @Test func aBreachOpensOneTicketHoweverOftenItIsSeen() {
    let changes = review().changes([breach()])
    #expect(changes.count == 1)
    let incident = changes[0].incident
    #expect(incident.id == "eval-threshold-\(fingerprint("1").digest.hex.prefix(8))")
    #expect(incident.state == .open)
    #expect(incident.run == "r2")
    #expect(review([incident]).changes([breach()]).isEmpty)
  }

  @Test func itSaysWhatIsInProduction() {
    var finding = breach()
    finding.production = "model_v1 stays current"
    #expect(opened(finding).production == "model_v1 stays current")
  }

  @Test func aPartitionHasItsOwn() {
    let finding = InstanceFinding(instance: dayFive, fingerprint: fingerprint("1"), cause: .io, message: "exit status 75")
    #expect(opened(finding).id.hasPrefix("ingest-dt=2013-01-05-io-"))
  }

  @Test func itClosesWhenTheTaskSucceedsOrItsFingerprintChanges() {
    let incident = opened(breach())
    let passed = InstanceFinding(instance: eval, fingerprint: fingerprint("2"), cause: nil)
    #expect(review([incident]).changes([passed]).map(\.incident.closing) == [.succeeded])
    let other = review([incident]).changes([breach("2")])
    #expect(other.map(\.incident.closing) == [.changed, nil])
    #expect(other.map(\.incident.state) == [.closed, .open])
    #expect(review([incident], has: []).changes([]).map(\.incident.closing) == [.removed])
    // A run that left the task out, or could not get to it, knows nothing.
    #expect(review([incident]).changes([]).isEmpty)
  }

  @Test func aDecisionOutlivesItsTicket() {
    #expect(review([], .rejected).changes([breach()]).map(\.incident.state) == [.rejected])
    #expect(review([], .accepted).changes([breach()]).map(\.incident.decision?.by) == ["ann"])
  }

  /// The history is written first: whatever stopped the machine before the ticket was, the next run writes it.
  @Test func aTicketCatchesUpWithWhatWasDecided() {
    let incident = opened(breach())
    for findings in [[breach()], []] {
      let changes = review([incident], .accepted).changes(findings)
      #expect(changes.count == 1)
      guard case .decided(let decided)? = changes.first else { return #expect(Bool(false), "\(changes)") }
      #expect(decided.state == .accepted && decided.decision?.by == "ann")
      #expect(review([decided], .accepted).changes(findings).isEmpty)
      #expect(review([decided], .rejected).changes(findings).map(\.incident.state) == [.rejected])
    }
  }

  @Test func aDecidedOneClosesToo() {
    var incident = opened(breach())
    incident.state = .accepted
    #expect(review([incident]).changes([breach("2")]).map(\.incident.state) == [.closed, .open])
  }

  @Test func aClosedOneOpensAgainWhenItsCauseIsBack() {
    var incident = opened(breach())
    incident.state = .closed
    #expect(review([incident]).changes([breach()]).map(\.incident.state) == [.open])
  }

  @Test func mistakesInCodeAndSettingsOpenNone() {
    for cause in [FailureClass.config, .code, .cancelled, .inputChanged] {
      #expect(review().changes([InstanceFinding(instance: eval, fingerprint: fingerprint("1"), cause: cause)]).isEmpty)
    }
    for cause in [FailureClass.io, .data, .unstable, .resource, .timeout, .killed, .lost] {
      #expect(review().changes([InstanceFinding(instance: eval, fingerprint: fingerprint("1"), cause: cause)]).count == 1)
    }
  }

  @Test func brokenDataOpenOneAfterTwoMendsInVain() {
    func finding(_ mends: Int) -> InstanceFinding {
      InstanceFinding(instance: eval, fingerprint: fingerprint("1"), cause: .schema, isVerdict: true, failedMends: mends)
    }
    #expect(review().changes([finding(1)]).isEmpty)
    #expect(review().changes([finding(2)]).count == 1)
  }

  @Test func brokenDataThatWereChangedInVainStayOneIncident() {
    func finding(_ text: String) -> InstanceFinding {
      InstanceFinding(
        instance: eval, fingerprint: fingerprint(text), cause: .schema, isVerdict: true, message: text, failedMends: 2)
    }
    let incident = opened(finding("1"))
    let changes = review([incident]).changes([finding("2")])
    guard changes.count == 1, case .metAgain(let again)? = changes.first else { return #expect(Bool(false), "\(changes)") }
    #expect(again.id == incident.id && again.message == "2" && again.fingerprint == fingerprint("2") && again.state == .open)
    #expect(again.laterRuns == ["r2"])
    #expect(review([again]).changes([finding("2")]).isEmpty)
    // What somebody decided on was another question.
    var decided = incident
    decided.state = .rejected
    #expect(review([decided]).changes([finding("2")]).map(\.incident.state) == [.closed, .open])
    #expect(review([incident], .accepted).changes([finding("2")]).map(\.incident.state) == [.closed, .accepted])
  }
}
