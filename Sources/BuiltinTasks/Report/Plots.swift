/// The plots of a report, from the JSON that train and evaluate left.

import MartletModel

enum Plots {
  /// How the watched metric went, round by round.
  static func training(_ train: ConfigurationValue) -> PlotScript? {
    let values = train["history"]?.numbers ?? []
    guard values.count > 1, let metric = train["learner"]?["metric"]?.text else { return nil }
    let best = train["best_round"]?.number ?? 0
    return PlotScript(
      width: 640, height: 360,
      body: """
        \(PlotScript.block("history", values.enumerated().map { "\($0.offset + 1) \($0.element)" }))
        set xlabel 'round'
        set ylabel '\(plain(metric)) on validation' offset 1,0
        set key off
        set arrow 1 from \(best), graph 0 to \(best), graph 1 nohead dashtype 2 linecolor rgb '\(PlotScript.Colour.accent)'
        set label 1 ' best: round \(Int(best)) ' at \(best), graph 0.06 \(best > Double(values.count) * 0.7 ? "right" : "left") \
        textcolor rgb '\(PlotScript.Colour.accent)'
        plot $history using 1:2 with lines linewidth 2.5 linecolor rgb '\(PlotScript.Colour.main)'
        """)
  }

  /// The ROC curve with its area.
  static func roc(_ eval: ConfigurationValue) -> PlotScript? {
    let points = eval["roc"]?.list ?? []
    guard points.count > 1, let area = eval["metrics"]?["auc"]?.number else { return nil }
    let rows = points.compactMap { point -> String? in
      let pair = point.numbers
      return pair.count == 2 ? "\(pair[0]) \(pair[1])" : nil
    }
    return PlotScript(
      width: 520, height: 480,
      body: """
        \(PlotScript.block("roc", rows))
        set size square
        set xrange [0:1]
        set yrange [0:1]
        set xlabel 'false positive rate'
        set ylabel 'true positive rate' offset 1,0
        set key bottom right
        set style fill transparent solid 0.08 noborder
        plot $roc using 1:2:(0) with filledcurves linecolor rgb '\(PlotScript.Colour.main)' notitle, \
        x with lines dashtype 2 linewidth 1.5 linecolor rgb '\(PlotScript.Colour.quiet)' title 'chance', \
        $roc using 1:2 with lines linewidth 2.5 linecolor rgb '\(PlotScript.Colour.main)' title 'model, AUC \(shortened(area, digits: 3))'
        """)
  }

  /// Scores against what came true, with the share of rows in each bin.
  static func calibration(_ eval: ConfigurationValue) -> PlotScript? {
    let all = eval["calibration"]?.list ?? []
    let total = all.reduce(0) { $0 + ($1["rows"]?.number ?? 0) }
    // A share of a handful of rows says nothing and would pull the line anywhere.
    let bins = all.filter { ($0["rows"]?.number ?? 0) >= min(30, max(1, total / 100)) }
    guard !bins.isEmpty else { return nil }
    let rows = bins.map { bin in
      let middle = ((bin["from"]?.number ?? 0) + (bin["to"]?.number ?? 0)) / 2
      return
        "\(bin["mean_score"]?.number ?? 0) \(bin["positive_rate"]?.number ?? 0) \((bin["rows"]?.number ?? 0) / total) \(middle)"
    }
    return PlotScript(
      width: 520, height: 480,
      body: """
        \(PlotScript.block("bins", rows))
        set size square
        set xrange [0:1]
        set yrange [0:1]
        set xlabel 'mean score'
        set ylabel 'share that came true' offset 1,0
        set key top left
        set boxwidth 0.092
        set style fill solid 0.35 noborder
        plot $bins using 4:3 with boxes linecolor rgb '\(PlotScript.Colour.quiet)' title 'share of rows', \
        x with lines dashtype 2 linewidth 1.5 linecolor rgb '\(PlotScript.Colour.quiet)' title 'perfect', \
        $bins using 1:2 with linespoints linewidth 2.5 pointtype 7 pointsize 0.9 linecolor rgb '\(PlotScript.Colour.main)' title 'model'
        """)
  }

  /// The features that the model gains most from.
  static func importance(_ train: ConfigurationValue, limit: Int = 20) -> PlotScript? {
    let features = (train["features"]?.list ?? []).compactMap { feature -> (name: String, gain: Double)? in
      guard let name = feature["name"]?.text, let gain = feature["gain"]?.number else { return nil }
      return (name, gain)
    }
    let total = features.reduce(0) { $0 + $1.gain }
    guard total > 0 else { return nil }
    let top = features.enumerated().sorted { ($1.element.gain, $0.offset) < ($0.element.gain, $1.offset) }.prefix(limit)
    return bars(
      top.map { Bar(name: $0.element.name, value: $0.element.gain / total * 100, colour: PlotScript.Colour.main) },
      "set xlabel 'share of the gain of all splits, %'\nset xrange [0:*]")
  }

  /// The population stability index of each feature and of the score, those that drifted by their test in another colour.
  static func drift(_ eval: ConfigurationValue) -> PlotScript? {
    let rows = (eval["drift"]?["features"]?.list ?? []) + (eval["drift"]?["score"].map { [$0] } ?? [])
    let values = rows.compactMap { row -> Bar? in
      guard let name = row["name"]?.text, let value = row["psi"]?.number else { return nil }
      let drifted = row["drifted"] == .boolean(true)
      return Bar(name: name, value: max(value, 0.0002), colour: drifted ? PlotScript.Colour.accent : PlotScript.Colour.main)
    }
    guard !values.isEmpty else { return nil }
    let sorted = values.enumerated().sorted { ($1.element.value, $0.offset) < ($0.element.value, $1.offset) }.map(\.element)
    return bars(
      sorted,
      """
      set logscale x
      set format x '%g'
      set xrange [0.0001:*]
      set xlabel 'population stability index (log scale); orange: drifted by its test'
      set arrow 1 from 0.1, graph 0 to 0.1, graph 1 nohead dashtype 2 linecolor rgb '\(PlotScript.Colour.quiet)' front
      set arrow 2 from 0.25, graph 0 to 0.25, graph 1 nohead dashtype 2 linecolor rgb '\(PlotScript.Colour.accent)' front
      """)
  }

  private struct Bar {
    let name: String
    let value: Double
    let colour: String
  }

  /// Horizontal bars, the first on top.
  private static func bars(_ bars: [Bar], _ axis: String) -> PlotScript {
    let rows = bars.enumerated().map { index, bar in
      "\(index) \(bar.value) \(PlotScript.label(bar.name)) 0x\(bar.colour.dropFirst())"
    }
    let start = axis.contains("logscale") ? "0.0001" : "0"
    return PlotScript(
      width: 640, height: 90 + 24 * bars.count,
      body: """
        \(PlotScript.block("bars", rows))
        set key off
        unset grid
        set grid xtics linecolor rgb '\(PlotScript.Colour.grid)' linetype 1
        set yrange [\(bars.count).0-0.4:-0.6]
        set border 1
        set ytics scale 0
        \(axis)
        set style fill solid 0.85 noborder
        plot $bars using (\(start)):1:(\(start)):2:($1-0.36):($1+0.36):4:ytic(3) with boxxyerror linecolor rgb variable
        """)
  }

  private static func plain(_ text: String) -> String {
    text.reduce(into: "") { $0 += "_^{}@&~'\\".contains($1) ? " " : String($1) }
  }
}

extension ConfigurationValue {
  /// A number, integers included; nil for anything else.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  var text: String? { if case .text(let value) = self { value } else { nil } }
  var list: [ConfigurationValue] { if case .list(let values) = self { values } else { [] } }
  var numbers: [Double] { list.compactMap(\.number) }
}
