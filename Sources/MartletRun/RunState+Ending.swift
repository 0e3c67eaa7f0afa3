/// How a run ends: stopping early, telling what is durable, and the result.

import MartletModel
import MartletPlan

extension RunState {
  /// A person asked to stop: nothing new starts, live attempts are ended.
  mutating func cancel(immediately: Bool) {
    stop = .cancelled(immediately: immediately)
    cancelWhatHasNotStarted()
    for attempt in attempts.values.map({ $0 }).sorted(by: { $0.plan.record.id < $1.plan.record.id }) {
      switch attempt.phase {
      case .running, .retiring:
        transition.effects.append(.end(attempt: attempt.plan.record.id, immediately: immediately))
      case .preparing, .verifying, .publishing: continue
      }
    }
  }

  /// Whether what has started may end in its own way.
  var mayGoOn: Bool { stop == .none || stop == .draining }

  /// Makes room: what has started goes on, and everything else is left out.
  mutating func drain() {
    guard stop == .none else { return }
    stop = .draining
    var followers: [Int] = []
    for position in states.indices {
      switch states[position] {
      case .queued, .waiting, .held: followers += leaveOut(position)
      case .pending, .running, .settled, .outside: continue
      }
    }
    queue = []
    waitingPositions = []
    held = []
    judge(followers)
  }

  /// Settles everything that is queued or waits for a retry.
  mutating func cancelWhatHasNotStarted() {
    var followers: [Int] = []
    for position in states.indices {
      switch states[position] {
      case .queued, .waiting, .held: followers += settle(position, .cancelled, reasons: [])
      case .pending, .running, .settled, .outside: continue
      }
    }
    queue = []
    waitingPositions = []
    held = []
    judge(followers)
  }

  /// A decision on a gate: the gate is judged again, with it.
  mutating func decide(_ evidence: GateEvidence, _ decision: GateDecision) {
    facts.decisions[evidence] = decision
    judgeAgain(gates: [evidence.gate])
  }

  /// Decisions that were made, lapsed or stand again with a release: the gates that they are about are judged again.
  mutating func replaceDecisions(_ decisions: [GateEvidence: GateDecision]) {
    let old = facts.decisions
    facts.decisions = decisions
    judgeAgain(gates: Set(Set(old.keys).union(decisions.keys).filter { old[$0] != decisions[$0] }.map(\.gate)))
  }

  private mutating func judgeAgain(gates: Set<String>) {
    let decided = held.filter { gates.contains(planner.graph.nodes[$0].instance.task) }
    held.subtract(decided)
    for position in decided { states[position] = .pending }
    judge(decided.sorted())
  }

  /// Gates wait for a person only as long as something else is to be done. What comes behind them may then be settled, or even run.
  mutating func settleHeldGates() {
    // An attempt that an interrupted run left behind such a gate is unclaimed until the gate is settled: it must not be waited for.
    while !held.isEmpty, attempts.isEmpty, queue.isEmpty, waitingPositions.isEmpty {
      let gates = held.sorted()
      held = []
      var followers: [Int] = []
      for position in gates {
        let judgement = planner.judge(position, facts: facts) { standing(of: $0) }
        followers += settle(position, .waiting, reasons: judgement.reasons)
      }
      judge(followers)
      retireUnwantedAttempts()
      dispatch()
    }
  }

  /// What ended well is told once it is synced; one sync serves all that waits for it.
  mutating func syncWhatIsUntold() {
    guard telling == nil, !untold.isEmpty else { return }
    telling = untold
    untold = []
    transition.effects.append(.sync)
  }

  mutating func synced() {
    transition.effects += (telling ?? []).map(Effect.tell)
    telling = nil
  }

  mutating func finishIfDone() {
    guard openCount == 0, attempts.isEmpty, unclaimed.isEmpty, telling == nil, untold.isEmpty else { return }
    let counts = counts
    isFinished = true
    transition.entries.append(.runEnded(run: settings.run.id, result: result, counts: counts, at: now))
    transition.effects.append(.finish(result, counts))
  }

  /// The first that applies: cancelled, failed, rejected, waiting, succeeded.
  private var result: RunResult {
    let settlements = states.compactMap { state -> Settlement? in
      guard case .settled(let settlement) = state else { return nil }
      return settlement
    }
    // Who asks to stop once everything is settled, or ends by itself, stops nothing.
    if case .cancelled = stop, settlements.contains(.cancelled) { return .cancelled }
    let hasFailed = settlements.contains { if case .failed = $0 { true } else { false } }
    let undecided = failingVerdicts.filter { ruling(at: $0) == nil }
    if hasFailed || undecided.contains(where: { planner.task(of: $0).failingVerdict != .threshold }) { return .failed }
    if settlements.contains(.rejected) || failingVerdicts.contains(where: { ruling(at: $0) == .rejected }) { return .rejected }
    if settlements.contains(.waiting) || !undecided.isEmpty { return .waiting }
    // Blocked by something the selection left out, or for want of any partition: what was asked for is not there.
    let blocked = states.indices.filter { if case .settled(.blocked) = states[$0] { true } else { false } }
    if blocked.isEmpty { return .succeeded }
    return clearsTheWay(for: blocked) ? .waiting : .failed
  }

  /// Whether a person accepted, after they were looked at, the verdicts that stood in the way of blocked nodes: the next run goes on
  /// behind them, and nothing has failed.
  private func clearsTheWay(for blocked: [Int]) -> Bool {
    guard facts.rulings.values.contains(.accepted) else { return false }
    var cleared: Set<Int> = []
    // Upstream comes first in the graph, so that a node behind one that may go on is looked at with that in mind.
    for position in blocked {
      let judgement = planner.judge(position, facts: facts) { cleared.contains($0) ? .unsettled : standing(of: $0) }
      guard judgement.action != .blocked else { return false }
      cleared.insert(position)
    }
    return true
  }

  /// What a person decided on the failing verdict of a settled node.
  private func ruling(at position: Int) -> VerdictRuling? {
    let instance = planner.graph.nodes[position].instance
    return facts.checkpoints[instance].flatMap { facts.ruling(on: instance, $0) }
  }

  /// Tasks by how they ended; the worst of a task's instances counts.
  private var counts: RunCounts {
    var ranks: [String: Int] = [:]
    for position in states.indices {
      guard case .settled(let settlement) = states[position] else { continue }
      let rank: Int =
        switch settlement {
        case .failed, .rejected: 4
        case .blocked, .cancelled: 3
        case .waiting: 2
        case .succeeded: 1
        case .reused, .missing: 0
        }
      let task = planner.graph.nodes[position].instance.task
      ranks[task] = max(ranks[task] ?? 0, rank)
    }
    var counts = RunCounts()
    for (task, rank) in ranks {
      if ranTasks.contains(task) { counts.ran += 1 }
      switch rank {
      case 4: counts.failed += 1
      case 3: counts.blocked += 1
      case 2: counts.waiting += 1
      case 0 where !ranTasks.contains(task): counts.reused += 1
      default: break
      }
    }
    return counts
  }

  /// What must hold after every event; a breach is a bug and ends the process with the state in its message.
  func checkInvariants() {
    var holders: Set<TaskInstance> = []
    for live in attempts.values {
      for instance in live.plan.record.instances {
        precondition(holders.insert(instance).inserted, "two live attempts for \(instance)")
      }
    }
    let use = self.holders.filter { $0.plan.record.run == settings.run.id }.reduce(0) { $0 + $1.plan.record.resources.cpu }
    precondition(use <= settings.capacity.cpu, "\(use) cores in use of \(settings.capacity.cpu)")
    precondition(attempts.count > 0 || queue.isEmpty || stop != .none || !unclaimed.isEmpty, "work is queued and nothing runs")
  }
}
