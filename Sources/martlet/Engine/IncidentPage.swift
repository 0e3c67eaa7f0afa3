/// The text of a new incident's ticket, below the block that Martlet keeps up to date.

import MartletModel
import MartletRun

struct IncidentPage {
  /// How much of the log's end a ticket holds.
  static let logBytes = 4096
  static let mostPictures = 12
  static let mostFindings = 50

  let incident: Incident
  let earlier: EarlierRuling?
  /// Whose it is; `nil` where the pipeline has it no more.
  let task: PipelineTask?
  /// Of a verdict.
  let checkpoint: Checkpoint?
  let findings: [ReportedFinding]
  /// The run's attempts of the task instance, in order.
  let attempts: [AttemptRecord]
  let log: String?
  /// Below `incidents/`.
  let pictures: [String]

  var text: String {
    ([
      ["# \(incident.instance): \(incident.message)", summary], before, production, numbers, outputs, tries, logTail, plots,
      [steps],
      [notes],
    ]
    .flatMap { $0 }.joined(separator: "\n\n")) + "\n"
  }

  private var summary: String {
    incident.isVerdict
      ? """
      \(incident.instance) looked at its inputs and said `fail`. What depends on it is blocked until a person decides, or until its inputs \
      or settings change.
      """
      : """
      \(incident.instance) failed and has used up its retries (class `\(incident.cause.rawValue)`). What depends on it is blocked; the \
      rest goes on. There is nothing to accept: this closes by itself when the task succeeds or its inputs or settings change.
      """
  }

  private var before: [String] { earlier.map { ["## Decided before", "\($0.sentence)."] } ?? [] }

  private var production: [String] {
    guard let production = incident.production else { return [] }
    return [
      "## In production",
      "\(production.prefix(1).uppercased() + production.dropFirst()). `martlet releases` lists all there are; a better model goes through its gate.",
    ]
  }

  private var numbers: [String] {
    var rows = findings.prefix(IncidentPage.mostFindings).map {
      "| \(brief($0.metric)) | \(brief(number($0.value))) | \(brief(number($0.limit))) | \(brief($0.message)) |"
    }
    if !rows.isEmpty { rows = ["| what | value | limit | says |", "|---|---|---|---|"] + rows }
    let rest = findings.count - IncidentPage.mostFindings
    let figures = (checkpoint?.figures ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \(cell(number($0.value)))" }
    // One that stays open through other changes keeps those it was opened with.
    return (rows.isEmpty ? [] : ["## Numbers and limits", "As run \(incident.run) found them.", rows.joined(separator: "\n")])
      + (rest > 0 ? ["And \(rest) more: see what it wrote."] : [])
      + (figures.isEmpty ? [] : ["Figures: \(figures.joined(separator: ", "))"])
  }

  private var outputs: [String] {
    guard let checkpoint, !checkpoint.outputs.isEmpty else { return [] }
    let rows = checkpoint.outputs.map { "- [\($0.path)](../\($0.path)), sha256 `\($0.digest.hex)`" }
    return ["## What it wrote", rows.joined(separator: "\n")]
  }

  private var tries: [String] {
    guard !incident.isVerdict, !attempts.isEmpty else { return [] }
    let rows = attempts.map { attempt in
      let words = [attempt.end?.failureClass?.rawValue, attempt.end?.rule, attempt.end?.message].map { cell($0 ?? "") }
      let took = attempt.seconds.map(TimeText.duration) ?? ""
      return "| \(attempt.number) | \(attempt.end?.outcome.rawValue ?? "") | \(words.joined(separator: " | ")) | \(took) |"
    }
    let title = "| attempt | outcome | class | rule | said | took |\n|---|---|---|---|---|---|\n"
    return ["## What was tried", title + rows.joined(separator: "\n")]
  }

  private var logTail: [String] {
    guard let attempt = incident.attempt else { return [] }
    let lines = (log ?? "").split(separator: "\n").suffix(40).map { String($0).oneLine }
    let text = lines.joined(separator: "\n")
    // A fence that the text itself cannot close.
    let fence = String(repeating: "~", count: max(3, longestRun(of: "~", in: text) + 1))
    return [
      "## The log's last lines", "Attempt \(attempt), `\(AttemptPlan.folder(of: attempt))/log`:",
      text.isEmpty ? "It printed nothing." : "\(fence)\n\(text)\n\(fence)",
    ]
  }

  private var plots: [String] {
    guard !pictures.isEmpty else { return [] }
    let links = pictures.map { path in
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return "![\(name)](\(path))"
    }
    return ["## Plots", "Copies, as they were when this was written.", links.joined(separator: "\n")]
  }

  private var steps: String {
    "## Next steps\n\n" + IncidentSteps(incident, of: task).lines.map { "- \($0)" }.joined(separator: "\n")
  }

  private var notes: String {
    "## Notes\n\nYours: Martlet changes nothing but the block between the two lines of dashes at the top."
  }

  private func number(_ value: ConfigurationValue?) -> String {
    switch value {
    case nil, .null?: "none"
    case .number(let number)?: "\((number * 1e6).rounded() / 1e6)"
    case let value?: value.display
    }
  }

  private func cell(_ text: String) -> String { text.oneLine.replacing("|", with: "\\|") }

  /// A cell that is not endless, whatever a task says.
  private func brief(_ text: String) -> String { cell(text.count > 300 ? text.prefix(300) + "…" : text) }

  private func longestRun(of character: Character, in text: String) -> Int {
    var longest = 0
    var run = 0
    for next in text {
      run = next == character ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}

/// What a person can do about an incident, with the exact commands.
struct IncidentSteps {
  let lines: [String]

  init(_ incident: Incident, of owner: PipelineTask?) {
    let task = incident.instance.task
    let partition = incident.instance.partition.map { " -p \($0)" } ?? ""
    let looks = [
      "`martlet show \(incident.run)` tells what was tried, `martlet logs \(task)\(partition)` what was printed, "
        + "`martlet why \(task)` what decides the result."
    ]
    lines =
      looks
      + (incident.isVerdict ? Self.verdict(incident) : Self.failure(incident.cause, isOwn: owner?.says(incident.cause) == true))
  }

  private static func verdict(_ incident: Incident) -> [String] {
    let mend =
      incident.cause == .schema
      ? "Mend the data or the declared columns and checks, then `martlet run`: this closes by itself."
      : "Change the data, the features, the parameters or the limits, then `martlet run`: this closes by itself."
    return [
      mend, "Let exactly this result through: `martlet incident accept \(incident.id) -m \"why\"`, then `martlet run`.",
      "Refuse it: `martlet incident reject \(incident.id) -m \"why\"`. Runs then end as rejected (exit status 4) until something changes.",
    ]
  }

  /// - Parameter isOwn: whether it is a built-in task that fails so in a way of its own.
  private static func failure(_ cause: FailureClass, isOwn: Bool) -> [String] {
    let again = "`martlet run` tries again with a fresh budget."
    switch cause {
    case .io: return ["Look at the disk, the network and the permissions (`martlet doctor`).", again]
    case .data:
      return [
        isOwn
          ? "The rejected rows lie in the attempt's folder. Mend the data or the rules that set rows aside; `martlet run` then goes on by itself."
          : "Read the log, mend the data; `martlet run` then goes on by itself.",
        "To try the same inputs again: `martlet retry`.",
      ]
    case .unstable:
      return [
        isOwn
          ? "Every seed diverged. Lower `learning_rate` or loosen `stability` in the training's configuration; `martlet run` then goes on by itself."
          : "Read the log, change its settings or its inputs; `martlet run` then goes on by itself.",
        "To try the same inputs again: `martlet retry`.",
      ]
    case .resource:
      return ["Give it more memory (`resources:` of the task and of the pipeline) or less data.", again]
    case .timeout: return ["Raise `timeout:` of the task, or find out what it waits for.", again]
    case .schema: return ["Mend the data or the declared columns, then `martlet run`."]
    default: return ["Something outside ended its process: look at the machine's log around that time.", again]
    }
  }
}
