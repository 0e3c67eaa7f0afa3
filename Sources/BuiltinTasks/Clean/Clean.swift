/// `clean@1`: rows that break a rule to the quarantine, features of the others.

import DuckDB
import MartletFiles
import MartletModel

/// Labels every row once with the first rule that it breaks, then writes the two outputs from that.
enum Clean: BuiltinTask {
  static let configuration = "schema"

  static func check(_ item: TaskSpecification.Item, _ libraries: NativeLibrarySearch) throws { _ = try declared(item) }

  private static func declared(_ item: TaskSpecification.Item) throws -> (SchemaFile, RowRules, FeatureDeclaration) {
    let schema = try SchemaFile(item)
    let rules = try schema.rowRules()
    let features = try schema.features()
    try schema.finish()
    guard let features else { throw TaskFailure(.config, "\(schema.path) declares no features") }
    return (schema, rules, features)
  }

  static func run(_ context: TaskContext) throws {
    let item = context.item
    let (schema, rules, features) = try declared(item)
    let connection = try context.openDuckDB()
    let data = try item.input("data")
    let report = try ParquetMetadata.value(of: IngestReport.key, in: data, connection).map {
      try IngestReport(json: $0, path: data)
    }

    let names = try Cleaner.columns(of: data, connection)
    let cleaner = Cleaner(
      connection: connection, schemaPath: schema.path, data: data, partition: report?.partition, rules: rules,
      features: features.quoting(names))

    let label = try cleaner.examine()
    context.progress.report(done: 1, total: 4, unit: "steps", message: "applying rules")
    let counts = try cleaner.codes()
    // The quarantine is written before the verdict on it, so that what was set aside can be looked at when there was too much.
    let quarantine = try item.output("quarantine")
    try cleaner.writeQuarantine(names, to: quarantine)
    context.progress.report(done: 2, total: 4, unit: "steps", message: "writing the quarantine")
    let budget = BadRowBudget(
      rules: rules, total: counts.rows + (report?.rejectedRows ?? 0), rejected: report?.rejectedRows ?? 0, byCode: counts.byCode)
    try budget.check(quarantine: quarantine)
    try cleaner.writeFeatures(label, to: try item.output("features"))
    context.progress.report(done: 4, total: 4, unit: "steps", message: "writing features")

    let kept = counts.rows - counts.byCode.values.reduce(0, +)
    var figures: [String: Figure] = [
      "rows": .integer(kept), "bad": .integer(budget.bad), "no_label": .integer(counts.byCode["no_label"] ?? 0),
    ]
    figures["rejected"] = .integer(budget.rejected)
    try context.succeeded(item, ItemResult(message: budget.summary(kept: kept), figures: figures))
  }
}

/// How many bad rows there may be. A row without an outcome is not bad, it is only of no use.
struct BadRowBudget {
  let rules: RowRules
  /// All rows that were read or rejected.
  let total: Int
  /// Rows that ingest could not read.
  let rejected: Int
  /// Rows that clean set aside, by code.
  let byCode: [String: Int]

  /// Rows set aside by rules, and rejected rows.
  var bad: Int { rejected + byCode.reduce(0) { $0 + ($1.key == "no_label" ? 0 : $1.value) } }

  /// - Parameter quarantine: where what was set aside can be looked at.
  /// - Throws: `TaskFailure` of class `data`, naming the counts, if there are more bad rows than the rules allow.
  func check(quarantine: String) throws {
    let percent = total > 0 ? Double(bad) * 100 / Double(total) : 0
    var limit: String?
    if percent > rules.maximumBadPercent { limit = "max_bad_percent allows \(rules.maximumBadPercent)" }
    if let rows = rules.maximumBadRows, bad > rows { limit = "max_bad_rows allows \(rows)" }
    guard let limit else { return }
    let shown = (percent * 1000).rounded() / 1000
    throw TaskFailure(
      .data, "\(bad) of \(total) rows are bad (\(shown) percent), and \(limit): \(list); see \(quarantine)",
      figures: ["bad": .integer(bad), "rejected": .integer(rejected), "total": .integer(total)])
  }

  /// One line for a person.
  func summary(kept: Int) -> String {
    let set = byCode.filter { $0.key == "no_label" }.map { ", \($0.value) without a label" }.first ?? ""
    return "\(NumberText.counted(kept, "row")) kept, \(bad) bad\(bad > 0 ? " (\(list))" : "")\(set)"
  }

  private var list: String {
    let codes = byCode.filter { $0.key != "no_label" && $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return ((rejected > 0 ? ["\(rejected) rejected by ingest"] : []) + codes).joined(separator: ", ")
  }
}
