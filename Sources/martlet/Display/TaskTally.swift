/// What a run has made of one task so far: its instances counted, its figures added up.

import MartletModel
import MartletPlan
import MartletRun

struct TaskTally {
  let task: String
  /// How many instances of the task the run looks at.
  private(set) var total: Int
  private(set) var counts: [String: Int] = [:]
  private(set) var figures: [String: ConfigurationValue] = [:]
  private(set) var verdict: Verdict?
  private(set) var reasons: [Reason] = []
  private(set) var messages: [String] = []
  private(set) var asides: [String] = []
  /// Seconds since 1970 at which its first attempt started; `nil` while none did.
  var startedAt: Double?

  init(task: String, total: Int) {
    self.task = task
    self.total = total
  }

  /// An instance that stood is made again.
  /// - Parameter wasSettled: whether it was counted as reused; otherwise the run had not looked at it.
  mutating func reopen(wasSettled: Bool) {
    guard wasSettled, let reused = counts["reused"] else {
      total += 1
      return
    }
    counts["reused"] = reused > 1 ? reused - 1 : nil
  }

  func count(_ word: String) -> Int { counts[word] ?? 0 }

  var settled: Int { counts.values.reduce(0, +) }
  var isComplete: Bool { settled == total }

  /// How grave a state is; the gravest is the task's.
  private static let gravity = ["failed", "rejected", "cancelled", "blocked", "waiting", "succeeded", "reused", "missing"]

  var word: String { TaskTally.gravity.first { counts[$0] != nil } ?? "running" }

  /// Above so many instances progress is told in tenths.
  private static let manyInstances = 100

  /// Instances that are neither up to date nor without a source: what there is to do.
  private var work: Int { total - count("reused") - count("missing") }
  private var done: Int { settled - count("reused") - count("missing") }

  /// Whether the instance that settled last completed a tenth of many.
  var hasReachedTenth: Bool {
    work > TaskTally.manyInstances && done * 10 / work > (done - 1) * 10 / work
  }

  /// `219 of 730 done, 2 failed`
  var progressText: String {
    let failed = count("failed")
    return "\(NumberText.grouped(done)) of \(NumberText.grouped(work)) done" + (failed > 0 ? ", \(failed) failed" : "")
  }

  /// What is said of a task of which nothing ran.
  var restText: String { (word == "reused" ? "reused" : "no partition has a source") + missingNote }

  /// How many instances have no source, where others have one.
  var missingNote: String {
    guard let missing = counts["missing"], word != "missing" else { return "" }
    return "  (\(missing) without a source)"
  }

  mutating func add(_ notice: SettledNotice) {
    counts[notice.settlement.word, default: 0] += 1
    if let verdict = notice.verdict { self.verdict = verdict }
    if notice.settlement != .reused, reasons.isEmpty { reasons = notice.reasons }
    if notice.settlement != .reused, let message = notice.message, !messages.contains(message) { messages.append(message) }
    asides += notice.asides
    // What a gather says of the whole replaces what its partitions said of their parts.
    if notice.instance.slice == .gather, !notice.figures.isEmpty { figures = [:] }
    for (name, value) in notice.figures { figures[name] = TaskTally.sum(figures[name], value) }
  }

  private static func sum(_ old: ConfigurationValue?, _ new: ConfigurationValue) -> ConfigurationValue {
    if case .integer(let left)? = old, case .integer(let right) = new { return .integer(left + right) }
    return new
  }

  /// `3 of 365 instances ran, 336,776 rows`: how many ran where not all did, then the figures by name.
  var figuresText: String {
    var parts: [String] = []
    if count("succeeded") > 0, count("reused") > 0 {
      parts.append("\(NumberText.grouped(count("succeeded"))) of \(NumberText.grouped(total)) instances ran")
    }
    for name in figures.keys.sorted() {
      switch figures[name]! {
      // `84,000 rows`, but `seed 2013`.
      case .integer(1) where TaskTally.isPlainPlural(name): parts.append("1 \(name.dropLast().replacing("_", with: " "))")
      case .integer(let value) where name.hasSuffix("s") && value != 1:
        parts.append("\(NumberText.grouped(value)) \(name.replacing("_", with: " "))")
      case .integer(let value): parts.append("\(name.replacing("_", with: " ")) \(value)")
      case .number(let value): parts.append("\(name.replacing("_", with: " ")) \(TaskTally.rounded(value))")
      case let value: parts.append("\(name.replacing("_", with: " ")) \(value.display)")
      }
    }
    return parts.joined(separator: ", ")
  }

  /// Whether the name of one is this without its last letter: not so of `classes`, `entries`, `status` and `bias`.
  private static func isPlainPlural(_ name: String) -> Bool {
    name.hasSuffix("s") && !["ss", "us", "is", "as", "ies", "ses", "xes", "ches", "shes"].contains(where: name.hasSuffix)
  }

  private static func rounded(_ value: Double) -> String {
    let scaled = (value * 10_000).rounded() / 10_000
    return "\(scaled)"
  }
}
