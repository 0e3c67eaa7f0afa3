/// A pipeline, its troubles and what befalls it, drawn from a seed: one value of numbered parts, each of which can be left out, so that a
/// scenario that fails can be made small.

import MartletModel
import MartletPlan
import MartletRun

struct Scenario {
  let seed: UInt64
  /// The numbers of the parts that are left out.
  let omitted: Set<Int>
  private(set) var partCount = 0
  private(set) var tasks: [DrawnTask] = []
  private(set) var rounds: [Round] = []
  /// The task that packs the release which a gate promotes, by the gate.
  private(set) var packed: [String: String] = [:]
  /// Tasks whose failing verdict sends back what is in production.
  private(set) var reverting: Set<String> = []
  /// With those that are left out.
  private var drawnTasks: [DrawnTask] = []
  private var drawnRounds: [Round] = []

  /// How a task's first processes end before one succeeds; one that never does fails for good.
  enum Trouble {
    case passing(times: Int, Performance)
    case lasting(Performance)
    case verdict(Verdict)
    /// In a batch, the process dies with this partition.
    case culprit(String)
  }

  struct DrawnTask {
    let place: Int
    let name: String
    let isPartitioned: Bool
    let isGate: Bool
    /// Names of the tasks whose outputs it reads.
    let reads: [String]
    let readsSource: Bool
    let after: [String]
    let isSettled: Bool
    let isGathered: Bool
    let batch: Int
    let cpu: Int
    let seconds: Double
    let trouble: Trouble?
    /// What a person thinks of the gate or of a failing verdict, sooner or later.
    let opinion: Bool?
  }

  /// One run, and how it ends.
  struct Round {
    enum End: String {
      /// It comes to its end by itself.
      case peace
      /// Processes go on, and what was written is there.
      case kill
      /// Nothing goes on, and what was not synced may be gone.
      case powerLoss
    }

    let number: Int
    let end: End
    /// When the engine is hit, in the world's steps, and how many changes it still makes then.
    let steps: Int
    let lastDeeds: Int
    let cpu: Int
    let lanes: Int
    let failFast: Bool
    let selection: Selection
    var happenings: [(step: Int, happening: Happening)] = []
  }

  enum Happening {
    /// A source gets another text, or goes.
    case edit(String, String?)
    /// A person writes into an output, or removes it.
    case damage(task: String, String?)
    case removeCheckpoint(task: String)
    case collect(task: String)
    /// The pipeline gets another command for a task, or one more day.
    case changeCommand(task: String)
    case addDay
    case decide(gate: String)
    /// A release that once was current becomes it again; `nil` goes back to the one before.
    case move(Int?)
    /// By a process of its own, which is killed after so many changes of the world.
    indirect case cutShort(Happening, deeds: Int)
    case rule(task: String)
    case cancel(immediately: Bool)
    case drain
    case breakDisk(DiskFault)
    /// A process that runs is gone and leaves nothing.
    case loseProcess

    /// Whether it needs the workspace to itself where no run goes on.
    var isDecision: Bool {
      switch self {
      case .decide, .move, .rule: true
      default: false
      }
    }
  }

  init(seed: UInt64, omitting omitted: Set<Int> = []) {
    self.seed = seed
    self.omitted = omitted
    var generator = SeededGenerator(seed: seed)
    for place in 0..<Int.random(in: 2...8, using: &generator) { drawTask(place, &generator) }
    for number in 0..<Int.random(in: 1...4, using: &generator) { drawRound(number, &generator) }
    drawProduction()
  }

  /// The same pipeline in a single run, in which nothing happens but one hit.
  func hitOnce(_ end: Round.End, steps: Int, lastDeeds: Int) -> Scenario {
    var scenario = self
    scenario.rounds = [
      Round(
        number: 0, end: end, steps: steps, lastDeeds: lastDeeds, cpu: 2, lanes: .max, failFast: false, selection: .everything)
    ]
    return scenario
  }

  /// Numbers the next part.
  /// - Returns: whether it is in.
  private mutating func takesPart() -> Bool {
    defer { partCount += 1 }
    return !omitted.contains(partCount)
  }

  /// Sources, one for each task that may be drawn; what comes behind them packs a release.
  static let places = 8

  // MARK: Tasks

  private mutating func drawTask(_ place: Int, _ generator: inout SeededGenerator) {
    func chance(_ times: Int, in total: Int) -> Bool { Int.random(in: 0..<total, using: &generator) < times }
    let isGate = place > 0 && chance(1, in: 8)
    let isPartitioned = !isGate && chance(1, in: 3)
    // Whatever is drawn is drawn for parts that are left out, too: the others stay the same.
    let reads = (0..<place).filter { _ in chance(1, in: 3) }.map { "t\($0)" }
    let after = (0..<place).filter { _ in chance(1, in: 9) }.map { "t\($0)" }
    let trouble = Scenario.drawTrouble(isPartitioned: isPartitioned, &generator)
    let isTroubled = trouble != nil && takesPart()
    let readsSource = chance(1, in: 2)
    let earlier = Dictionary(uniqueKeysWithValues: tasks.map { ($0.name, $0) })
    let task = DrawnTask(
      place: place, name: "t\(place)", isPartitioned: isPartitioned, isGate: isGate,
      reads: reads.filter { earlier[$0]?.isGate == false }, readsSource: readsSource,
      after: after.filter { earlier[$0] != nil } + reads.filter { earlier[$0]?.isGate == true },
      isSettled: chance(1, in: 5), isGathered: chance(1, in: 2), batch: Int.random(in: 1...4, using: &generator),
      cpu: Int.random(in: 1...2, using: &generator), seconds: Double(Int.random(in: 0...20, using: &generator)),
      trouble: isTroubled ? trouble : nil, opinion: [true, true, false, nil].randomElement(using: &generator)!)
    drawnTasks.append(task)
    if takesPart(), !isGate || !(task.reads + task.after).isEmpty { tasks.append(task) }
  }

  private static func drawTrouble(isPartitioned: Bool, _ generator: inout SeededGenerator) -> Trouble? {
    let times = Int.random(in: 1...3, using: &generator)
    switch Int.random(in: 0..<24, using: &generator) {
    case 0: return .passing(times: times, .exit(75))
    case 1: return .passing(times: times, Performance(status: .notStarted(errno: 11)))
    case 2: return .passing(times: 1, .signal(9))
    case 3: return .passing(times: 1, .failure(.data))
    case 4: return .passing(times: times, .failure(.unstable, seedsLeft: 3))
    case 5: return .passing(times: 1, Performance(status: .signalled(9), outOfMemory: true))
    case 6: return .passing(times: 1, Performance(hangs: true))
    case 7: return .lasting(.exit([1, 64, 75].randomElement(using: &generator)!))
    case 8: return .lasting(.failure([.data, .unstable].randomElement(using: &generator)!, seedsLeft: 0))
    case 9: return .lasting(Performance(hangs: true))
    case 10: return isPartitioned ? nil : .lasting(Performance(omitted: [0]))
    case 11, 12, 13:
      return isPartitioned ? .culprit("2013-01-02") : .verdict([.pass, .warn, .fail, .fail].randomElement(using: &generator)!)
    default: return nil
    }
  }

  // MARK: Production

  /// Drawn by itself and numbered last: what is drawn here changes nothing of the rest.
  private mutating func drawProduction() {
    var generator = SeededGenerator(seed: seed &+ 1_000_003)
    if Int.random(in: 0..<3, using: &generator) == 0 { drawRelease(&generator) }
    let names = Set(tasks.map(\.name))
    var gates: [String] = []
    for gate in drawnTasks where gate.isGate && Int.random(in: 0..<4, using: &generator) > 0 {
      let packers = drawnTasks.filter { $0.place < gate.place && !$0.isGate && !$0.isPartitioned }
      guard let packer = packers.randomElement(using: &generator) else { continue }
      gates.append(gate.name)
      if takesPart(), names.isSuperset(of: [gate.name, packer.name]) { packed[gate.name] = packer.name }
    }
    guard !gates.isEmpty else { return }
    for task in drawnTasks where Int.random(in: 0..<2, using: &generator) > 0 && takesPart() {
      if case .verdict(.fail) = task.trouble, names.contains(task.name) { reverting.insert(task.name) }
    }
    for round in drawnRounds {
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let happening = drawDeed(gates, round, &generator)
        guard takesPart(), let place = rounds.firstIndex(where: { $0.number == round.number }) else { continue }
        rounds[place].happenings.append(happening)
        rounds[place].happenings.sort { $0.step < $1.step }
      }
    }
  }

  /// A task that reads some of the others, and a gate behind it.
  private mutating func drawRelease(_ generator: inout SeededGenerator) {
    let names = Set(tasks.map(\.name))
    let reads = drawnTasks.filter { task in !task.isGate && Int.random(in: 0..<3, using: &generator) == 0 }.map(\.name)
    let seconds = Double(Int.random(in: 0...20, using: &generator))
    let packer = DrawnTask(
      place: Scenario.places, name: "t\(Scenario.places)", isPartitioned: false, isGate: false,
      reads: reads.filter(names.contains), readsSource: true, after: [], isSettled: false, isGathered: false, batch: 1, cpu: 1,
      seconds: seconds, trouble: nil, opinion: nil)
    let gate = DrawnTask(
      place: Scenario.places + 1, name: "t\(Scenario.places + 1)", isPartitioned: false, isGate: true, reads: [],
      readsSource: false, after: [packer.name], isSettled: false, isGathered: false, batch: 1, cpu: 1, seconds: 0, trouble: nil,
      opinion: true)
    drawnTasks += [packer, gate]
    if takesPart() { tasks += [packer, gate] }
  }

  private func drawDeed(
    _ gates: [String], _ round: Round, _ generator: inout SeededGenerator
  ) -> (step: Int, happening: Happening) {
    let gate = gates.randomElement(using: &generator)!
    let choice = Int.random(in: 0..<8, using: &generator)
    let deed: Happening = [.decide(gate: gate), .decide(gate: gate), .move(nil), .move(choice)].randomElement(using: &generator)!
    // Where the run is hit, too.
    let step = [0, round.steps, Int.random(in: 1...60, using: &generator)].randomElement(using: &generator)!
    let isCutShort = step == 0 && Int.random(in: 0..<3, using: &generator) > 0
    return (step, isCutShort ? .cutShort(deed, deeds: Int.random(in: 0...9, using: &generator)) : deed)
  }

  // MARK: Rounds

  private mutating func drawRound(_ number: Int, _ generator: inout SeededGenerator) {
    let names = tasks.filter { !$0.isGate }.map(\.name)
    let named = Int.random(in: 0..<8, using: &generator)
    let selection: Selection =
      switch Int.random(in: 0..<12, using: &generator) {
      case 0: Selection(tasks: ["t\(named)"])
      case 1: Selection(tasks: ["t\(named)"], reach: .downstream)
      case 2: Selection(tasks: ["t\(named)"], reach: .only, force: true)
      case 3: Selection(retry: true)
      default: .everything
      }
    var round = Round(
      number: number, end: [.kill, .powerLoss, .powerLoss, .peace].randomElement(using: &generator)!,
      steps: max(0, Int.random(in: -8...90, using: &generator)), lastDeeds: Int.random(in: 0...5, using: &generator),
      cpu: Int.random(in: 1...4, using: &generator), lanes: [1, 2, .max].randomElement(using: &generator)!,
      failFast: Int.random(in: 0..<10, using: &generator) == 0,
      selection: selection.tasks.allSatisfy(names.contains) ? selection : .everything)
    for _ in 0..<Int.random(in: 0...5, using: &generator) {
      let step = max(0, Int.random(in: -30...70, using: &generator))
      let happening = drawHappening("\(number).\(round.happenings.count).\(partCount)", &generator)
      if takesPart() { round.happenings.append((step, happening)) }
    }
    round.happenings.sort { $0.step < $1.step }
    drawnRounds.append(round)
    if takesPart() { rounds.append(round) }
  }

  private func drawHappening(_ mark: String, _ generator: inout SeededGenerator) -> Happening {
    let place = Int.random(in: 0..<Scenario.places, using: &generator)
    let day = Int.random(in: 1...4, using: &generator)
    let isRemoval = Int.random(in: 0..<3, using: &generator) == 0
    let name = "t\(place)"
    switch Int.random(in: 0..<22, using: &generator) {
    case 0...2: return .edit("raw/\(place)", isRemoval ? nil : "edit \(mark)")
    case 3...5: return .edit("raw/\(place)/2013-01-0\(day)", isRemoval ? nil : "edit \(mark)")
    case 6, 7: return .damage(task: name, isRemoval ? nil : "a person's \(mark)")
    case 8: return .removeCheckpoint(task: name)
    case 9: return .collect(task: name)
    case 10: return .changeCommand(task: name)
    case 11: return .addDay
    case 12, 13: return .decide(gate: name)
    case 14: return .move(isRemoval ? place : nil)
    case 15: return .rule(task: name)
    case 16: return .cancel(immediately: isRemoval)
    case 17: return .drain
    case 18: return .loseProcess
    default:
      let sets: [Set<DiskFault.Operation>] = [
        [.sync], [.rename], [.commit], [.write], [.write, .commit, .rename], [.sync, .rename, .write],
      ]
      return .breakDisk(
        DiskFault(
          operations: sets.randomElement(using: &generator)!,
          complaint: DiskFault.Complaint.allCases.randomElement(using: &generator)!,
          spared: Int.random(in: 0...3, using: &generator), times: [1, 2, .max].randomElement(using: &generator)!))
    }
  }
}
