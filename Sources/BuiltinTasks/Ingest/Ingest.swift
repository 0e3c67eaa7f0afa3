/// `ingest@1`: files of dated partitions to Parquet, nothing judged and nothing dropped silently.

import DuckDB
import MartletModel

/// Reads each item's tables, joins them and writes the part and its rejects. One process does a whole batch with one DuckDB.
enum Ingest: BuiltinTask {
  static func run(_ context: TaskContext) throws {
    if context.specification.mode == .gather { return try IngestGather.run(context) }
    let items = context.specification.items
    var worker: IngestWorker?
    for (index, item) in items.enumerated() {
      let path = try item.input("schema")
      if worker?.schemaPath != path { worker = try IngestWorker(context, item) }
      do {
        try context.succeeded(item, try worker!.ingest(item))
      } catch {
        let failure = TaskFailure(error)
        // A mistake in the schema, or memory that runs out, is no matter of one partition.
        guard failure.failureClass == .data || failure.failureClass == .io else { throw failure }
        try context.failed(item, failure)
      }
      context.progress.report(done: index + 1, total: items.count, unit: "partitions", message: item.partition?.value)
    }
  }
}

/// What is kept from one partition to the next: the schema, the connection, tables that did not change.
final class IngestWorker {
  let schemaPath: String
  private let connection: Connection
  private let join: JoinDeclaration
  private let query: JoinQuery
  private let rejects: RejectCollector
  /// What is loaded for each table: a reference table is read once for a whole batch.
  private var loaded: [String: (paths: [String], files: [TableLoader.Loaded])] = [:]
  private var emptyRejects: [UInt8]?

  init(_ context: TaskContext, _ item: TaskSpecification.Item) throws {
    schemaPath = try item.input("schema")
    let schema = try SchemaFile(item)
    let join = try schema.join(try schema.tables())
    try schema.finish()
    guard let join else { throw TaskFailure(.config, "\(schemaPath) names no table") }
    self.join = join
    query = JoinQuery(join: join)
    connection = try context.openDuckDB()
    rejects = RejectCollector(connection: connection)
  }

  /// Reads, joins and writes one item.
  func ingest(_ item: TaskSpecification.Item) throws -> ItemResult {
    try rejects.reset()
    var report = IngestReport(from: join.from.name)
    report.partition = item.partition?.name
    for table in [join.from] + join.lefts.map(\.table) where !report.files.contains(where: { $0.table == table.name }) {
      for file in try load(table, item) {
        var entry = file.file
        entry.header = report.header(file.header)
        report.files.append(entry)
      }
    }
    for index in join.lefts.indices {
      let rows = try connection.value(query.duplicates(index)).int
      if rows > 0 {
        report.duplicates.append(.init(table: join.lefts[index].table.name, partition: item.partition?.value, rows: rows))
      }
    }
    let main = report.files.filter { $0.table == join.from.name }
    report.parts = [.init(partition: item.partition?.value, rows: main.reduce(0) { $0 + $1.rows - $1.rejected })]
    try writePart(report, to: try item.outputs["part"] ?? item.output("all"))
    try writeRejects(report, to: try item.output("rejects"))
    return ItemResult(figures: ["rows": .integer(report.rows), "rejected": .integer(report.rejectedRows)])
  }

  private func load(_ table: TableDeclaration, _ item: TaskSpecification.Item) throws -> [TableLoader.Loaded] {
    guard let input = item.inputs[table.name], !input.paths.isEmpty else {
      throw TaskFailure(.config, "the table `\(table.name)` of \(schemaPath) needs an input of that name")
    }
    // A table with rejects is read again, so that they are listed for each partition.
    if let known = loaded[table.name], known.paths == input.paths, known.files.allSatisfy({ $0.file.rejected == 0 }) {
      return known.files
    }
    loaded[table.name] = nil
    let files = try TableLoader(connection: connection, table: table, rejects: rejects).load(input.paths)
    loaded[table.name] = (input.paths, files)
    return files
  }

  private func writePart(_ report: IngestReport, to path: String) throws {
    try connection.execute(
      "COPY (\(query.select)) TO \(SQL.literal(path)) \(ParquetOptions.text([(IngestReport.key, try report.json)]))")
  }

  /// Nearly every partition has no rejects: that file is made once and copied.
  private func writeRejects(_ report: IngestReport, to path: String) throws {
    if report.files.contains(where: { $0.rejected > 0 }) { return try rejects.write(to: path) }
    if let emptyRejects { return try TaskFile.write(emptyRejects, to: path) }
    try rejects.write(to: path)
    emptyRejects = try TaskFile.read(path)
  }
}
