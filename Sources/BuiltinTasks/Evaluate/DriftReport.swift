/// `drift_report.md`: what has changed between the days trained on and the days judged by, for a person.

import MartletModel

struct DriftReport {
  let table: DriftTable
  let windows: TimeWindows
  let declaration: DriftDeclaration

  var markdown: String {
    let verdict =
      table.datasetDrifted(from: declaration.share)
      ? "**The data have drifted**" : "The data as a whole have not drifted"
    var lines = [
      "# Drift", "",
      """
      \(verdict): \(table.drifted) of \(table.counted) features differ between the training and the test window \
      (\(percent(table.share)); the limit is \(percent(declaration.share))). \
      \(table.score.drifted ? "The score has drifted, too." : "The score has not drifted.")
      """, "",
      "| window | first day | last day | rows |", "|---|---|---|---:|", line("training", windows.training),
      line("test", windows.test), "",
      "| feature | test | value | limit | drifted | PSI | null, training | null, test |",
      "|---|---|---:|---:|---|---:|---:|---:|",
    ]
    // The most changed first: by how far the value is past its limit.
    let rows = table.features.enumerated().sorted { left, right in
      (left.element.drifted ? 0 : 1, -(left.element.result?.populationStabilityIndex ?? 0), left.offset)
        < (right.element.drifted ? 0 : 1, -(right.element.result?.populationStabilityIndex ?? 0), right.offset)
    }
    lines += rows.map { line($0.element) }
    lines += [
      line(table.score), "",
      "Tests and limits are those that Evidently chooses by default. PSI below 0.1 is commonly read as stable, up to 0.25 as moderate.",
      "A p-value drifts at its limit or below, a distance at its limit or above. Nulls are left out of the tests and shown beside them.",
      "",
    ]
    if !declaration.ignore.isEmpty {
      lines += ["Not counted: \(declaration.ignore.map { "`\($0)`" }.joined(separator: ", ")).", ""]
    }
    return lines.joined(separator: "\n")
  }

  private func line(_ name: String, _ window: TimeWindow) -> String {
    let last = CalendarDay(ordinal: window.days.upperBound - 1)
    return "| \(name) | \(CalendarDay(ordinal: window.days.lowerBound)) | \(last) | \(window.rowCount) |"
  }

  private func line(_ row: DriftTable.Row) -> String {
    let name = MarkdownText.cell(row.name) + (row.name == "score" ? " (the model's)" : row.counts ? "" : " (not counted)")
    guard let result = row.result else {
      return "| \(name) | no values in a window | | | \(row.drifted ? "**yes**" : "no") | | \(nulls(row)) |"
    }
    let cells = [
      name, result.test.title, shortened(result.value), shortened(result.test.limit, digits: 2),
      row.drifted ? "**yes**" : "no", shortened(result.populationStabilityIndex), nulls(row),
    ]
    return "| \(cells.joined(separator: " | ")) |"
  }

  private func nulls(_ row: DriftTable.Row) -> String { "\(percent(row.nulls.reference)) | \(percent(row.nulls.current))" }
}

/// A share for a person: `12.3 %`.
func percent(_ share: Double) -> String { "\(shortened(share * 100, digits: 1)) %" }

/// Text that means itself in Markdown.
enum MarkdownText {
  /// Text for a table's cell.
  static func cell(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "|", "\\", "`", "*", "_", "[", "]", "<", ">": result += "\\\(character)"
      case _ where character.isNewline: result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
