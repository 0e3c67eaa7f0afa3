/// The content of `validation_summary.md`.

import MartletModel

struct ValidationSummary {
  let findings: [Finding]
  let profile: DataProfile
  let report: IngestReport?
  let hasBaseline: Bool

  private var verdict: Verdict { Finding.verdict(findings) }

  /// What did not pass, the gravest first.
  var broken: [Finding] { findings.filter { $0.verdict == .fail } + findings.filter { $0.verdict == .warn } }

  /// One line for the result record: the verdict's reason, and which checks else did not pass.
  var message: String {
    guard let first = broken.first else { return "\(NumberText.counted(findings.count, "check")) passed" }
    let others = broken.dropFirst().prefix(3).map(\.check)
    let rest = broken.count - 1 - others.count
    return "\(first.check): expected \(first.expected), observed \(first.observed)"
      + (others.isEmpty ? "" : "; also \(others.joined(separator: ", "))") + (rest > 0 ? " and \(rest) more" : "")
  }

  var markdown: String {
    var parts = [heading, facts, table("Schema", .schema), table("Checks", .quality)]
    parts.append(hasBaseline ? table("Compared with the current release", .baseline) : "")
    parts += [rejects, columns]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var heading: String {
    let counts = [Verdict.fail, .warn, .pass].map { verdict in findings.count { $0.verdict == verdict } }
    return "# Validation: \(verdict.rawValue)\n\n\(counts[0]) failed, \(counts[1]) warned, \(counts[2]) passed."
  }

  private var facts: String {
    var lines = [
      "- \(NumberText.grouped(profile.rows)) row\(profile.rows == 1 ? "" : "s"), \(NumberText.counted(profile.columns.count, "column"))"
    ]
    if let partitions = profile.partitions {
      lines.append(
        "- \(NumberText.counted(partitions.count, "partition")), \(partitions.name) \(partitions.first) to \(partitions.last), \(partitions.minRows) to \(NumberText.counted(partitions.maxRows, "row")) each"
      )
    }
    if let report {
      lines.append(
        "- \(NumberText.counted(report.files.count, "file")), \(NumberText.counted(report.files.reduce(0) { $0 + $1.rejected }, "row")) rejected"
      )
    }
    return lines.joined(separator: "\n")
  }

  /// The gravest first, otherwise in the order of the schema.
  private func table(_ title: String, _ group: Finding.Group) -> String {
    let all = findings.filter { $0.group == group }
    let sorted = [Verdict.fail, .warn, .pass].flatMap { verdict in all.filter { $0.verdict == verdict } }
    guard !sorted.isEmpty else { return "" }
    let rows = sorted.map { "| \(mark($0.verdict)) | \(cell($0.check)) | \(cell($0.expected)) | \(cell($0.observed)) |" }
    return "## \(title)\n\n| | check | expected | observed |\n|---|---|---|---|\n" + rows.joined(separator: "\n")
  }

  private var rejects: String {
    let rows = (report?.files ?? []).flatMap { file in
      file.rejects.map {
        "| \(cell(file.name)) | \($0.column.map { "`\($0)`" } ?? "the row") | \(cell($0.reason)) | \($0.rows) |"
      }
    }
    guard !rows.isEmpty else { return "" }
    let rest = rows.count > 50 ? "\n\nand \(rows.count - 50) more" : ""
    return "## Rejected\n\n| file | column | reason | values |\n|---|---|---|---:|\n" + rows.prefix(50).joined(separator: "\n")
      + rest
  }

  private var columns: String {
    let rows = profile.columns.map { column in
      let share = profile.rows > 0 ? Double(column.nulls) * 100 / Double(profile.rows) : 0
      let percent = "\(NumberText.short((share * 100).rounded() / 100)) %"
      return
        "| `\(column.name)` | \(column.kind.rawValue) | \(percent) | \(NumberText.grouped(column.distinct)) | \(bound(column.min, column)) | \(column.mean.map(NumberText.short) ?? "") | \(bound(column.max, column)) |"
    }
    return "## Columns\n\n| column | type | nulls | distinct | smallest | mean | largest |\n|---|---|---:|---:|---|---:|---|\n"
      + rows.joined(separator: "\n")
  }

  private func bound(_ text: String?, _ column: DataProfile.Column) -> String {
    guard column.kind == .number, let number = text.flatMap(Double.init) else { return cell(text ?? "") }
    return NumberText.short(number)
  }

  private func mark(_ verdict: Verdict) -> String {
    switch verdict {
    case .fail: "✗ fail"
    case .warn: "! warn"
    case .pass: "✓ pass"
    }
  }

  /// A table's cell: no line ends, bars escaped, not endless.
  private func cell(_ text: String) -> String {
    let line = text.replacing("|", with: "\\|").replacing("\n", with: " ")
    return line.count > 300 ? line.prefix(297) + "…" : line
  }
}
