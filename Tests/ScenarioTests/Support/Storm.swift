/// Kills and losses of power that hit a random world, drawn from a seed: the whole of it is one value, so that it can be made smaller.

import MartletModel
import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct Storm {
  enum Kind: String {
    /// Processes go on, and what was written is there.
    case kill
    /// Nothing goes on, and what was not synced may be gone.
    case powerLoss
  }

  struct Blow: CustomStringConvertible {
    /// How many steps the run before it may take.
    var steps: Int
    var kind: Kind

    var description: String { "\(kind.rawValue) after \(steps) steps" }
  }

  /// Gives the pipeline, its troubles, the edit, the order of answers and what a loss of power takes.
  let seed: UInt64
  var blows: [Blow]

  init(seed: UInt64, blows: [Blow]) {
    self.seed = seed
    self.blows = blows
  }

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed &+ 3_000_000)
    blows = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
      Blow(
        steps: Int.random(in: 1...70, using: &generator), kind: Int.random(in: 0..<3, using: &generator) == 0 ? .kill : .powerLoss
      )
    }
    self.seed = seed
  }

  /// `SIMULATION_SEEDS` of them from `SIMULATION_SEED` on.
  static var seeds: Range<UInt64> {
    let first = number("SIMULATION_SEED") ?? 0
    return first..<first + (number("SIMULATION_SEEDS") ?? 300)
  }

  private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

  /// Whether a run ends before the first blow.
  var isOver: Bool {
    let world = RandomWorld(seed: seed).world()
    return world.runKilled(after: blows[0].steps, RunOptions(order: SeededGenerator(seed: seed)))
  }

  /// What does not hold; `nil` if the end is that of an undisturbed run and nothing was lost on the way.
  func problem() -> String? {
    let drawn = RandomWorld(seed: seed)
    var generator = SeededGenerator(seed: seed)
    let edited = drawn.sources.keys.sorted().randomElement(using: &generator)!
    let undisturbed = drawn.world()
    undisturbed[edited] = "edited"
    let expected = Ending(undisturbed, undisturbed.run())

    let world = drawn.world()
    // Some storms find the pipeline made already, and its outputs about to be replaced.
    if Bool.random(using: &generator) { _ = world.run(RunOptions(order: generator)) }
    for (number, blow) in blows.enumerated() {
      if number > 0 || Bool.random(using: &generator) { world[edited] = "edited" }
      let options = RunOptions(
        capacity: Resources(cpu: Int.random(in: 1...4, using: &generator), memoryBytes: 8_000), seed: generator.next(),
        order: SeededGenerator(seed: seed &+ UInt64(number)))
      _ = world.runKilled(after: blow.steps, options)
      switch blow.kind {
      case .kill:
        for attempt in world.processes.running where Bool.random(using: &generator) {
          world.processes.complete(attempt, at: world.now)
        }
      case .powerLoss: world.losePower(&generator)
      }
      if !world.lost.isEmpty { return "told, and gone after \(blow): \(world.lost)" }
    }
    world[edited] = "edited"
    let end = Ending(world, world.run(RunOptions(order: generator)))
    if end != expected { return "another end than undisturbed: \(end) instead of \(expected)" }
    if !world.lost.isEmpty { return "told, and gone at the end: \(world.lost)" }
    return world.processes.running.isEmpty ? nil : "still running: \(world.processes.running)"
  }

  /// A storm of the same seed with fewer and earlier blows that still shows a problem.
  func shrunk() -> Storm {
    var smallest = self
    var isSmaller = true
    while isSmaller {
      isSmaller = false
      for candidate in smallest.smaller where candidate.problem() != nil {
        smallest = candidate
        isSmaller = true
        break
      }
    }
    return smallest
  }

  private var smaller: [Storm] {
    var storms: [Storm] = []
    for place in blows.indices {
      if blows.count > 1 {
        var storm = self
        storm.blows.remove(at: place)
        storms.append(storm)
      }
      for steps in [blows[place].steps / 2, blows[place].steps - 1] where steps > 0 {
        var storm = self
        storm.blows[place].steps = steps
        storms.append(storm)
      }
    }
    return storms
  }
}

/// What a world has come to: every file a person sees, and what is recorded of it.
struct Ending: Equatable {
  let files: [String: String]
  let fingerprints: [TaskInstance: Fingerprint]
  let settlements: [String: Settlement]
  let result: RunResult

  init(_ world: World, _ report: RunReport) {
    files = world.files.visible
    fingerprints = world.journal.checkpoints.mapValues(\.fingerprint)
    // What an earlier, killed run has done is reused by the last one.
    settlements = report.settlements.mapValues { $0 == .reused ? .succeeded : $0 }
    result = report.result
  }
}
