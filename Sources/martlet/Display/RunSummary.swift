/// What a run did, for its last lines and for `run --json`.

import MartletFiles
import MartletModel
import MartletPlan
import MartletRun

final class RunSummary {
  private(set) var settled: [SettledNotice] = []
  /// As they stand after the run.
  var incidents = IncidentOverview()

  func observe(_ observation: RunObservation) {
    switch observation {
    case .began: break
    case .notice(.settled(let notice)): settled.append(notice)
    case .notice: break
    }
  }

  /// How the run ended, in one line.
  func lastLine(_ run: String, _ result: RunResult, _ counts: RunCounts, seconds: Double) -> String {
    if counts.ran == 0, result == .succeeded {
      return "nothing to do: \(counts.reused) tasks are up to date  (\(TimeText.duration(seconds)))"
    }
    let parts = [
      (counts.ran, "ran"), (counts.reused, "reused"), (counts.failed, "failed"), (counts.blocked, "blocked"),
      (counts.waiting, "waiting"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return "\(result.rawValue): \(parts)  (\(TimeText.duration(seconds)), run \(run))"
  }

  /// The two or three commands that a person would type next.
  func nextCommands() -> [String] {
    var commands: [String] = []
    let missing = settled.flatMap(\.reasons).contains { if case .libraryMissing = $0 { true } else { false } }
    if missing { return [NativeLibrarySearch.hint, "martlet doctor    where was looked"] }
    if let failed = settled.first(where: { if case .failed = $0.settlement { $0.attempt != nil } else { false } }) {
      let partition = failed.instance.partition.map { " -p \($0)" } ?? ""
      commands.append("martlet logs \(failed.instance.task)\(partition)    what it printed")
      commands.append("martlet show    what was tried")
    }
    for incident in incidents.waiting {
      commands.append("martlet incident show \(incident.id)    the numbers, and what can be done")
    }
    for waiting in settled where waiting.settlement == .waiting {
      commands.append("martlet gates    what \(waiting.instance.task) shows")
      commands.append("martlet approve \(waiting.instance.task)    or: martlet reject \(waiting.instance.task) -m \"why\"")
    }
    return Array(commands.prefix(3))
  }

  /// The one line of `run --json`: schema `martlet.run/1`. Instances that were reused stand in the counts only.
  /// - Parameter run: `nil` where nothing was to be done and no run was made.
  func document(_ run: String?, _ result: RunResult, _ counts: RunCounts, seconds: Double) -> String {
    let tasks = settled.filter { $0.settlement != .reused && $0.settlement != .missing }.map {
      Document.object(Document.settled($0))
    }
    return Document.line(
      schema: "martlet.run/1",
      [
        "run": Document.text(run), "result": .text(result.rawValue), "counts": Document.counts(counts),
        "seconds": Document.duration(seconds), "tasks": .list(tasks),
        "incidents": incidents.current.isEmpty ? nil : .list(incidents.current.map { .text($0.id) }),
      ])
  }
}

extension Document {
  /// How a task instance ended in a run.
  static func settled(_ notice: SettledNotice) -> [String: ConfigurationValue?] {
    members(notice.instance).merging([
      "state": .text(notice.settlement.word), "class": text(notice.settlement.failureClass?.rawValue),
      "verdict": text(notice.verdict?.rawValue), "ruling": text(notice.ruling?.rawValue), "message": text(notice.message),
      "reasons": .list(notice.reasons.map { .text($0.text) }),
      "figures": notice.figures.isEmpty ? nil : .map(notice.figures), "seconds": duration(notice.seconds),
      "attempt": text(notice.attempt),
    ]) { $1 }
  }
}
