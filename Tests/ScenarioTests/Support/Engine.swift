/// Steps a run: applies one event, commits, performs the effects; answers arrive in the order the test wants. Time moves only when
/// nothing else can.

import MartletModel
import MartletRun
import Testing

final class Engine {
  /// Work that is under way outside the run's state.
  private enum Pending {
    case prepare(AttemptPlan)
    case process(String)
    case report(ExecutorEvent)
    case verify(AttemptPlan)
    case publish(String, [PublishIntent])
    case sync
    case cancel
    case stop(Stopping)
    case rule(JudgedVerdict, VerdictRuling)
  }

  let world: World
  private(set) var notices: [Notice] = []
  private(set) var end: (result: RunResult, counts: RunCounts)?
  private var state: RunState
  private var options: RunOptions
  private var pending: [Pending] = []
  private var watched: Set<String> = []
  private var hasBegun = false

  init(_ world: World, _ state: RunState, _ options: RunOptions) {
    self.world = world
    self.state = state
    self.options = options
  }

  /// - Returns: whether the run has ended within so many steps; otherwise it is dropped where it is, as by kill -9.
  func go(steps: Int) -> Bool {
    var left = steps
    while end == nil {
      guard left > 0 else {
        dieWhilePublishing()
        return false
      }
      left -= 1
      step()
    }
    return true
  }

  private func step() {
    guard hasBegun else {
      hasBegun = true
      return apply(.began)
    }
    let ready = pending.indices.filter { place in
      guard case .process(let attempt) = pending[place] else { return true }
      return !world.processes.isHanging(attempt)
    }
    guard !ready.isEmpty else {
      guard let wake = state.nextWake else { preconditionFailure("the run is stuck: \(pending)") }
      world.now = max(world.now, wake)
      return apply(.woke)
    }
    let choice = options.order == nil ? ready[0] : ready.randomElement(using: &options.order!)!
    perform(pending.remove(at: choice))
  }

  private func perform(_ work: Pending) {
    switch work {
    case .prepare(let plan): apply(.prepared(attempt: plan.record.id, world.files.prepare(plan)))
    case .process(let attempt):
      world.processes.complete(attempt, at: world.now)
      if let exit = world.processes.exit(of: attempt), watched.remove(attempt) != nil { apply(.executor(.exited(exit))) }
    case .report(let event): apply(.executor(event))
    case .verify(let plan): apply(.verified(attempt: plan.record.id, world.files.verify(plan)))
    case .publish(let attempt, let intents):
      for intent in intents { precondition(world.journal.intents[intent.checkpoint.instance] == intent, "published unannounced") }
      apply(.published(attempt: attempt, world.files.publish(intents)))
    case .sync:
      world.files.sync()
      world.journal.sync()
      apply(.synced)
    case .cancel: apply(.cancelRequested(immediately: false))
    case .rule(let verdict, let ruling): apply(.verdictRuled(verdict, ruling))
    case .stop(let stopping): apply(.stopRequested(run: world.journal.openRun!, stopping))
    }
  }

  private func apply(_ event: Event) {
    let transition = state.apply(event, now: world.now)
    world.journal.commit(transition.entries)
    for case .publishIntended(let intent) in transition.entries { world.told[intent.checkpoint.instance] = nil }
    for effect in transition.effects { perform(effect) }
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .prepare(let plan):
      precondition(world.journal.attempts[plan.record.id] != nil, "\(plan.record.id) is prepared before it is in the journal")
      pending.append(.prepare(plan))
    case .launch(let plan):
      let attempt = plan.record.id
      world.processes.start(plan, at: world.now)
      watched.insert(attempt)
      pending.append(
        .report(.started(attempt: attempt, ProcessIdentity(pid: 1, startTicks: 1, bootID: "boot"))))
      pending.append(.process(attempt))
    case .adopt(let record): adopt(record.id)
    case .end(let attempt, _):
      if world.processes.kill(attempt, at: world.now), watched.remove(attempt) != nil {
        pending.append(.report(.exited(world.processes.exit(of: attempt)!)))
      }
    case .verify(let plan): pending.append(.verify(plan))
    case .publish(let attempt, let intents): pending.append(.publish(attempt, intents))
    case .sync: pending.append(.sync)
    case .discard(let attempt, let keepOutputs): world.files.discard(attempt: attempt, keepOutputs: keepOutputs)
    case .showLog(let attempt, let task): world.files.showLog(of: attempt, task: task)
    case .tell(let notice): hear(notice)
    case .finish(let result, let counts): end = (result, counts)
    }
  }

  private func adopt(_ attempt: String) {
    if let exit = world.processes.exit(of: attempt) {
      pending.append(.report(.exited(exit)))
    } else if world.processes.isKnown(attempt) {
      watched.insert(attempt)
      pending.append(.process(attempt))
    } else {
      pending.append(.report(.lost(attempt: attempt)))
    }
  }

  private func hear(_ notice: Notice) {
    if case .settled(let settled) = notice, settled.settlement == .succeeded {
      #expect(!world.files.unsynced.contains(settled.instance), "told before it was synced: \(settled.instance)")
      world.told[settled.instance] = world.journal.checkpoints[settled.instance]?.fingerprint
    }
    notices.append(notice)
    if options.cancelsAt(notice) { pending.append(.cancel) }
    if let decided = options.rulesAt(notice) {
      pending.append(.rule(world.rule(decided.task, decided.ruling), decided.ruling))
    }
    if let stopping = options.stopsAt(notice) { pending.append(.stop(stopping)) }
  }

  /// A killed engine may have done some of the renames it had announced.
  private func dieWhilePublishing() {
    guard options.order != nil else { return }
    for case .publish(_, let intents) in pending {
      for move in intents.flatMap(\.moves) where Bool.random(using: &options.order!) { world.files.perform(move) }
    }
  }
}
