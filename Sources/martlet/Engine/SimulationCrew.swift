/// Simulates seeds in processes of its own, one for each core: a broken invariant of the engine ends a process, and its seed is known.

import MartletModel
import MartletSimulation

/// What came of many simulations.
struct SimulationReport {
  var tally = Tally()
  /// Of the first seed that failed; `nil` if none did.
  var failure: SimulationFailure?
  var seconds = 0.0
}

struct SimulationFailure {
  let seed: UInt64
  /// What did not hold.
  let breach: String
  /// The parts of the scenario that can be left out without making it hold.
  let omitted: Set<Int>
}

struct SimulationCrew {
  /// Seeds for one process.
  private static let largestShare = 500

  let host: Host
  /// Whether the simulated disks say that they have synced what they have not.
  let diskLies: Bool
  /// A scratch folder.
  let folder: String
  let note: (String) -> Void

  /// One process that simulates some seeds.
  private struct Worker {
    let process: ChaosProcess
    let seeds: Range<UInt64>
  }

  /// - Throws: `UserError` if it was interrupted; errors of the file system in the scratch folder.
  func run(_ seeds: Range<UInt64>) throws -> SimulationReport {
    let begin = host.wallSeconds()
    var report = SimulationReport()
    var next = seeds.lowerBound
    var workers: [Worker] = []
    defer { for worker in workers { worker.process.send(9) } }
    let share = max(1, min(Self.largestShare, seeds.count / (2 * host.processorCount)))
    while report.failure == nil, next < seeds.upperBound || !workers.isEmpty {
      if let signal = host.lastInterrupt() {
        throw UserError("interrupted after \(report.tally[.seeds]) seeds", status: signal == 15 ? .terminated : .interrupted)
      }
      while workers.count < host.processorCount, next < seeds.upperBound {
        let end = min(next + UInt64(share), seeds.upperBound)
        workers.append(try start(next..<end, omitting: []))
        next = end
      }
      guard let place = workers.firstIndex(where: { $0.process.end(within: 0.005, clock: host.wallSeconds) != nil }) else {
        continue
      }
      let worker = workers.remove(at: place)
      let ending = try result(of: worker)
      report.tally += ending.tally
      if let breach = ending.breach { report.failure = try shrunk(seed: ending.seed, breach) }
      note("\(report.tally[.seeds]) of \(NumberText.counted(seeds.count, "seed"))")
    }
    report.seconds = host.wallSeconds() - begin
    return report
  }

  /// Leaves out of a scenario that fails whatever it fails without.
  private func shrunk(seed: UInt64, _ breach: String) throws -> SimulationFailure {
    note("seed \(seed) fails: \(breach); looking for the smallest scenario that does")
    var smallest = breach
    var problem: (any Error)?
    let omitted = Simulation.shrink(partCount: Simulation.partCount(seed: seed)) { omitted in
      guard problem == nil else { return false }
      do {
        guard let breach = try play(seed: seed, omitting: omitted).breach else { return false }
        smallest = breach
        return true
      } catch {
        problem = error
        return false
      }
    }
    if let problem { throw problem }
    return SimulationFailure(seed: seed, breach: smallest, omitted: omitted)
  }

  /// One seed again, without the parts that a failure left out.
  func replay(seed: UInt64, omitting omitted: Set<Int>) throws -> SimulationReport {
    let begin = host.wallSeconds()
    let (breach, tally) = try play(seed: seed, omitting: omitted)
    let failure = breach.map { SimulationFailure(seed: seed, breach: $0, omitted: omitted) }
    return SimulationReport(tally: tally, failure: failure, seconds: host.wallSeconds() - begin)
  }

  /// One seed in a process of its own.
  private func play(seed: UInt64, omitting omitted: Set<Int>) throws -> (breach: String?, tally: Tally) {
    let worker = try start(seed..<seed + 1, omitting: omitted)
    _ = worker.process.end(clock: host.wallSeconds)
    let ending = try result(of: worker)
    return (ending.breach, ending.tally)
  }

  /// Of the command that simulates these seeds.
  static func arguments(_ seeds: Range<UInt64>, omitting omitted: Set<Int>, diskLies: Bool) -> [String] {
    let parts = omitted.sorted().map(String.init).joined(separator: ",")
    return ["selftest", "--simulate", "\(seeds.count)", "--seed", "\(seeds.lowerBound)"]
      + (parts.isEmpty ? [] : ["--without", parts]) + (diskLies ? ["--lying-disk"] : [])
  }

  private func start(_ seeds: Range<UInt64>, omitting omitted: Set<Int>) throws -> Worker {
    let arguments = SimulationCrew.arguments(seeds, omitting: omitted, diskLies: diskLies) + ["--crew"]
    let process = try ChaosProcess(
      arguments, host: host, directory: folder, outputPath: "\(folder)/seeds-\(seeds.lowerBound)")
    return Worker(process: process, seeds: seeds)
  }

  private func result(of worker: Worker) throws -> (seed: UInt64, breach: String?, tally: Tally) {
    let documents = try worker.process.documents()
    guard let last = documents.last else {
      throw UserError("a process that simulates seeds from \(worker.seeds.lowerBound) on said nothing", status: .bug)
    }
    let status = worker.process.end(clock: host.wallSeconds)
    // What a process that died said last is the seed that it began with.
    let begun = documents.compactMap { document -> UInt64? in
      if case .integer(let seed)? = document["begun"] { UInt64(seed) } else { nil }
    }
    let seed = begun.last ?? worker.seeds.lowerBound
    guard let tally = SimulationCrew.tally(from: last) else {
      let said = try worker.process.said().split(separator: "\n").first { $0.contains("Fatal error") || $0.contains("failed") }
      return (
        seed,
        "the engine broke off (\(status > 128 ? "signal \(status - 128)" : "status \(status)"))\(said.map { ": \($0)" } ?? "")",
        Tally()
      )
    }
    if case .text(let breach)? = last["breach"] { return (seed, breach, tally) }
    return (seed, nil, tally)
  }

  // MARK: In the process

  /// Simulates seeds one after another until one fails.
  /// - Parameter say: takes a line for the process that asked.
  static func work(_ seeds: Range<UInt64>, omitting omitted: Set<Int>, diskLies: Bool, say: (String) -> Void) {
    var tally = Tally()
    for seed in seeds {
      say(ConfigurationValue.map(["begun": .integer(Int(seed))]).canonicalJSON)
      let outcome = Simulation.run(seed: seed, omitting: omitted, diskLies: diskLies)
      tally += outcome.tally
      guard let breach = outcome.breach else { continue }
      return say(document(tally, breach: breach).canonicalJSON)
    }
    say(document(tally, breach: nil).canonicalJSON)
  }

  private static func document(_ tally: Tally, breach: String?) -> ConfigurationValue {
    var fields: [String: ConfigurationValue] = ["counts": tally.document]
    if let breach { fields["breach"] = .text(breach) }
    return .map(fields)
  }

  private static func tally(from document: ConfigurationValue) -> Tally? {
    guard let counts = document["counts"] else { return nil }
    var tally = Tally()
    for count in Tally.Count.allCases {
      if case .integer(let value)? = counts[count.rawValue] { tally[count] = value }
    }
    return tally
  }
}

extension Tally {
  var document: ConfigurationValue {
    .map(Dictionary(uniqueKeysWithValues: Count.allCases.map { ($0.rawValue, ConfigurationValue.integer(self[$0])) }))
  }
}
