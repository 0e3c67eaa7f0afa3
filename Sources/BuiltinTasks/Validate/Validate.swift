/// `validate@1`: profiles the data and judges them by `config/schema.yaml` and by the current release's profile.

import DuckDB
import MartletFiles
import MartletModel

/// Succeeds whatever the verdict: the verdict decides whether others may go on.
enum Validate: BuiltinTask {
  static let configuration = "schema"

  static func check(_ item: TaskSpecification.Item, _ libraries: NativeLibrarySearch) throws { _ = try declared(item) }

  static func run(_ context: TaskContext) throws {
    let item = context.item
    let (schema, tables, quality, limits) = try declared(item)
    let data = try item.input("data")
    let connection = try context.openDuckDB()
    let report = try ParquetMetadata.value(of: IngestReport.key, in: data, connection).map {
      try IngestReport(json: $0, path: data)
    }
    let profile = try Profiler(connection: connection, path: data).profile(report, context.progress)

    var findings: [Finding] = []
    if let report { findings += SchemaChecks(tables: tables, report: report, profile: profile).findings }
    findings += profile.finiteFindings
    findings += try minimumRows(context, profile)
    findings += try QualityChecks(connection: connection, path: data, schemaPath: schema.path, profile: profile, checks: quality)
      .findings()
    let baseline = try baseline(item)
    if let baseline { findings += BaselineChecks(baseline: baseline, profile: profile, limits: limits).findings }

    let summary = ValidationSummary(findings: findings, profile: profile, report: report, hasBaseline: baseline != nil)
    try TaskFile.write(try profile.json, to: try item.output("profile"))
    try TaskFile.write(summary.markdown, to: try item.output("summary"))
    try context.succeeded(
      item,
      ItemResult(
        verdict: Finding.verdict(findings), message: summary.message,
        figures: [
          "rows": .integer(profile.rows), "checks": .integer(findings.count),
          "failed": .integer(findings.count { $0.verdict == .fail }),
          "warnings": .integer(findings.count { $0.verdict == .warn }),
        ], findings: summary.broken.map(\.json)))
  }

  private static func declared(
    _ item: TaskSpecification.Item
  ) throws -> (schema: SchemaFile, tables: [TableDeclaration], quality: [CheckDeclaration], limits: BaselineLimits) {
    let schema = try SchemaFile(item)
    let tables = try schema.tables()
    let (quality, limits) = try schema.checks()
    try schema.finish()
    return (schema, tables, quality, limits)
  }

  private static func minimumRows(_ context: TaskContext, _ profile: DataProfile) throws -> [Finding] {
    guard let parameter = context.specification.parameters["min_rows"] else { return [] }
    guard let minimum = Int(parameter.display) else {
      throw TaskFailure(.config, "the parameter `min_rows` must be an integer, not \(parameter.display)")
    }
    return [
      Finding(
        .quality, "rowCount (min_rows)", expected: "at least \(minimum)", observed: String(profile.rows),
        profile.rows >= minimum ? .pass : .fail)
    ]
  }

  /// The baseline is a profile, or a release's folder that holds one.
  private static func baseline(_ item: TaskSpecification.Item) throws -> DataProfile? {
    guard let path = item.optionalInput("baseline") else { return nil }
    return try DataProfile.read(path.hasSuffix(".json") ? path : path + (path.hasSuffix("/") ? "" : "/") + "data_profile.json")
  }
}
