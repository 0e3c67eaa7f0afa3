/// Do the files have the declared columns, with readable values? Judged from what ingest noted.

import MartletModel

struct SchemaChecks {
  let tables: [TableDeclaration]
  let report: IngestReport
  let profile: DataProfile

  var findings: [Finding] {
    var findings: [Finding] = []
    for table in tables {
      findings += missing(table) + added(table) + changed(table)
    }
    findings += duplicates + rejected
    if let from = tables.first(where: { $0.name == report.from }) { findings += required(from) }
    return findings
  }

  private func files(_ table: TableDeclaration) -> [IngestReport.File] { report.files.filter { $0.table == table.name } }

  private func missing(_ table: TableDeclaration) -> [Finding] {
    let files = files(table)
    return table.fields.compactMap { field in
      let lacking = files.filter { $0.missing.contains(field.name) }
      guard !lacking.isEmpty else { return nil }
      return Finding(
        .schema, "column `\(field.name)` of `\(table.name)`", expected: field.kind.phrase,
        observed: "missing in \(names(lacking))", table.onMissing.verdict)
    }
  }

  private func added(_ table: TableDeclaration) -> [Finding] {
    guard table.onAdded != .ignore else { return [] }
    let files = files(table)
    let names = Set(files.flatMap(\.added)).sorted()
    return names.map { name in
      Finding(
        .schema, "column `\(name)` of `\(table.name)`", expected: "not declared",
        observed: "added in \(self.names(files.filter { $0.added.contains(name) }))", table.onAdded.verdict)
    }
  }

  /// A column's type has changed where most of a file's values cannot be read.
  private func changed(_ table: TableDeclaration) -> [Finding] {
    files(table).flatMap { file in
      file.rejects.compactMap { reject in
        guard let column = reject.column, reject.rows * 2 > file.rows else { return nil }
        let field = table.fields.first { $0.name == column }
        return Finding(
          .schema, "type of `\(column)` of `\(table.name)`", expected: field?.kind.phrase ?? "as declared",
          observed: "\(reject.rows) of \(NumberText.counted(file.rows, "value")) unreadable in \(file.name)", .fail)
      }
    }
  }

  private var duplicates: [Finding] {
    Set(report.duplicates.map(\.table)).sorted().map { table in
      let rows = report.duplicates.filter { $0.table == table }.reduce(0) { $0 + $1.rows }
      return Finding(
        .schema, "keys of `\(table)`", expected: "one row for each key",
        observed: "\(NumberText.counted(rows, "row")) with a key of an earlier row",
        .warn)
    }
  }

  private var rejected: [Finding] {
    let files = report.files.filter { $0.rejected > 0 }
    let rows = files.reduce(0) { $0 + $1.rejected }
    return [
      Finding(
        .schema, "unreadable rows", expected: "0", observed: rows == 0 ? "0" : "\(rows) in \(names(files))",
        rows == 0 ? .pass : .warn)
    ]
  }

  private func required(_ table: TableDeclaration) -> [Finding] {
    table.fields.filter(\.required).compactMap { field in
      guard let column = profile.column(field.name), column.nulls > 0 else { return nil }
      return Finding(
        .schema, "`\(field.name)` is required", expected: "no nulls", observed: NumberText.counted(column.nulls, "null"), .fail)
    }
  }

  /// Three names and the number of the others.
  private func names(_ files: [IngestReport.File]) -> String {
    let shown = files.prefix(3).map(\.name).joined(separator: ", ")
    return files.count > 3 ? "\(shown) and \(NumberText.counted(files.count - 3, "more file"))" : shown
  }
}

extension DataProfile {
  /// A warning for each column with values that are NaN or infinite. Ingest lets none through; other tasks may.
  var finiteFindings: [Finding] {
    columns.compactMap { column in
      column.nonFinite.map {
        Finding(.schema, "finite values of `\(column.name)`", expected: "all", observed: "\($0) are NaN or infinite", .warn)
      }
    }
  }
}
