// `martlet selftest`: whether the promise holds, on this machine and in simulations.

import ArgumentParser
import MartletFiles
import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct SelftestCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest", abstract: "Try on this machine what is promised: nothing lost, nothing done twice.",
    discussion: """
      `--chaos` runs a small pipeline of commands in a scratch folder below `TMPDIR` and kills its engine with SIGKILL at random points, \
      also together with its supervisor and its tasks, until so many kills have hit. After each pipeline every file is compared with \
      that of an undisturbed run; no task whose success was told may have run again, nothing may be left running, and the store must be \
      sound. The seed draws the moments of the kills; the machine's own timing does the rest. Exits with 1 if something did not hold; \
      then the scratch folder is kept.

      `--simulate` runs so many simulations, each drawn from a seed: the engine's planner and run loop in a world of simulated files, \
      journal, processes and people, with kills at any step, losses of power, failing disks, slow and hanging tasks, retries, gates and \
      edits. What is promised is asserted at every step, and once the faults stop, the end must be that of a world without any. The \
      same seed is the same simulation everywhere. Exits with 1 if something did not hold, and prints the smallest scenario that \
      shows it with the command that plays it again.
      """)

  @Flag(help: "Kill engine, supervisor and tasks at random points.")
  var chaos = false

  @Option(help: ArgumentHelp("How many kills.", valueName: "count"))
  var kills = 20

  @Option(help: ArgumentHelp("Simulate so many seeds, one after another from --seed on.", valueName: "count"))
  var simulate: Int?

  @Option(
    help: ArgumentHelp(
      "Draws the same kills again, by chance if left out; of simulations the first seed, 0 if left out.", valueName: "number"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("Leave these parts out of the simulated scenario.", valueName: "numbers"))
  var without: String?

  @Flag(help: "Let the simulated disks say that they have synced what they have not: shows that a simulation notices.")
  var lyingDisk = false

  /// One of the processes that share the seeds out.
  @Flag(help: .hidden)
  var crew = false

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard chaos != (simulate != nil) else {
      throw ValidationError("say what to test: --chaos, or --simulate with a number of seeds")
    }
    guard kills > 0 else { throw ValidationError("--kills takes a number from 1") }
    guard simulate ?? 1 > 0 else { throw ValidationError("--simulate takes a number from 1") }
    guard omitted != nil else {
      throw ValidationError("--without takes numbers with commas between them, as a failure prints them")
    }
    guard without == nil || simulate == 1 else {
      throw ValidationError("--without takes parts out of one scenario: --simulate 1")
    }
  }

  /// The numbers of `--without`.
  var omitted: Set<Int>? {
    let numbers = (without ?? "").split(separator: ",").map { Int($0) }
    return numbers.contains(nil) ? nil : Set(numbers.compactMap { $0 })
  }

  func run(on host: Host) throws -> ExitStatus {
    // Signals are looked at between two kills, so that nothing stays behind.
    host.onInterrupt { _ in }
    if let simulate { return try self.simulate(simulate, on: host) }
    // Small enough to be typed.
    let seed = seed ?? UInt64(host.wallSeconds() * 1e6) % 1_000_000
    let folder = try scratchFolder(host)
    var test = ChaosTest(host: host, kills: kills, seed: seed, folder: folder) { shared.note($0, host) }
    let report: ChaosReport
    do {
      report = try test.run()
    } catch {
      try FileTree.remove(folder)
      throw error
    }
    if report.problems.isEmpty { try FileTree.remove(folder) }
    let kept = report.problems.isEmpty ? nil : folder
    host.output.write(shared.json ? document(report, seed, kept) : text(report, seed, kept, shared.outputPainter(host)))
    return report.problems.isEmpty ? .done : .failed
  }

  func scratchFolder(_ host: Host) throws -> String {
    var template = Array("\(host.absolute(host.environment["TMPDIR"] ?? "/tmp"))/martlet-selftest-XXXXXX".utf8CString)
    let path = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { realpath($0, nil) } ?? nil
    guard let path else {
      throw SystemError(
        "make a scratch folder", String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    defer { free(path) }
    return String(cString: path)
  }

  private func text(_ report: ChaosReport, _ seed: UInt64, _ kept: String?, _ painter: Painter) -> String {
    let kinds = ChaosKill.allCases.compactMap { kind in report.kills[kind].map { "\($0) of \(kind.rawValue)" } }
    var lines = [
      "\(painter.symbol(report.problems.isEmpty ? "ok" : "fail")) chaos  \(NumberText.counted(report.killCount, "kill")) (\(kinds.joined(separator: ", "))) "
        + "over \(NumberText.counted(report.pipelines, "pipeline")), seed \(seed), \(TimeText.duration(report.seconds))"
    ]
    if report.problems.isEmpty {
      lines.append(
        "  \(report.attempts) attempts, \(report.told) successes told and none repeated; every file equals that of an undisturbed run; "
          + "nothing left running; the store is sound")
    }
    lines += report.problems.map { "  \($0)" }
    if let kept {
      lines.append("  kept  \(kept)")
      lines.append("  hint: `martlet selftest --chaos --kills \(kills) --seed \(seed)` draws the same kills again")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func document(_ report: ChaosReport, _ seed: UInt64, _ kept: String?) -> String {
    Document.line(
      schema: "martlet.selftest/1",
      [
        "passed": .boolean(report.problems.isEmpty), "seed": .integer(Int(seed)), "kills": .integer(report.killCount),
        "killed": .map(
          Dictionary(uniqueKeysWithValues: report.kills.map { ($0.key.rawValue, ConfigurationValue.integer($0.value)) })),
        "pipelines": .integer(report.pipelines), "attempts": .integer(report.attempts), "told": .integer(report.told),
        "problems": .list(report.problems.map { .text($0) }), "seconds": Document.duration(report.seconds),
        "kept": Document.text(kept),
      ])
  }
}
