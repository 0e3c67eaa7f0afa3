/// One engine at work in a world: the real loop, whose files, journal, processes and clock are the world's. Between two of the loop's
/// questions the world goes on, one step at a time, in the order that the generator draws; the engine may die at any of them.

import MartletModel
import MartletPlan
import MartletRun

final class Engine: @unchecked Sendable {
  /// What happens beside the loop.
  private enum Pending {
    case work(@Sendable () -> Void)
    case process(String)
    case arrival(Event)
  }

  /// What takes more goes round in circles.
  private static let mostSteps = 200_000

  let world: World
  private(set) var notices: [Notice] = []
  private(set) var end: (result: RunResult, counts: RunCounts)?
  /// What the loop threw.
  private(set) var failure: String?
  private var options: RunOptions
  private var messages: [Mailbox.Message] = []
  private var pending: [Pending] = []
  /// Attempts whose end the executor owes the loop.
  private var watched: Set<String> = []
  private var isDead = false
  private var stepCount = 0
  /// How many more changes of the world a dying engine makes.
  private var lastDeeds: Int
  private var isDying = false

  init(_ world: World, _ options: RunOptions) {
    self.world = world
    self.options = options
    lastDeeds = options.lastDeeds
  }

  /// - Returns: whether the run has ended. It has not where the engine died, or gave up for want of a disk.
  func run() -> Bool {
    world.invariants.tally[.runs] += 1
    hold {
      try recover()
      let loop = RunLoop(
        state: world.state(options), journal: self, workspace: world.files, executor: self, workers: self, clock: self,
        mailbox: self,
        launcher: Launcher(root: "/w", tasksExecutable: "/t", hostEnvironment: [:])
      ) { [unowned self] in hear($0) }
      stepCount = 1
      end = try loop.run()
      if end?.result != .cancelled {
        answerBreaches()
        try reviewIncidents()
      }
    }
    return end != nil
  }

  /// A command that changes something without a run.
  func sit(_ body: () -> Void) {
    hold {
      try recover()
      body()
    }
  }

  private func hold(_ body: () throws -> Void) {
    world.files.mayWrite = { [unowned self] in mayWrite() }
    world.files.meanwhile = { [unowned self] in letOthersWork() }
    defer {
      world.files.mayWrite = { true }
      world.files.meanwhile = {}
    }
    if options.stepLimit == 0 { isDying = true }
    do {
      try body()
    } catch {
      failure = isDead ? nil : "\(error)"
      isDead = true
    }
    pending = []
  }

  /// Whatever keeps a ticket from being written, the run has ended as it did.
  private func reviewIncidents() throws {
    let settled = notices.compactMap { notice in
      if case .settled(let settled) = notice { settled } else { nil }
    }
    do {
      try world.reviewIncidents(run: "r", settled)
    } catch is BrokenDisk {
      return
    }
  }

  /// What a run does at its end about failing verdicts on what is in production.
  private func answerBreaches() {
    for task in world.reverting.sorted() {
      let instance = TaskInstance(task: task)
      guard let checkpoint = world.journal.checkpoints[instance], checkpoint.verdict == .fail,
        let end = world.journal.attempts[checkpoint.attempt]?.end
      else { continue }
      // The engine may be hit here too.
      if options.stepLimit < .max, options.order != nil, Bool.random(using: &options.order!) { isDying = true }
      let breach = Breach(task: instance, fingerprint: checkpoint.fingerprint, at: end.at)
      let verdict = JudgedVerdict(instance: instance, fingerprint: checkpoint.fingerprint)
      if world.history.rulings[verdict] != .accepted { world.revert(after: breach) }
    }
  }

  // MARK: The world's steps

  /// - Returns: whether anything could be done without time going by.
  private func step() -> Bool {
    if stepCount >= options.stepLimit { isDying = true }
    guard !mayHaveDied() else { return true }
    world.invariants.tally[.steps] += 1
    while let next = options.happenings.first, next.step <= stepCount {
      options.happenings.removeFirst()
      next.act(self)
    }
    let ready = pending.indices.filter { place in
      guard case .process(let attempt) = pending[place] else { return true }
      return (world.processes.end(of: attempt) ?? 0) <= world.now
    }
    guard !ready.isEmpty else { return false }
    stepCount += 1
    world.invariants.require(stepCount < Engine.mostSteps, "no end of the run after \(stepCount) steps")
    let choice = options.order == nil ? ready[0] : ready.randomElement(using: &options.order!)!
    switch pending.remove(at: choice) {
    case .work(let work): work()
    case .process(let attempt):
      world.processes.complete(attempt, at: world.now)
      reportEnd(of: attempt)
    case .arrival(let event): post(event)
    }
    return true
  }

  /// Some of the work that waits is done beside a work that has begun.
  private func letOthersWork() {
    while !isDead, options.order != nil, Bool.random(using: &options.order!) {
      let works = pending.indices.filter { place in
        if case .work = pending[place] { true } else { false }
      }
      guard let choice = works.randomElement(using: &options.order!), case .work(let work) = pending.remove(at: choice) else {
        return
      }
      work()
    }
  }

  private func reportEnd(of attempt: String) {
    guard watched.remove(attempt) != nil else { return }
    if let exit = world.processes.exit(of: attempt) {
      post(.executor(.exited(exit)))
    } else {
      post(.executor(.lost(attempt: attempt)))
    }
  }

  // MARK: Death

  /// Counts down to the death of a dying engine.
  /// - Returns: whether it is dead.
  private func mayHaveDied() -> Bool {
    if world.invariants.breach != nil { isDead = true }
    guard isDying, !isDead else { return isDead }
    guard lastDeeds == 0 else {
      lastDeeds -= 1
      return false
    }
    isDead = true
    // Its workers were in the midst of something.
    if options.order != nil {
      for case .work(let work) in pending {
        lastDeeds = Int.random(in: 0...4, using: &options.order!)
        work()
      }
    }
    lastDeeds = 0
    return true
  }

  private func mayWrite() -> Bool {
    guard isDead else { return !mayHaveDied() }
    lastDeeds -= 1
    return lastDeeds >= 0
  }

  // MARK: What a person asks of the engine

  private func ask(_ event: Event) { pending.append(.arrival(event)) }

  func cancel(immediately: Bool) { ask(.cancelRequested(immediately: immediately)) }

  func stop(_ stopping: Stopping) {
    if let run = world.journal.openRun { ask(.stopRequested(run: run, stopping)) }
  }

  /// - Returns: whether the gate waits for a decision now.
  func decide(_ gate: String, _ decision: GateDecision) -> Bool {
    guard let evidence = world.decide(gate, decision) else { return false }
    ask(.gateDecided(evidence, decision))
    return true
  }

  /// A decision on a verdict as it stands now.
  func rule(_ task: String, _ ruling: VerdictRuling) {
    if let verdict = world.rule(task, ruling) { ask(.verdictRuled(verdict, ruling)) }
  }

  func move(_ move: ReleaseMove) {
    if world.move(move) { ask(.releasesMoved(world.history.gateDecisions)) }
  }

  // MARK: What the engine tells

  private func hear(_ notice: Notice) {
    guard !isDead else { return }
    switch notice {
    case .settled(let settled) where settled.settlement == .succeeded:
      let instance = settled.instance
      world.invariants.require(!world.files.unsynced.contains(instance), "\(instance) is told before its files are synced")
      world.invariants.require(!world.journal.unsynced.contains(instance), "\(instance) is told before the journal is synced")
      world.invariants.tally[.successesTold] += 1
      world.note(instance)
    case .retrying: world.invariants.tally[.retries] += 1
    default: break
    }
    notices.append(notice)
    if options.cancelsAt(notice) { cancel(immediately: false) }
    if let decided = options.rulesAt(notice) { rule(decided.task, decided.ruling) }
    if let stopping = options.stopsAt(notice) { stop(stopping) }
  }
}

// MARK: What the loop sees

extension Engine: Inbox, Clock, Workers {
  func post(_ message: Mailbox.Message) {
    if !isDead { messages.append(message) }
  }

  func next(timeoutSeconds: Double?) -> Mailbox.Message? {
    while true {
      // The loop goes no further than this.
      if isDead { return .publicationStuck(failure: "killed") }
      if !messages.isEmpty {
        // More may arrive before the loop looks.
        if timeoutSeconds != 0, options.order != nil, Int.random(in: 0..<3, using: &options.order!) == 0, step() { continue }
        return messages.removeFirst()
      }
      if timeoutSeconds == 0 { return nil }
      if step() { continue }
      let ends = pending.compactMap { work in
        if case .process(let attempt) = work { world.processes.end(of: attempt) } else { nil }
      }
      let wake = timeoutSeconds.map { world.now + max(0, $0) } ?? .infinity
      let until = min(wake, ends.min() ?? .infinity)
      guard until < .infinity else {
        world.invariants.fail("the run is stuck: nothing more can happen, and it has not ended")
        continue
      }
      world.now = max(world.now, until)
      if until == wake { return nil }
    }
  }

  func wallSeconds() -> Double { world.now }

  func submit(_ work: @escaping @Sendable () -> Void) { pending.append(.work(work)) }
}

extension Engine: Journal {
  func commit(_ entries: [JournalEntry]) throws {
    guard !mayHaveDied() else { throw EngineDied() }
    // An error leaves open whether the entries are there.
    var isLost = false
    do {
      try world.files.disk.attempt(.commit)
    } catch {
      isLost = true
      if options.order == nil || Bool.random(using: &options.order!) { throw error }
    }
    for entry in entries { examine(entry) }
    world.journal.commit(entries)
    if isLost { throw BrokenDisk(description: "the disk did not answer") }
    guard !mayHaveDied() else { throw EngineDied() }
  }

  func sync() throws {
    guard !mayHaveDied() else { throw EngineDied() }
    try world.files.disk.attempt(.sync)
    world.journal.sync()
  }

  /// What must hold when an entry is about to be committed.
  private func examine(_ entry: JournalEntry) {
    switch entry {
    case .attemptCreated(let record):
      world.invariants.tally[.attempts] += 1
      for (instance, fingerprint) in zip(record.instances, record.fingerprints) where world.told[instance] == fingerprint {
        let isAskedFor = options.selection.force || !options.comparing.isEmpty
        world.invariants.require(isAskedFor || !world.isIntact(instance), "\(instance) was told to be done and runs again")
      }
    case .publishIntended(let intent):
      let instance = intent.checkpoint.instance
      world.forget(instance)
      world.invariants.require(
        world.processes.hasReadAsPlanned(intent.attempt, instance), "\(instance) is recorded with other inputs than it has read")
    default: break
    }
  }
}

/// Ends the loop of an engine that was killed.
struct EngineDied: Error {}

extension Engine: Executor {
  func start(_ request: AttemptRequest) {
    guard !mayHaveDied() else { return }
    let attempt = request.attempt
    guard let plan = world.files.prepared[attempt] else { return world.invariants.fail("\(attempt) starts unprepared") }
    world.invariants.require(world.journal.attempts[attempt] != nil, "\(attempt) starts before it is in the journal")
    world.processes.start(plan, at: world.now)
    let cores = world.processes.coresInUse(by: plan.record.run)
    world.invariants.require(cores <= options.capacity.cpu, "\(cores) cores in use of \(options.capacity.cpu)")
    watched.insert(attempt)
    pending.append(.arrival(.executor(.started(attempt: attempt, ProcessIdentity(pid: 1, startTicks: 1, bootID: "boot")))))
    pending.append(.process(attempt))
  }

  func adopt(attempt: String, folder: String, identity: ProcessIdentity?) {
    guard !isDead else { return }
    world.invariants.tally[.adoptions] += 1
    watched.insert(attempt)
    // One that has ended or is gone is reported at once.
    pending.append(.process(attempt))
  }

  func end(attempt: String, immediately: Bool) {
    guard !isDead else { return }
    _ = world.processes.kill(attempt, at: world.now)
  }
}
