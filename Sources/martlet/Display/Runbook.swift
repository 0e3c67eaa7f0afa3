/// The runbook: what each task needs, how it fails, what follows by itself and what a person does, and what is open now. Markdown.

import MartletModel
import MartletPlan
import MartletRun

struct Runbook {
  let pipeline: Pipeline
  /// The tasks to write about, in the file's order.
  let tasks: [PipelineTask]
  /// What would run, and why.
  let plan: Plan
  /// What the newest runs made of each instance.
  let settlements: [InstanceRecord]
  /// Those that are open, or that a person rejected.
  let incidents: [Incident]
  let gates: [GateView]
  /// What is in production.
  let release: ArtifactPath?
  /// What a rollback would go back to, unless that breaks its limits too.
  let releaseBefore: ArtifactPath?

  /// Equal states give equal bytes: it names no time but those that records hold.
  var markdown: String {
    var lines = ["# Runbook: \(pipeline.name)", ""]
    if let description = pipeline.description { lines += [description, ""] }
    lines += ["Written by `martlet runbook` from `martlet.yaml` and the state of the workspace.", ""]
    lines += ["## Now", ""] + now
    lines += ["## At any time", ""] + always + [""]
    for task in tasks { lines += section(task) }
    return lines.joined(separator: "\n").trimmingEnd + "\n"
  }

  // MARK: Now

  private var now: [String] {
    let names = Set(tasks.map(\.name))
    let standing = Set(plan.entries.filter { $0.action == .reuse }.map(\.instance))
    let failed = settlements.filter {
      $0.settlement.failureClass != nil && names.contains($0.instance.task) && !standing.contains($0.instance)
    }
    let steps =
      incidents.filter { names.contains($0.instance.task) }.gathered { $0.likeness }.flatMap(steps)
      + failed.gathered { FailureLikeness(task: $0.instance.task, failureClass: $0.settlement.failureClass!) }.flatMap(steps)
      + gates.filter { names.contains($0.gate) && $0.state == .waiting && !$0.hasExpired }.flatMap(steps)
    return steps.isEmpty ? ["Nothing is open. `martlet plan` says what a run would do.", ""] : steps
  }

  private func steps(_ alike: [Incident]) -> [String] {
    guard alike.count > 1 else { return steps(alike[0]) }
    let first = alike[0]
    let lines = [
      "### \(alike.count) incidents: \(alike.map(\.instance).rangeName), \(first.cause.rawValue), \(first.state.rawValue)", "",
      "The first says: \(first.message.oneLine)", "", "```sh", "martlet incident list -v     # each with its id",
    ]
    guard first.isVerdict else {
      return lines + [
        "```", "", "Mend the cause: \(FailureGuide.of(first.cause, in: pipeline.task(first.instance.task)).personDoes).", "",
      ]
    }
    return lines + rulings(on: "ID")
  }

  private func steps(_ incident: Incident) -> [String] {
    var lines = ["### Incident \(incident.id): \(incident.instance), \(incident.cause.rawValue), \(incident.state.rawValue)", ""]
    lines += [incident.message.oneLine, "", "```sh", "martlet incident show \(incident.id)"]
    guard incident.isVerdict else {
      return lines + [
        "```", "", "Mend the cause: \(FailureGuide.of(incident.cause, in: pipeline.task(incident.instance.task)).personDoes).",
        "",
      ]
    }
    return lines + rulings(on: incident.id, isRejected: incident.state == .rejected)
  }

  /// What a person can do about a failing verdict.
  private func rulings(on id: String, isRejected: Bool = false) -> [String] {
    var lines =
      isRejected
      ? ["martlet incident accept \(id) --overrule -m \"why\"     # lets exactly this result through after all"]
      : [
        "martlet incident accept \(id) -m \"why\"     # lets exactly this result through",
        "martlet incident reject \(id) -m \"why\"     # runs are rejected while it stands",
      ]
    // Going back answers a bad verdict, not a disk that is full.
    if let releaseBefore {
      lines.append("martlet rollback -m \"why\"     # \(releaseBefore.releaseName) goes back into production")
    }
    let mending = "Or change what the verdict rests on (data, features, parameters, limits): `martlet run` judges anew."
    return lines + ["```", "", mending, ""]
  }

  /// Of what failed alike; the first stands for all.
  private func steps(_ alike: [InstanceRecord]) -> [String] {
    let record = alike[0]
    let failureClass = record.settlement.failureClass!
    let partition = record.instance.partition.map { " -p \($0)" } ?? ""
    return [
      "### \(alike.map(\.instance).rangeName) failed: \(failureClass.rawValue)", "",
      (record.message ?? "It left no message.").oneLine, "",
      "1. What it printed: `martlet logs \(record.instance.task)\(partition)`; what was tried: `martlet show \(record.run)`.",
      "2. Mend: \(FailureGuide.of(failureClass, in: pipeline.task(record.instance.task)).personDoes).",
      "3. Once more, the same: `martlet retry`; after a mend: `martlet run`.", "",
    ]
  }

  private func steps(_ gate: GateView) -> [String] {
    [
      "### Gate \(gate.gate) waits for a person", "", "Look at: \(gate.showPaths.map { "`\($0)`" }.joined(separator: ", "))", "",
      "```sh",
      "martlet gates", "martlet approve \(gate.gate) -m \"why\"", "martlet reject \(gate.gate) -m \"why\"", "```", "",
    ]
  }

  private var always: [String] {
    let was = "What was there when: `martlet releases --at DATE`."
    let releases =
      releaseBefore != nil
      ? ["- Bad model in production: `martlet rollback -m \"why\"`. \(was)"]
      : release.map { ["- In production is \($0.releaseName), and no release to go back to. \(was)"] } ?? []
    return Runbook.beforeReleases + releases + Runbook.afterReleases
  }

  private static let beforeReleases = [
    "- What is going on: `martlet status`, `martlet runs`, `martlet show`. Stop it: `martlet cancel`.",
    "- After a crash: `martlet run`. Nothing has to be unlocked or cleaned up.",
    "- To have a task run again: `martlet run TASK --force`, or delete its file below `checkpoints/`.",
  ]

  private static let afterReleases = [
    "- Disk full: `martlet gc --dry-run`, then `martlet gc`; `--intermediates` frees more."
  ]

  // MARK: Tasks

  private func section(_ task: PipelineTask) -> [String] {
    var lines = ["## \(task.name)", ""]
    if let description = task.description { lines += [description, ""] }
    lines += [
      "| | |", "|---|---|", "| does | \(task.kindText)\(task.each.map { ", for each `\($0)`" } ?? "") |",
      "| stands | \(state(task)) |",
    ]
    let needs = task.inputs.map(need) + task.after.map { "`\($0)` done" } + libraries(of: task)
    if !needs.isEmpty { lines.append("| needs | \(needs.joined(separator: "<br>")) |") }
    let writes = (task.outputs + task.gathered).map { "`\($0.path.source)`" }
    if !writes.isEmpty { lines.append("| writes | \(writes.joined(separator: "<br>")) |") }
    if let gate = task.gate {
      lines.append("| shows | \((gate.show + [gate.subject].compactMap { $0 }).map { "`\($0)`" }.joined(separator: "<br>")) |")
      lines.append("| who decides | \(GateApprovers(gate, requester: nil).words) |")
    }
    lines.append("")
    let classes = FailureGuide.classes(of: task, rules: pipeline.failureRules)
    if !classes.isEmpty {
      lines += ["| fails as | when | by itself | a person |", "|---|---|---|---|"]
      for failureClass in classes {
        let guide = FailureGuide.of(failureClass, in: task)
        lines.append(
          "| `\(failureClass.rawValue)` | \(guide.comesWhen) | \(FailureGuide.retries(of: failureClass, in: task)) | \(guide.personDoes) |"
        )
      }
      lines.append("")
    }
    return lines + ["```sh"] + commands(task) + ["```", ""]
  }

  private func commands(_ task: PipelineTask) -> [String] {
    guard task.gate == nil else {
      return ["martlet gates", "martlet approve \(task.name) -m \"why\"", "martlet reject \(task.name) -m \"why\""]
    }
    let partition = task.each.map { " -p \($0)=DAY" } ?? ""
    return [
      "martlet why \(task.name)     # what would make it run, what decides its result",
      "martlet run \(task.name)\(partition)     # it, and whatever is stale upstream of it",
      "martlet logs \(task.name)\(partition)",
      "martlet verify \(task.name)\(partition)     # does it write the same bytes again?",
    ]
  }

  private func state(_ task: PipelineTask) -> String {
    let entries = plan.entries.filter { $0.instance.task == task.name && $0.action != .missing }
    guard let open = entries.first(where: { $0.action != .reuse }) else {
      return entries.isEmpty ? "nothing to do" : "up to date"
    }
    let count = entries.count { $0.action != .reuse }
    let more = count > 1 ? ", and \(count - 1) more" : ""
    let reasons = open.reasons.map(\.text).joined(separator: "; ").oneLine.replacing("|", with: "\\|")
    return "\(open.action.rawValue): \(reasons)\(more)"
  }

  private func need(_ input: Input) -> String {
    let optional = input.isOptional ? ", if it is there" : ""
    let keys = input.keys.map { " (\($0.joined(separator: ", ")))" } ?? ""
    switch input.origin {
    case .source(let path): return "`\(path.source)`\(keys)\(optional)"
    case .output(let reference): return "`\(reference)`\(optional)"
    case .release(let file): return "the release in production\(file.map { ", `\($0)`" } ?? "")\(optional)"
    }
  }

  private func libraries(of task: PipelineTask) -> [String] {
    let libraries = task.builtin.flatMap(BuiltinCatalog.description(of:))?.libraries ?? []
    return libraries.isEmpty ? [] : ["\(libraries.map(\.rawValue).joined(separator: ", ")) (`martlet doctor`)"]
  }
}

private struct FailureLikeness: Hashable {
  let task: String
  let failureClass: FailureClass
}

extension String {
  fileprivate var trimmingEnd: String {
    var text = self[...]
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }
}
