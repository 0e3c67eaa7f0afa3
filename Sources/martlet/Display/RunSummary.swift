/// What a run did, for its last lines and for `run --json`.

import MartletFiles
import MartletModel
import MartletPlan
import MartletRun

final class RunSummary {
  private(set) var settled: [SettledNotice] = []
  /// As they stand after the run.
  var incidents = IncidentOverview()
  /// The gates that somebody rejected on what they show now.
  var rejected: [GateView] = []
  /// What whoever asked for the run has to know of gates that wait, by gate.
  var gateNotes: [String: GateNote] = [:]
  /// What was done about a breach by the release in production.
  var breach: BreachAnswer?

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
      let tasks = NumberText.counted(counts.reused, "task")
      return "nothing to do: \(tasks) \(counts.reused == 1 ? "is" : "are") up to date  (\(TimeText.duration(seconds)))"
    }
    let parts = [
      (counts.ran, "ran"), (counts.reused, "reused"), (counts.failed, "failed"), (counts.blocked, "blocked"),
      (counts.waiting, "waiting"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return "\(result.rawValue): \(parts)  (\(TimeText.duration(seconds)), run \(run))"
  }

  /// Why it did not end as succeeded, in one line, for those who are told nothing else.
  func whyNotDone(_ run: String, _ result: RunResult, seconds: Double) -> String {
    let reasons = reasons(for: result)
    let more = reasons.count > RunSummary.toldReasons ? ["and \(reasons.count - RunSummary.toldReasons) more"] : []
    let text = (reasons.prefix(RunSummary.toldReasons) + more).joined(separator: "; ")
    return "\(result.rawValue): \(text)  (\(TimeText.duration(seconds)), run \(run))"
  }

  private static let toldReasons = 3

  private func reasons(for result: RunResult) -> [String] {
    switch result {
    case .succeeded: return []
    case .cancelled: return ["it was asked to stop"]
    case .failed:
      let own =
        named { $0.settlement.failureClass != nil }.map { "\($0) failed" }
        + named(\.isJudgedUnfit).map { "the verdict of \($0) is fail" }
      return own.isEmpty ? named { $0.settlement == .blocked }.map { "\($0) is blocked" } : own
    case .rejected:
      return rejected.map { "\($0.gate) was rejected" + ($0.decision.map { " \($0.byWhom.oneLine)" } ?? "") }
        + incidents.current.filter { $0.state == .rejected }.map { incident in
          "the verdict of \(incident.instance) was rejected" + (incident.decision.map { " by \($0.by)" } ?? "")
        }
    case .waiting:
      let gates = named { $0.settlement == .waiting }.map { "\($0) waits for a person" }
      if let accepted = acceptedMeanwhile {
        return gates + ["the verdict of \(accepted.name) was accepted meanwhile: the next run goes on behind it"]
      }
      return gates + named(\.isJudgedUnfit).map { "the verdict of \($0) waits for a person" }
    }
  }

  private func named(_ isMeant: (SettledNotice) -> Bool) -> [String] { settled.filter(isMeant).map(\.name) }

  /// The two or three commands that a person would type next.
  func nextCommands() -> [String] {
    var commands: [String] = []
    let missing = settled.flatMap(\.reasons).contains { if case .libraryMissing = $0 { true } else { false } }
    if missing { return [NativeLibrarySearch.hint, "martlet doctor    where was looked"] }
    if let failed = settled.first(where: { $0.settlement.failureClass != nil }) {
      commands += RunSummary.commands(after: failed)
    } else if let accepted = acceptedMeanwhile {
      commands.append("martlet run    goes on behind \(accepted.name), which was accepted meanwhile")
    } else if let judged = settled.first(where: { $0.verdict == .fail && $0.ruling == nil }), incidents.waiting.isEmpty {
      commands.append("martlet why \(judged.name)    what decides its verdict")
      commands.append("martlet run    once one of these is mended: it goes on by itself")
    }
    if let breach {
      commands.append(
        "martlet releases    "
          + (breach.reverted.map { release in
            "\(breach.judged.releaseName) was left for \(release.releaseName), which stays until someone approves or promotes"
          } ?? "which there are; a better one goes through its gate, and then it is current"))
    }
    for gate in rejected { commands += RunSummary.commands(afterRejectionAt: gate) }
    for judged in settled where judged.ruling == .rejected {
      let incident = incidents.current.first { $0.instance == judged.instance && $0.state == .rejected }
      commands += incident.map(RunSummary.commands) ?? []
    }
    for waiting in settled where waiting.settlement == .waiting {
      let note = gateNotes[waiting.instance.task]
      commands.append("martlet gates    what \(waiting.instance.task) shows" + (note.map { ": \($0.words)" } ?? ""))
      guard note?.mayDecide ?? true else { continue }
      commands.append("martlet approve \(waiting.instance.task)    or: martlet reject \(waiting.instance.task) -m \"why\"")
    }
    return Array(commands.prefix(3))
  }

  /// Every run that meets an open incident names it, the first ones each in a line.
  var incidentLines: [String] {
    let told = incidents.waiting.prefix(RunSummary.toldIncidents).map { incident in
      "martlet incident show \(incident.id)    the numbers, and what can be done"
    }
    let more = incidents.waiting.count - told.count
    return told + (more > 0 ? ["martlet incident list    and \(more) more that \(more == 1 ? "is" : "are") open"] : [])
  }

  private static let toldIncidents = 3

  /// Who said so and why stands in the first line.
  private static func commands(afterRejectionAt view: GateView) -> [String] {
    [
      "martlet gates    what \(view.gate) shows" + words(view.decision?.by, view.decision?.comment),
      "martlet run    once what it shows has changed: then it asks again",
      "martlet approve \(view.gate) --overrule -m \"why\"    if it is to pass all the same",
    ]
  }

  private static func commands(afterRejectionOf incident: Incident) -> [String] {
    [
      "martlet incident show \(incident.id)    the numbers" + words(incident.decision?.by, incident.decision?.comment),
      "martlet run    once what it rests on has changed: then it is judged anew",
      "martlet incident accept \(incident.id) --overrule -m \"why\"    if it is to pass all the same",
    ]
  }

  private static func words(_ decider: String?, _ comment: String?) -> String {
    guard let decider else { return "" }
    return "; rejected by \(decider)" + (comment.map { ": \($0.oneLine)" } ?? "")
  }

  /// What was judged so, and accepted by a person after the run had looked at what comes behind it.
  private var acceptedMeanwhile: SettledNotice? {
    let accepted = Set(incidents.current.filter { $0.state == .accepted }.map(\.instance))
    return settled.first { $0.verdict == .fail && $0.ruling == nil && accepted.contains($0.instance) }
  }

  private static func commands(after failed: SettledNotice) -> [String] {
    let logs = "martlet logs \(failed.name)    what it printed"
    switch failed.settlement.failureClass {
    case .data, .unstable:
      return [
        logs, "martlet why \(failed.name)    what decides its result: it waits until one of these changes",
        "martlet retry    the same once more",
      ]
    case .config, .code: return [logs, "martlet show    what was tried", "martlet retry    once that is mended"]
    default: return [logs, "martlet show    what was tried", "martlet retry    once more"]
    }
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
        "reverted": Document.text(breach?.reverted?.string), "production": Document.text(breach?.outcome),
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

extension SettledNotice {
  /// Whether it succeeded and judged what it saw `fail`, and nobody let that pass.
  var isJudgedUnfit: Bool { verdict == .fail && ruling != .accepted && settlement.failureClass == nil }

  /// The instance as commands take it: `ingest -p dt=2013-01-31`.
  fileprivate var name: String { instance.task + (instance.partition.map { " -p \($0)" } ?? "") }
}
