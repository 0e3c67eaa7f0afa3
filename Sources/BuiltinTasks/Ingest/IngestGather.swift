/// The gather of ingest: all parts, in the partitions' order, in one file.

import DuckDB
import MartletModel

enum IngestGather {
  /// Concatenates the parts under the partition's column, and merges what ingest noted of each.
  static func run(_ context: TaskContext) throws {
    let item = context.item
    guard let input = item.inputs["part"] ?? item.inputs.values.first(where: { $0.partitions != nil }),
      let partitions = input.partitions,
      partitions.count == input.paths.count, !input.paths.isEmpty
    else { throw TaskFailure(.config, "a gather of ingest needs its parts as the input `part`") }
    guard let output = item.outputs.sorted(by: { $0.key < $1.key }).first?.value else {
      throw TaskFailure(.config, "a gather of ingest needs an output")
    }
    let connection = try context.openDuckDB()
    let report = try merged(input.paths, connection)
    let column = report.partition ?? "partition"
    try connection.execute("CREATE TEMP TABLE martlet_parts (file_name VARCHAR, value VARCHAR)")
    for start in stride(from: 0, to: input.paths.count, by: 1000) {
      let range = start..<min(start + 1000, input.paths.count)
      let values = range.map { "(\(SQL.literal(input.paths[$0])), \(SQL.literal(partitions[$0])))" }.joined(separator: ", ")
      try connection.execute("INSERT INTO martlet_parts VALUES \(values)")
    }
    let names = try connection.rows(
      "SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(\(SQL.literal(input.paths[0])), hive_partitioning = false))"
    )
    .compactMap { $0[0].string }
    guard !names.contains(column) else {
      throw TaskFailure(
        .config, "the data have a column `\(column)`, which is the partition's name: name one of them differently")
    }
    let columns = names.map { "part.\(SQL.identifier($0))" }.joined(separator: ", ")
    // The values of a map, one lookup a row, keep the files' order, which a join need not.
    try connection.execute("SET VARIABLE martlet_partition = (SELECT map(list(file_name), list(value)) FROM martlet_parts)")
    try connection.execute(
      """
      COPY (SELECT getvariable('martlet_partition')[part.filename] AS \(SQL.identifier(column)), \(columns)
        FROM read_parquet(\(SQL.list(input.paths)), filename = true, hive_partitioning = false) AS part)
      TO \(SQL.literal(output)) \(ParquetOptions.text([(IngestReport.key, try report.json)]))
      """)
    try context.succeeded(
      item,
      ItemResult(figures: [
        "rows": .integer(report.rows), "partitions": .integer(partitions.count), "rejected": .integer(report.rejectedRows),
      ]))
  }

  private static func merged(_ paths: [String], _ connection: Connection) throws -> IngestReport {
    let records = try ParquetMetadata.values(of: IngestReport.key, in: paths, connection)
    var report = try IngestReport(json: records[0], path: paths[0])
    for (record, path) in zip(records, paths).dropFirst() { report.merge(try IngestReport(json: record, path: path)) }
    return report
  }
}
