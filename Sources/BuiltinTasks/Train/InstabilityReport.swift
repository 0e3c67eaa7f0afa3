/// What an unstable training leaves in its attempt's folder: a page, the values as JSON, and a plot.

import MartletModel

struct InstabilityReport {
  let instability: Instability
  let plan: TrainingPlan
  /// Absent features, categories and windows: only what the training itself says.
  private var metric: String { plan.learner.metric.rawValue }

  static let page = "unstable.md"

  /// Writes all of it into a folder, which is made. A missing gnuplot costs the plot.
  /// - Returns: the path of the page.
  func write(into folder: String, message: String) throws -> String {
    try TaskFile.makeFolder(folder)
    var plots = PlotWriter(folder: folder)
    if let plot { try plots.draw([.init(name: "unstable", title: "The \(metric) by round", content: .plot(plot))]) }
    try TaskFile.write(JSONText.pretty(json), to: "\(folder)/unstable.json")
    let page = "\(folder)/\(Self.page)"
    try TaskFile.write(text(message, plots), to: page)
    return page
  }

  var json: ConfigurationValue {
    var fields: [String: ConfigurationValue] = [
      "schema": .text("martlet.unstable/1"), "finding": .text(instability.finding.word), "reason": .text(instability.reason),
      "metric": .text(metric), "seed": .integer(plan.seed), "seeds_left": .integer(plan.seedsLeft),
      "curves": .list(
        instability.curves.map { curve in
          .map(["name": .text(curve.name), "values": .list(curve.values.map(Self.number))])
        }),
      "folds": .list(instability.folds.map(Self.number)),
    ]
    if let round = instability.round { fields["round"] = .integer(round) }
    if let limit { fields["limit"] = .number(limit) }
    return .map(fields)
  }

  private var limit: Double? {
    switch instability.finding {
    case .notFinite: nil
    case .floor(let limit), .spread(let limit): limit
    }
  }

  private static func number(_ value: Double) -> ConfigurationValue { value.isFinite ? .number(value) : .text("\(value)") }

  // MARK: The page

  private func text(_ message: String, _ plots: PlotWriter) -> String {
    var facts = [
      ("metric", metric), ("seed", "\(plan.seed), number \(plan.seedIndex + 1) of \(plan.seedIndex + 1 + plan.seedsLeft)"),
    ]
    if let round = instability.round { facts.append(("round", String(round))) }
    if let limit { facts.append(("limit", shortened(limit))) }
    for (index, fold) in instability.folds.enumerated() { facts.append(("fold \(index + 1)", shortened(fold))) }
    let pictures = plots.pictures.map { "![\($0.title)](\($0.name).svg)" } + plots.omissions
    return """
      # Training was unstable

      \(message.prefix(1).uppercased() + message.dropFirst()).

      | what | value |
      |---|---|
      \(facts.map { "| \($0.0) | \($0.1) |" }.joined(separator: "\n"))

      ## By round

      \(pictures.joined(separator: "\n\n"))

      \(table)

      `unstable.json` has every round.

      ## What to look at

      \(instability.finding.advice.map { "- \($0)" }.joined(separator: "\n"))

      """
  }

  /// The rounds at both ends, those around the finding, and some between.
  private var table: String {
    let count = instability.curves.map(\.values.count).max() ?? 0
    let step = max(1, count / 10)
    let shown = (1...max(1, count)).filter { round in
      round <= 3 || round > count - 3 || round % step == 0 || instability.round.map { abs(round - $0) <= 2 } ?? false
    }
    let rows = shown.map { round in
      let values = instability.curves.map { round <= $0.values.count ? shortened($0.values[round - 1]) : "" }
      return "| \(([round == instability.round ? "**\(round)**" : "\(round)"] + values).joined(separator: " | ")) |"
    }
    let names = ["round"] + instability.curves.map(\.name)
    return (["| \(names.joined(separator: " | ")) |", "|\(names.map { _ in "---" }.joined(separator: "|"))|"] + rows)
      .joined(separator: "\n")
  }

  // MARK: The plot

  /// `nil` if there is no point to draw.
  var plot: PlotScript? {
    let finite = instability.curves.map { curve in
      curve.values.enumerated().filter { $0.element.isFinite }.map { "\($0.offset + 1) \($0.element)" }
    }
    guard finite.contains(where: { !$0.isEmpty }) else { return nil }
    let colours = [PlotScript.Colour.main, PlotScript.Colour.accent, PlotScript.Colour.text]
    var body = finite.enumerated().filter { !$0.element.isEmpty }.map { PlotScript.block("curve\($0.offset)", $0.element) }
    body += [
      "set xlabel 'round'", "set ylabel \(PlotScript.quoted(metric.replacing("_", with: " "))) offset 1,0",
      "set key bottom right",
    ]
    if let round = instability.round {
      body.append(
        "set arrow 1 from \(round), graph 0 to \(round), graph 1 nohead dashtype 2 linecolor rgb '\(PlotScript.Colour.accent)'")
      body.append("set label 1 ' round \(round) ' at \(round), graph 0.94 textcolor rgb '\(PlotScript.Colour.accent)'")
    }
    var lines = finite.enumerated().filter { !$0.element.isEmpty }.map { index, _ in
      "$curve\(index) using 1:2 with linespoints pointtype 7 pointsize 0.4 linewidth 2 linecolor rgb '\(colours[index % 3])' "
        + "title \(PlotScript.quoted(instability.curves[index].name))"
    }
    if case .floor(let floor) = instability.finding {
      lines.append("\(floor) with lines dashtype 2 linewidth 1.5 linecolor rgb '\(PlotScript.Colour.quiet)' title 'floor'")
    }
    body.append("plot \(lines.joined(separator: ", "))")
    return PlotScript(width: 640, height: 360, body: body.joined(separator: "\n"))
  }
}
