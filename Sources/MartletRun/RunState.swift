/// A run's state and the one function that changes it: `apply(event)` answers with journal entries and effects and does nothing itself.
///
/// The loop commits the entries, then performs the effects, then feeds back what came of them. Nothing here reads a clock, a file or a
/// random number that was not handed in.

import MartletModel
import MartletPlan

public struct RunState: Sendable {
  let planner: Planner
  let settings: RunSettings
  var facts: Facts
  /// What was planned on the same facts, by position: it holds until the first judging is over. Empty where nothing was.
  private var planned: [Judgement?]
  var states: [InstanceState]
  /// For each node how many of its upstream nodes are open.
  var openUpstream: [Int]
  var budgets: [Int: Budget] = [:]
  var attempts: [String: LiveAttempt] = [:]
  /// Adoptable attempts nobody has claimed yet.
  var unclaimed: [AttemptRecord]
  /// For each node its place in the order of starting.
  let ranks: [Int]
  /// Positions in the order in which they are to start; a cache of the states.
  var queue: [Int] = []
  /// Positions whose state is `waiting`; a cache of the states.
  var waitingPositions: Set<Int> = []
  /// Positions whose state is `held`; a cache of the states.
  var held: Set<Int> = []
  /// How many nodes are open; a cache of the states.
  var openCount = 0
  var generator: SeededGenerator
  var attemptCount = 0
  /// The tasks of which a process ran.
  var ranTasks: Set<String> = []
  /// Positions that are settled with a verdict of fail; a cache of the states.
  var failingVerdicts: Set<Int> = []
  var stop = Stop.none
  /// What was said of instances that failed or were blocked.
  var messages: [Int: String] = [:]
  /// Nodes that stood and are made again because `gc` removed what another reads.
  var rebuilding: Set<Int> = []
  /// Told after the next sync.
  var untold: [Notice] = []
  /// Told when the sync that is under way is done.
  var telling: [Notice]?
  var isFinished = false
  /// Set while one event is applied.
  var now: Double = 0
  var transition = Transition()

  /// Whether, and why, nothing new starts.
  enum Stop: Sendable, Equatable {
    case none
    case failFast
    /// What has started goes on.
    case draining
    case cancelled(immediately: Bool)
  }

  /// - Parameter plan: what `planner` made of `facts`, if it was asked already: judging takes long enough to do it once.
  public init(planner: Planner, facts: Facts, settings: RunSettings, plan: Plan? = nil) {
    planned = plan?.judgements ?? []
    self.planner = planner
    self.facts = facts
    self.settings = settings
    generator = SeededGenerator(seed: settings.seed)
    unclaimed = settings.adoptable
    ranks = RunState.ranks(of: planner.graph, settings.partitionOrder)
    // Upstream comes first in the graph, so that what a node reads stands before it is looked at.
    var standings: [Standing] = []
    var states: [InstanceState] = []
    for position in planner.graph.nodes.indices {
      let isSelected = planner.selected[position]
      let standing = isSelected ? .unsettled : planner.standingOutsideSelection(position, facts) { standings[$0] }
      standings.append(standing)
      states.append(isSelected ? .pending : .outside(standing))
    }
    self.states = states
    openUpstream = planner.graph.nodes.map { node in node.upstream.count { states[$0].isOpen } }
    openCount = states.count { $0.isOpen }
  }

  /// Changes the state by one event.
  /// - Parameter now: seconds since 1970.
  public mutating func apply(_ event: Event, now: Double) -> Transition {
    precondition(!isFinished, "an event after the run's end: \(event)")
    self.now = now
    transition = Transition()
    handle(event)
    retireUnwantedAttempts()
    dispatch()
    settleHeldGates()
    syncWhatIsUntold()
    finishIfDone()
    if isComparison { forgetAllButAttempts() }
    checkInvariants()
    return transition
  }

  /// Whether an attempt is under way.
  var hasLiveAttempts: Bool { !attempts.isEmpty }

  /// When the loop must wake the run although nothing else happens, seconds since 1970.
  public var nextWake: Double? {
    waitingPositions.reduce(nil as Double?) { earliest, position in
      guard case .waiting(_, let until) = states[position] else { return earliest }
      return min(earliest ?? until, until)
    }
  }

  private mutating func handle(_ event: Event) {
    switch event {
    case .began:
      transition.entries.append(.runStarted(settings.run))
      carryWaits()
      judge(planner.graph.nodes.indices.filter { states[$0].isOpen && openUpstream[$0] == 0 })
      planned = []
    case .prepared(let attempt, let preparation): prepared(attempt, preparation)
    case .executor(.started(let attempt, let identity)):
      transition.entries.append(.attemptStarted(attempt: attempt, identity))
      noteProcess(of: attempt)
    case .executor(.exited(let exit)): ended(exit.attempt, exit)
    case .executor(.lost(let attempt)): ended(attempt, nil)
    case .verified(let attempt, let verification): verified(attempt, verification)
    case .published(let attempt, let publications): published(attempt, publications)
    case .synced: synced()
    case .woke: wake()
    case .gateDecided(let evidence, let decision): decide(evidence, decision)
    case .releasesMoved(let decisions): replaceDecisions(decisions)
    case .verdictRuled(let verdict, let ruling): facts.rulings[verdict] = ruling
    case .cancelRequested(let immediately): cancel(immediately: immediately)
    case .stopRequested(settings.run.id, .drain): drain()
    case .stopRequested(settings.run.id, .cancel): cancel(immediately: false)
    case .stopRequested(settings.run.id, .kill): cancel(immediately: true)
    case .stopRequested: break
    }
  }

  // MARK: Judging

  /// Judges nodes whose upstream is settled, and whatever that settles in turn.
  mutating func judge(_ positions: [Int]) {
    var open = positions
    var next = 0
    while next < open.count {
      let position = open[next]
      next += 1
      guard case .pending = states[position] else { continue }
      open += judge(position)
    }
  }

  /// - Returns: nodes downstream that can be judged now.
  private mutating func judge(_ position: Int) -> [Int] {
    if stop == .draining || planner.graph.nodes[position].upstream.contains(where: isLeftOut) { return leaveOut(position) }
    if stop != .none { return settle(position, .cancelled, reasons: []) }
    let judgement = judgement(of: position)
    switch judgement.action {
    case .reuse where settings.comparing.contains(planner.graph.nodes[position].instance):
      compareAgain(position, judgement)
      return []
    case .run where isComparison: return leaveOut(position)
    case .reuse where rebuilding.contains(position):
      if let upstream = rebuildUpstream(of: position) { return upstream }
      let reasons = planner.rebuildReasons(position, facts)
      guard let ingredients = judgement.ingredients, !reasons.isEmpty else {
        return settle(position, .reused, reasons: judgement.reasons)
      }
      enter(position, Decided(ingredients: ingredients, reasons: reasons))
      return []
    case .run:
      guard let ingredients = judgement.ingredients else {
        preconditionFailure("\(planner.graph.nodes[position].instance) must run but something upstream is unsettled")
      }
      let recipe = settings.recipes[planner.graph.nodes[position].instance]
      if let recipe, recipe != ingredients.recipe.digest { return leaveOut(position) }
      if let upstream = rebuildUpstream(of: position) { return upstream }
      enter(position, Decided(ingredients: ingredients, reasons: judgement.reasons))
      return []
    case .reuse: return settle(position, .reused, reasons: judgement.reasons)
    case .wait:
      states[position] = .held
      held.insert(position)
      untold.append(.gateWaits(planner.graph.nodes[position].instance))
      return []
    case .missing: return settle(position, .missing, reasons: judgement.reasons)
    case .blocked:
      let settlement: Settlement =
        switch judgement.obstruction {
        case .blocked: .blocked
        case .rejected: .rejected
        case .failed(let failureClass): .failed(failureClass)
        }
      // A failure that is held is told anew in every run, and is still the failure of what was tried then.
      let failed = settlement.failureClass == nil ? nil : judgement.ingredients?.fingerprint
      return settle(position, settlement, reasons: judgement.reasons, message: judgement.message, failed: failed)
    case .maybe: preconditionFailure("\(planner.graph.nodes[position].instance) was judged before its upstream was settled")
    }
  }

  private func judgement(of position: Int) -> Judgement {
    if let known = planned.isEmpty ? nil : planned[position] {
      assert(known.action == planner.judge(position, facts: facts) { standing(of: $0) }.action, "planned on other facts")
      return known
    }
    return planner.judge(position, facts: facts) { standing(of: $0) }
  }

  /// How a node stands for those downstream.
  func standing(of position: Int) -> Standing {
    let instance = planner.graph.nodes[position].instance
    if standsWhileRebuilt(position), let checkpoint = facts.checkpoints[instance] { return .stands(checkpoint) }
    switch states[position] {
    case .pending, .queued, .waiting, .running, .held: return .unsettled
    case .outside(let standing): return standing
    case .settled(let settlement):
      switch settlement {
      case .reused, .succeeded: return facts.checkpoints[instance].map(Standing.stands) ?? .approved
      case .failed: return .failed(message: messages[position])
      case .blocked: return .blocked(message: messages[position])
      case .missing: return .missing
      case .waiting: return .waiting
      case .rejected: return .rejected
      case .cancelled: return .cancelled
      }
    }
  }

  /// Ends an instance's part in this run.
  /// - Parameter failed: of a failure, the fingerprint that was tried.
  /// - Returns: nodes downstream that can be judged now.
  mutating func settle(
    _ position: Int, _ settlement: Settlement, reasons: [Reason], message: String? = nil,
    failed: Fingerprint? = nil, figures: [String: ConfigurationValue] = [:], seconds: Double? = nil, attempt: String? = nil,
    asides: [String] = []
  ) -> [Int] {
    precondition(states[position].isOpen, "\(planner.graph.nodes[position].instance) is settled twice")
    let instance = planner.graph.nodes[position].instance
    states[position] = .settled(settlement)
    openCount -= 1
    let checkpoint = settlement == .reused || settlement == .succeeded ? facts.checkpoints[instance] : nil
    if checkpoint?.verdict == .fail { failingVerdicts.insert(position) }
    var said = message ?? checkpoint?.message
    switch settlement {
    case .failed, .blocked:
      said = said ?? reasons.first?.text
      messages[position] = said
    default: break
    }
    // What was reused or is missing stands in the run's counts: a run that finds nothing to do must not fill the store. But what failed
    // before and stands again must not go on being told of as failed.
    if (settlement != .reused && settlement != .missing) || settings.troubled.contains(instance) {
      transition.entries.append(
        .settled(
          InstanceRecord(
            run: settings.run.id, instance: instance, settlement: settlement, reasons: reasons.map(\.text),
            verdict: checkpoint?.verdict, message: said, fingerprint: failed, at: now)))
    }
    let notice = Notice.settled(
      SettledNotice(
        instance: instance, settlement: settlement, reasons: reasons, verdict: checkpoint?.verdict,
        ruling: checkpoint.flatMap { $0.verdict == .fail ? facts.ruling(on: instance, $0) : nil }, message: said,
        figures: figures, seconds: seconds, attempt: attempt, asides: asides))
    // A cause is told before what it leads to; only a failure waits for nobody's sync.
    let isBehind = settlement.failureClass == nil && (telling != nil || !untold.isEmpty)
    if settlement == .succeeded || isBehind { untold.append(notice) } else { transition.effects.append(.tell(notice)) }
    if case .failed = settlement, settings.failFast, stop == .none { stopForFailure() }
    return followers(of: position)
  }

  private func isLeftOut(_ position: Int) -> Bool {
    // Outside the selection nothing is cancelled.
    if case .outside(.cancelled) = states[position] { true } else { false }
  }

  /// Takes a node out of the run although the selection has it: it is as good as never looked at.
  /// - Returns: nodes downstream that can be judged now.
  mutating func leaveOut(_ position: Int) -> [Int] {
    precondition(states[position].isOpen, "\(planner.graph.nodes[position].instance) is left out after it was settled")
    states[position] = .outside(.cancelled)
    openCount -= 1
    return followers(of: position)
  }

  /// - Returns: nodes downstream of one that is not open any more that can be judged now.
  private mutating func followers(of position: Int) -> [Int] {
    planner.graph.downstream[position].filter { follower in
      openUpstream[follower] -= 1
      return openUpstream[follower] == 0 && states[follower].isOpen
    }
  }

  private mutating func stopForFailure() {
    stop = .failFast
    cancelWhatHasNotStarted()
  }
}

extension PipelineTask {
  /// The class that a verdict `fail` of this task stands for: `schema` for a built-in that looks at the data's form, which mended data
  /// answer by themselves; `threshold` for whatever else judges: a person decides.
  public var failingVerdict: FailureClass {
    builtin.flatMap(BuiltinCatalog.description(of:))?.failingVerdict ?? .threshold
  }
}
