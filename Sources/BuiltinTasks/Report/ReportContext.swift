/// What a report's template can use: names and their values, numbers already written for people.

import MartletModel

struct ReportContext {
  let train: ConfigurationValue?
  let eval: ConfigurationValue?
  let profile: ConfigurationValue?
  let summary: String?
  let drift: String?
  let notes: String?
  let graph: TaskSpecification.Graph?
  let upstream: [TaskSpecification.Upstream]
  let plots: PlotWriter
  /// The images' folder as the report's links name it.
  let images: String

  var values: [String: Any] {
    var values: [String: Any] = [
      "tasks": upstream.map(task), "problems": problems, "complete": problems.isEmpty,
      "omissions": plots.omissions, "pictures": pictures,
    ]
    values["overall"] = eval?["verdict"]?.text
    if let graph { values["mermaid"] = trimmed(graph.mermaid) }
    if let notes, !trimmed(notes).isEmpty { values["notes"] = trimmed(notes) }
    if let summary { values["validation"] = MarkdownText.demoted(trimmed(summary)) }
    if let drift { values["drift"] = MarkdownText.demoted(trimmed(drift)) }
    if let profile { values["data"] = data(profile) }
    if let train { values["train"] = training(train) }
    if let eval { values["eval"] = evaluation(eval) }
    return values
  }

  /// By name: `images/roc.svg`.
  private var pictures: [String: String] {
    Dictionary(uniqueKeysWithValues: plots.pictures.map { ($0.name, "![\($0.title)](\(images)/\($0.name).svg)") })
  }

  private var problems: [[String: Any]] {
    upstream.filter { $0.outcome != "succeeded" || $0.verdict == "fail" }.map(task)
  }

  private func task(_ upstream: TaskSpecification.Upstream) -> [String: Any] {
    var entry: [String: Any] = ["name": upstream.task, "outcome": upstream.outcome]
    entry["verdict"] = upstream.verdict
    entry["message"] = upstream.message.map { MarkdownText.cell($0) }
    return entry
  }

  private func data(_ profile: ConfigurationValue) -> [String: Any] {
    var entry: [String: Any] = [:]
    entry["rows"] = profile["rows"]?.number.map { NumberText.grouped(Int($0)) }
    entry["columns"] = String(profile["columns"]?.list.count ?? 0)
    if let partitions = profile["partitions"], partitions != .null {
      entry["partitions"] = ["count", "first", "last"].reduce(into: [String: Any]()) { $0[$1] = partitions[$1]?.display }
    }
    return entry
  }

  private func training(_ train: ConfigurationValue) -> [String: Any] {
    let metric = train["learner"]?["metric"]?.text ?? ""
    var entry: [String: Any] = [
      "metric": metric, "objective": train["learner"]?["objective"]?.text ?? "", "seed": train["seed"]?.display ?? "",
      "best_round": train["best_round"]?.display ?? "",
      "parameters": (train["parameters"]?.leaves() ?? []).map { ["name": $0.path, "value": $0.value.display] },
      "windows": ["training", "validation"].compactMap { name in train["windows"]?[name].map { window(name, $0) } },
      "folds": (train["folds"]?["folds"]?.list ?? []).map { fold in
        [
          "days": days(fold), "rows": fold["rows_judged"]?.number.map { NumberText.grouped(Int($0)) } ?? "",
          "value": fold[metric]?.number.map { shortened($0) } ?? "",
        ]
      },
    ]
    entry["value"] = train["validation"]?[metric]?.number.map { shortened($0) }
    entry["spread"] = train["folds"]?["spread"]?.number.map { shortened($0) }
    return entry
  }

  private func evaluation(_ eval: ConfigurationValue) -> [String: Any] {
    var entry: [String: Any] = [
      "verdict": eval["verdict"]?.text ?? "", "days": eval["test"].map(days) ?? "",
      "rows": eval["metrics"]?["rows"]?.number.map { NumberText.grouped(Int($0)) } ?? "",
      "metrics": metrics(eval), "findings": (eval["findings"]?.list ?? []).compactMap { $0["message"]?.text },
      "slices": slices(eval),
    ]
    if let champion = eval["champion"], champion != .null {
      entry["champion"] = [
        "version": champion["model_version"]?.text ?? "", "comparable": champion["comparable"] == .boolean(true),
        "reason": champion["reason"]?.text ?? "",
      ]
    }
    return entry
  }

  private static let metricNames = [
    ("auc", "AUC"), ("log_loss", "log loss"), ("brier", "Brier score"), ("accuracy", "accuracy"), ("precision", "precision"),
    ("recall", "recall"), ("f1", "F1"), ("calibration_error", "calibration error"), ("rmse", "root mean squared error"),
    ("mae", "mean absolute error"), ("r2", "R²"), ("mean_score", "mean score"), ("mean_label", "mean outcome"),
  ]

  private func metrics(_ eval: ConfigurationValue) -> [[String: Any]] {
    Self.metricNames.compactMap { key, title in
      guard let value = eval["metrics"]?[key]?.number else { return nil }
      let champion = eval["champion"]?["metrics"]?[key]?.number.map { shortened($0) }
      return ["name": title, "value": shortened(value), "champion": champion ?? ""]
    }
  }

  private func slices(_ eval: ConfigurationValue) -> [[String: Any]] {
    guard case .map(let slices)? = eval["slices"] else { return [] }
    let binary = eval["objective"]?.text == "binary"
    let keys = binary ? ["auc", "log_loss"] : ["rmse", "mae"]
    return slices.sorted { $0.key < $1.key }.filter { !$0.value.list.isEmpty }.map { name, values in
      [
        "column": MarkdownText.cell(name), "first": binary ? "AUC" : "RMSE", "second": binary ? "log loss" : "MAE",
        "rows": values.list.map { slice in
          [
            "value": MarkdownText.cell(slice["value"]?.text ?? ""),
            "rows": slice["metrics"]?["rows"]?.number.map { NumberText.grouped(Int($0)) } ?? "",
            "label": slice["metrics"]?["mean_label"]?.number.map { shortened($0, digits: 3) } ?? "",
            "first": slice["metrics"]?[keys[0]]?.number.map { shortened($0, digits: 3) } ?? "–",
            "second": slice["metrics"]?[keys[1]]?.number.map { shortened($0, digits: 3) } ?? "–",
          ] as [String: Any]
        },
      ]
    }
  }

  private func window(_ name: String, _ window: ConfigurationValue) -> [String: Any] {
    [
      "name": name, "days": days(window), "rows": window["rows"]?.number.map { NumberText.grouped(Int($0)) } ?? "",
      "label": window["mean_label"]?.number.map { shortened($0, digits: 3) } ?? "",
    ]
  }

  /// `from` and the day before `until`.
  private func days(_ window: ConfigurationValue) -> String {
    guard let from = window["from"]?.text, let until = window["until"]?.text.flatMap({ CalendarDay($0) }) else { return "" }
    return "\(from) to \(until.advanced(by: -1))"
  }

  private func trimmed(_ text: String) -> String {
    guard let first = text.firstIndex(where: { !$0.isNewline }), let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
  }
}

extension MarkdownText {
  /// A document as a part of another: its headings two levels down, its title left out. Fenced blocks stay as they are.
  static func demoted(_ document: String) -> String {
    var fenced = false
    var lines: [String] = []
    for (index, line) in document.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```") { fenced.toggle() }
      if index == 0, line.hasPrefix("# ") { continue }
      lines.append(!fenced && line.hasPrefix("#") ? "##\(line)" : String(line))
    }
    return lines.joined(separator: "\n").drop { $0.isNewline }.description
  }
}
