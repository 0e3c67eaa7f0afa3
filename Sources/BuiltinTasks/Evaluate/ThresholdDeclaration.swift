/// When an evaluation warns or fails: `thresholds` of `config/train.yaml`.

import MartletModel
import MartletSyntax

/// A metric that a limit can be set for.
enum JudgedMetric: String, CaseIterable {
  case auc, accuracy, precision, recall, f1, r2
  case logLoss = "log_loss"
  case brier
  case calibrationError = "calibration_error"
  case rmse, mae

  var largerIsBetter: Bool {
    switch self {
    case .auc, .accuracy, .precision, .recall, .f1, .r2: true
    case .logLoss, .brier, .calibrationError, .rmse, .mae: false
    }
  }
}

struct ThresholdDeclaration {
  struct Limit {
    let metric: JudgedMetric
    let warn: Double?
    let fail: Double?
  }

  struct ChampionRule {
    let metric: JudgedMetric
    let tolerance: Double
    let verdict: Verdict
  }

  enum OnBreach: String, CaseIterable { case stop, revert }

  /// By the metric's name.
  private(set) var limits: [Limit] = []
  private(set) var cut = 0.5
  private(set) var champion: ChampionRule?
  private(set) var slices: [String] = []
  private(set) var sliceRows = 100
  private(set) var onBreach = OnBreach.stop

  init(_ file: TrainFile) throws {
    let diagnostics = file.diagnostics
    guard
      let map = try file.section("thresholds")?
        .map(keys: ["limits", "cut", "champion", "slices", "slice_rows", "on_breach"], diagnostics)
    else { return }
    readLimits(map["limits"], diagnostics)
    if let value = map["cut"]?.number(in: 0...1, diagnostics) { cut = value }
    if let value = map["champion"] { champion = Self.champion(value, diagnostics) }
    if let value = map["slices"]?.texts(diagnostics) { slices = value }
    if let value = map["slice_rows"]?.integer(in: 1...Int(Int32.max), diagnostics) { sliceRows = value }
    if let value: OnBreach = map["on_breach"]?.choice(diagnostics) { onBreach = value }
  }

  private mutating func readLimits(_ value: LocatedValue?, _ diagnostics: DiagnosticCollector) {
    guard let map = value?.map(keys: JudgedMetric.allCases.map(\.rawValue), diagnostics) else { return }
    for entry in map.entries {
      guard let metric = JudgedMetric(rawValue: entry.key), let limit = entry.value.map(keys: ["warn", "fail"], diagnostics)
      else { continue }
      let warn = limit["warn"]?.number(diagnostics)
      let fail = limit["fail"]?.number(diagnostics)
      if let warn, let fail, metric.largerIsBetter ? warn < fail : warn > fail {
        diagnostics.report(
          .invalidValue, "\"\(entry.key)\" fails before it warns", at: entry.value,
          help: metric.largerIsBetter ? "put fail below warn" : "put fail above warn")
      }
      limits.append(Limit(metric: metric, warn: warn, fail: fail))
    }
    limits.sort { $0.metric.rawValue < $1.metric.rawValue }
  }

  private static func champion(_ value: LocatedValue, _ diagnostics: DiagnosticCollector) -> ChampionRule? {
    guard let map = value.map(keys: ["metric", "tolerance", "verdict"], diagnostics) else { return nil }
    let metric: JudgedMetric? = map.required("metric", diagnostics)?.choice(diagnostics)
    let tolerance = map["tolerance"].flatMap { $0.number(in: 0...Double.greatestFiniteMagnitude, diagnostics) } ?? 0
    var verdict = Severity.fail
    if let located = map["verdict"], let value: Severity = located.choice(diagnostics) { verdict = value }
    guard let metric, let level = verdict.verdict else { return nil }
    return ChampionRule(metric: metric, tolerance: tolerance, verdict: level)
  }
}

/// What a rule does when it is broken.
enum Severity: String, CaseIterable {
  case none, warn, fail

  var verdict: Verdict? {
    switch self {
    case .none: nil
    case .warn: .warn
    case .fail: .fail
    }
  }
}
