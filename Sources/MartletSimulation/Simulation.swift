/// Plays a scenario: round after round with everything that befalls it, then in peace, and holds what it comes to against a world in which
/// nothing went wrong.

import MartletModel
import MartletPlan
import MartletRun

public struct Simulation {
  private let scenario: Scenario
  private let world: World
  private var days = 3
  /// How often each task got another command.
  private var changes: [String: Int] = [:]
  /// What people wrote into outputs: no byte of it may be lost.
  private var precious: [String] = []
  /// Whether a process without a run holds the workspace.
  private var isSitting = false

  /// What came of it.
  public struct Outcome: Sendable {
    /// What did not hold, in one sentence; `nil` if everything did.
    public let breach: String?
    public let tally: Tally
  }

  /// - Parameters:
  ///   - omitted: numbers of the scenario's parts that are left out.
  ///   - diskLies: whether the disk says that it has synced what it has not.
  public static func run(seed: UInt64, omitting omitted: Set<Int> = [], diskLies: Bool = false) -> Outcome {
    run(Scenario(seed: seed, omitting: omitted), diskLies: diskLies)
  }

  static func run(_ scenario: Scenario, diskLies: Bool = false) -> Outcome {
    var simulation = Simulation(scenario)
    let world = simulation.world
    world.files.disk.lies = diskLies
    simulation.play()
    world.invariants.tally[.seeds] = 1
    return Outcome(breach: world.invariants.breach, tally: world.invariants.tally)
  }

  /// How many parts the scenario of a seed has.
  public static func partCount(seed: UInt64) -> Int { Scenario(seed: seed).partCount }

  /// The scenario in words, a line for each task and each run.
  public static func story(seed: UInt64, omitting omitted: Set<Int>) -> [String] {
    Scenario(seed: seed, omitting: omitted).story
  }

  init(_ scenario: Scenario) {
    self.scenario = scenario
    world = scenario.world()
  }

  private mutating func play() {
    for round in scenario.rounds where world.invariants.breach == nil { play(round) }
    guard world.invariants.breach == nil, let end = settle(world, SeededGenerator(seed: scenario.seed &+ 2)) else { return }
    examineTheEnd()
    world.examineTickets(end)
    let undisturbed = scenario.world()
    undisturbed.pipeline = world.pipeline
    for case .edit(let path, let text) in scenario.rounds.flatMap(\.happenings).map(\.happening) { undisturbed[path] = text }
    guard let expected = settle(undisturbed, nil) else {
      return world.invariants.fail("undisturbed: \(undisturbed.invariants.breach ?? "")")
    }
    if let difference = end.difference(from: expected) { world.invariants.fail("another end than undisturbed: \(difference)") }
  }

  // MARK: Rounds

  private mutating func play(_ round: Scenario.Round) {
    var generator = SeededGenerator(seed: scenario.seed &+ UInt64(round.number + 3))
    for entry in round.happenings where entry.step == 0 { perform(entry.happening, beside: nil) }
    var happened = 0
    let later = round.happenings.filter { $0.step > 0 }
    // The engine's closures cannot change this value: what they do to it is done afterwards.
    let performing = Performing(self)
    var options = RunOptions(
      selection: round.selection, capacity: Resources(cpu: round.cpu, memoryBytes: 8_000), maximumAttempts: round.lanes,
      failFast: round.failFast, seed: generator.next(), order: generator)
    if round.end != .peace { options.stepLimit = round.steps }
    options.lastDeeds = round.lastDeeds
    options.happenings = later.map { entry in
      (
        entry.step,
        { engine in
          happened += 1
          performing.simulation.perform(entry.happening, beside: engine)
        }
      )
    }
    let hasEnded = Engine(world, options).run()
    self = performing.simulation
    for entry in later.dropFirst(happened) { perform(entry.happening, beside: nil) }
    world.files.disk.faults = []
    if round.end == .powerLoss {
      world.invariants.tally[.powerLosses] += 1
      world.losePower(&generator)
      examineWhatIsVisible("after the loss of power")
    } else {
      if round.end == .kill, !hasEnded { world.invariants.tally[.kills] += 1 }
      for attempt in world.processes.running where Bool.random(using: &generator) {
        world.processes.complete(attempt, at: world.now)
      }
    }
    world.now += Double(Int.random(in: 0...40, using: &generator))
    world.invariants.require(world.lost.isEmpty, "told to be done, and gone after round \(round.number): \(world.lost)")
    examineWhatPeopleWrote()
    world.history = world.production.history()
    world.examineDecisions()
  }

  /// Lets the engine's closures change the value.
  private final class Performing {
    var simulation: Simulation

    init(_ simulation: Simulation) { self.simulation = simulation }
  }

  private mutating func perform(_ happening: Scenario.Happening, beside engine: Engine?) {
    if engine == nil, !isSitting, happening.isDecision { return sit { $0.perform(happening, beside: nil) } }
    switch happening {
    case .edit(let path, let text):
      world.invariants.tally[.edits] += 1
      world[path] = text
    case .damage(let task, let text): damage(task, text)
    case .removeCheckpoint(let task):
      guard let instance = world.journal.checkpoints.keys.filter({ $0.task == task }).min(by: { $0.key < $1.key }),
        world.files.contents[instance.checkpointPath] != nil
      else { return }
      world.invariants.tally[.edits] += 1
      world.touch(instance)
      world.files.edit(instance.checkpointPath, nil)
    case .collect(let task):
      let instance = TaskInstance(task: task)
      // As `gc` does, not what a live attempt may use, nor what is read by a task that runs whatever comes of the others.
      let isInUse = scenario.tasks.contains { $0.isSettled && $0.reads.contains(task) }
      guard engine == nil, !isInUse, !scenario.packed.values.contains(task), world.journal.intents.isEmpty,
        world.journal.unfinishedAttempts.isEmpty, world.isIntact(instance)
      else { return }
      world.touch(instance)
      world.collect([task: ["o"]])
    case .changeCommand(let task):
      changes[task, default: 0] += 1
      world.pipeline = scenario.pipeline(days: days, changes: changes)
    case .addDay:
      days = min(days + 1, 5)
      world.pipeline = scenario.pipeline(days: days, changes: changes)
    case .decide(let gate): decide(gate, beside: engine)
    case .move(let choice): move(choice, beside: engine)
    case .cutShort(let inner, let deeds):
      guard engine == nil else { return perform(inner, beside: engine) }
      var options = RunOptions()
      (options.stepLimit, options.lastDeeds) = (0, deeds)
      sit(options) { $0.perform(inner, beside: nil) }
    case .rule(let task): rule(task, beside: engine)
    case .cancel(let immediately):
      if let engine { world.invariants.tally[.cancellations] += 1; engine.cancel(immediately: immediately) }
    case .drain: engine?.stop(.drain)
    case .breakDisk(let fault): if engine != nil { world.files.disk.faults.append(fault) }
    case .loseProcess: if let attempt = world.processes.running.first { world.processes.lose(attempt) }
    }
  }

  private mutating func damage(_ task: String, _ text: String?) {
    guard let drawn = scenario.tasks.first(where: { $0.name == task && !$0.isGate }) else { return }
    let day = Partition(name: "dt", value: "2013-01-02")
    let instance = drawn.isPartitioned ? TaskInstance(task: task, slice: .partition(day)) : TaskInstance(task: task)
    // A release lies where its checkpoint says.
    let made = scenario.packed.values.contains(task) ? world.journal.checkpoints[instance]?.outputs.first?.path : nil
    let path = made ?? ArtifactPath(drawn.isPartitioned ? "out/\(task)/2013-01-02" : "out/\(task)")
    // A person may throw away what a person wrote.
    precious.removeAll { $0 == world.files.contents[path]?.text }
    if let text { precious.append(text) }
    world.invariants.tally[.edits] += 1
    world.touch(instance)
    world.files.edit(path, text)
  }

  /// In a process of its own, which holds the workspace meanwhile.
  private mutating func sit(_ options: RunOptions = RunOptions(), _ body: (inout Simulation) -> Void) {
    isSitting = true
    Engine(world, options).sit { body(&self) }
    isSitting = false
  }

  private func move(_ choice: Int?, beside engine: Engine?) {
    let known = world.history.entries.compactMap(\.release)
    let move = choice.flatMap { known.isEmpty ? nil : ReleaseMove.promote(known[$0 % known.count]) } ?? .rollBack(to: nil)
    if let engine { engine.move(move) } else { _ = world.move(move) }
  }

  private func decide(_ gate: String, beside engine: Engine?) {
    guard let task = scenario.tasks.first(where: { $0.name == gate && $0.isGate }), let opinion = task.opinion else { return }
    let decision: GateDecision = opinion ? .approved : .rejected
    let isDecided = engine.map { $0.decide(gate, decision) } ?? (world.decide(gate, decision) != nil)
    if isDecided { world.invariants.tally[.gatesDecided] += 1 }
  }

  private func rule(_ name: String, beside engine: Engine?) {
    guard let task = scenario.tasks.first(where: { $0.name == name }), let opinion = task.opinion,
      world.journal.checkpoints[TaskInstance(task: name)]?.verdict == .fail
    else { return }
    let ruling: VerdictRuling = opinion ? .accepted : .rejected
    world.invariants.tally[.verdictsRuled] += 1
    if let engine { engine.rule(name, ruling) } else { world.rule(name, ruling) }
  }

  // MARK: Peace

  /// Runs in peace, and people decide what waits for them, until nothing changes any more.
  private func settle(_ world: World, _ order: SeededGenerator?) -> Ending? {
    var last: Ending?
    for _ in 0..<10 {
      let engine = Engine(world, RunOptions(selection: Selection(retry: true), order: order))
      let hasEnded = engine.run()
      guard world.invariants.breach == nil else { return nil }
      guard hasEnded else {
        world.invariants.fail("the run gave up although nothing is broken: \(engine.failure ?? "")")
        return nil
      }
      let end = Ending(engine)
      let isDecided = decideWhatWaits(world, end)
      if end == last, !isDecided { return end }
      last = end
    }
    world.invariants.fail("ten runs in peace, and still no two with the same end")
    return nil
  }

  /// - Returns: whether there was anything to decide.
  private func decideWhatWaits(_ world: World, _ end: Ending) -> Bool {
    var isDecided = false
    for task in scenario.tasks {
      let instance = TaskInstance(task: task.name)
      guard let opinion = task.opinion else { continue }
      if task.isGate {
        guard end.settlements[instance] == .waiting else { continue }
        world.invariants.tally[.gatesDecided] += 1
        let evidence = world.decide(task.name, opinion ? .approved : .rejected)
        // What was just decided may come before this gate; what failed is planned again, and with it what runs whatever comes of it.
        let mayChange = isDecided || end.settlements.values.contains { $0.failureClass != nil }
        world.invariants.require(evidence != nil || mayChange, "\(task.name) waits and has nothing to be decided on")
        isDecided = isDecided || evidence != nil
      } else if let checkpoint = world.journal.checkpoints[instance], checkpoint.verdict == .fail {
        let verdict = JudgedVerdict(instance: instance, fingerprint: checkpoint.fingerprint)
        guard world.history.rulings[verdict] == nil else { continue }
        world.invariants.tally[.verdictsRuled] += 1
        world.rule(task.name, opinion ? .accepted : .rejected)
        isDecided = true
      }
    }
    return isDecided
  }

  // MARK: What must hold

  private func examineTheEnd() {
    let invariants = world.invariants
    invariants.require(world.lost.isEmpty, "told to be done, and gone at the end: \(world.lost)")
    invariants.require(world.processes.running.isEmpty, "still running: \(world.processes.running)")
    invariants.require(world.journal.unfinishedAttempts.isEmpty, "attempts without an end")
    invariants.require(world.journal.intents.isEmpty, "publications without an end")
    let current = world.history.current
    let isDamaged = current.map { !world.production.faults(of: $0).isEmpty } ?? false
    invariants.require(world.production.link == current || isDamaged, "current is not what the history says at the end")
    examineWhatIsVisible("at the end")
    examineWhatPeopleWrote()
    let kept = world.files.discarded.filter(\.value).keys
    let staged = world.files.staged.keys.filter { attempt in
      !kept.contains(attempt) && world.journal.attempts[attempt]?.end?.failureClass != .data
    }
    invariants.require(staged.isEmpty, "staged and thrown away by nobody: \(staged)")
    // The order in which a dictionary happens to hold its entries decides nothing.
    var shuffled = world.facts
    shuffled.sources = Dictionary(uniqueKeysWithValues: shuffled.sources.sorted { $0.key < $1.key })
    shuffled.checkpoints = Dictionary(uniqueKeysWithValues: shuffled.checkpoints.sorted { $0.key.key > $1.key.key })
    invariants.require(world.plan() == world.plan(shuffled), "two plans of the same facts")
  }

  private func examineWhatIsVisible(_ when: String) {
    for (path, content) in world.files.contents where path.string.hasPrefix("out/") || path.string.hasPrefix("artifact/") {
      world.invariants.require(content.isWhole, "\(path) holds half of something \(when)")
    }
  }

  private func examineWhatPeopleWrote() {
    guard !precious.isEmpty else { return }
    let texts = Set(world.files.contents.values.lazy.map(\.text))
    for text in precious { world.invariants.require(texts.contains(text), "what a person wrote into an output is gone: \(text)") }
  }
}
