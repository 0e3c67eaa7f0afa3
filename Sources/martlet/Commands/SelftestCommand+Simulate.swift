// `martlet selftest --simulate`: many simulations, and what is printed of them.

import MartletFiles
import MartletModel
import MartletSimulation

extension SelftestCommand {
  func simulate(_ count: Int, on host: Host) throws -> ExitStatus {
    let first = seed ?? 0
    let seeds = first..<first + UInt64(count)
    let omitted = omitted ?? []
    if crew {
      SimulationCrew.work(seeds, omitting: omitted, diskLies: lyingDisk) { host.output.write($0 + "\n") }
      return .done
    }
    let folder = try scratchFolder(host)
    let report: SimulationReport
    do {
      let crew = SimulationCrew(host: host, diskLies: lyingDisk, folder: folder) { shared.note($0, host) }
      report = try omitted.isEmpty ? crew.run(seeds) : crew.replay(seed: first, omitting: omitted)
    } catch {
      try FileTree.remove(folder)
      throw error
    }
    try FileTree.remove(folder)
    host.output.write(shared.json ? document(report, first) : text(report, first, shared.outputPainter(host)))
    return report.failure == nil ? .done : .failed
  }

  /// The command that shows a failure again.
  private func again(_ failure: SimulationFailure) -> String {
    let arguments = SimulationCrew.arguments(failure.seed..<failure.seed + 1, omitting: failure.omitted, diskLies: lyingDisk)
    return "martlet \(arguments.joined(separator: " "))"
  }

  private func text(_ report: SimulationReport, _ first: UInt64, _ painter: Painter) -> String {
    let counts = Tally.Count.allCases.filter { $0 != .seeds }.map { "\(report.tally[$0]) \($0.rawValue)" }
    var lines = [
      "\(painter.symbol(report.failure == nil ? "ok" : "fail")) simulation  \(NumberText.counted(report.tally[.seeds], "seed")) from \(first) on, "
        + TimeText.duration(report.seconds)
    ]
    guard let failure = report.failure else {
      return lines[0]
        + "\n  \(counts.joined(separator: ", "))\n  every promise held at every step, and every end is that of an undisturbed world\n"
    }
    lines.append("  seed \(failure.seed): \(failure.breach)")
    lines += Simulation.story(seed: failure.seed, omitting: failure.omitted).map { "    \($0)" }
    lines.append("  again: \(again(failure))")
    return lines.joined(separator: "\n") + "\n"
  }

  private func document(_ report: SimulationReport, _ first: UInt64) -> String {
    let failure = report.failure.map { failure in
      ConfigurationValue.map([
        "seed": .integer(Int(failure.seed)), "problem": .text(failure.breach), "again": .text(again(failure)),
        "scenario": .list(Simulation.story(seed: failure.seed, omitting: failure.omitted).map { .text($0) }),
      ])
    }
    return Document.line(
      schema: "martlet.simulation/1",
      [
        "passed": .boolean(report.failure == nil), "seed": .integer(Int(first)), "counts": report.tally.document,
        "failure": failure,
        "seconds": Document.duration(report.seconds),
      ])
  }
}
