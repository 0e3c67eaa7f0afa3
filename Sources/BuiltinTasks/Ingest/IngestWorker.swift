/// What is kept from one partition to the next: the schema, the connection, tables that are loaded.

import DuckDB
import MartletModel

final class IngestWorker {
  /// What is loaded of one table for one item.
  private struct Loaded {
    let paths: [String]
    let files: [TableLoader.Loaded]
    let source: TableSource
  }

  let schemaPath: String
  private let connection: Connection
  private let join: JoinDeclaration
  private let rejects: RejectCollector
  private let batch: BatchLoader
  /// The newest of each table: a reference table is read once for a whole batch.
  private var loaded: [String: Loaded] = [:]
  private var hasRejectTable = false
  private var emptyRejects: [UInt8]?
  private var joined: BatchJoin?

  init(_ context: TaskContext, _ item: TaskSpecification.Item) throws {
    schemaPath = try item.input("schema")
    join = try Ingest.join(item)
    connection = try context.openDuckDB()
    // How nulls are encoded in Parquet would otherwise depend on whether other files of the batch have any.
    try connection.execute("SET disabled_optimizers = 'statistics_propagation'")
    rejects = RejectCollector(connection: connection)
    batch = BatchLoader(connection, join)
  }

  private var tables: [TableDeclaration] { [join.from] + join.lefts.map(\.table) }

  /// Reads and joins what can be read and joined of several items at once.
  func preload(_ items: [TaskSpecification.Item]) throws {
    try batch.load(items)
    let batched = tables.filter { table in items.contains { batchFile($0, table) != nil } }
    guard batched.contains(where: { $0.name == join.from.name }) else { return }
    let ready = items.filter { item in batched.allSatisfy { batchFile(item, $0) != nil } }
    guard ready.count > 1 else { return }
    let numbers = ready.map { batchFile($0, join.from)!.item }
    var sources: [String: TableSource] = [:]
    for table in tables where sources[table.name] == nil {
      if batched.contains(where: { $0.name == table.name }) {
        let duplicates = ready.reduce(0) { $0 + batchFile($1, table)!.duplicates }
        sources[table.name] = batch.source(table, items: numbers, duplicates: duplicates)
      } else if let shared = try shared(table, ready) {
        sources[table.name] = shared
      } else {
        return
      }
    }
    joined = try BatchJoin(join, sources: sources, connection: connection)
  }

  private func batchFile(_ item: TaskSpecification.Item, _ table: TableDeclaration) -> BatchLoader.File? {
    guard let paths = item.inputs[table.name]?.paths, paths.count == 1 else { return nil }
    return batch.file(paths[0], of: table)
  }

  /// A table that all items read from the same files; `nil` for one of which each item has to tell rejects or a failure.
  private func shared(_ table: TableDeclaration, _ items: [TaskSpecification.Item]) throws -> TableSource? {
    let paths = items[0].inputs[table.name]?.paths
    guard items.allSatisfy({ $0.inputs[table.name]?.paths == paths }) else { return nil }
    do {
      let loaded = try load(table, items[0])
      return loaded.files.allSatisfy { $0.file.rejected == 0 } ? loaded.source : nil
    } catch is TaskFailure {
      return nil
    }
  }

  /// Reads, joins and writes one item.
  func ingest(_ item: TaskSpecification.Item) throws -> ItemResult {
    hasRejectTable = false
    var report = IngestReport(from: join.from.name)
    report.partition = item.partition?.name
    var sources: [String: TableSource] = [:]
    for table in tables where sources[table.name] == nil {
      let loaded = try load(table, item)
      sources[table.name] = loaded.source
      for file in loaded.files {
        var entry = file.file
        entry.header = report.header(file.header)
        report.files.append(entry)
      }
      if loaded.source.duplicates > 0 {
        report.duplicates.append(.init(table: table.name, partition: item.partition?.value, rows: loaded.source.duplicates))
      }
    }
    let main = report.files.filter { $0.table == join.from.name }
    report.parts = [.init(partition: item.partition?.value, rows: main.reduce(0) { $0 + $1.rows - $1.rejected })]
    let rows = batchFile(item, join.from).flatMap { joined?.select($0.item) } ?? JoinQuery(join: join, sources: sources).select
    try connection.execute(
      "COPY (\(rows)) TO \(SQL.literal(try item.outputs["part"] ?? item.output("all"))) "
        + ParquetOptions.text([(IngestReport.key, try report.json)]))
    try writeRejects(report, to: try item.output("rejects"))
    return ItemResult(figures: ["rows": .integer(report.rows), "rejected": .integer(report.rejectedRows)])
  }

  private func load(_ table: TableDeclaration, _ item: TaskSpecification.Item) throws -> Loaded {
    guard let input = item.inputs[table.name], !input.paths.isEmpty else {
      throw TaskFailure(.config, "the table `\(table.name)` of \(schemaPath) needs an input of that name")
    }
    if let file = batchFile(item, table) {
      return Loaded(
        paths: input.paths, files: [file.loaded], source: batch.source(table, items: [file.item], duplicates: file.duplicates))
    }
    // A table with rejects is read again, so that they are listed for each partition.
    if let known = loaded[table.name], known.paths == input.paths, known.files.allSatisfy({ $0.file.rejected == 0 }) {
      return known
    }
    loaded[table.name] = nil
    if !hasRejectTable { try rejects.reset() }
    hasRejectTable = true
    let files = try TableLoader(connection: connection, table: table, rejects: rejects).load(input.paths)
    let name = TableLoader.name(table)
    let duplicates = try join.duplicates(table.name).map {
      try connection.value("SELECT \($0) FROM \(name) WHERE NOT martlet_bad").int
    }
    let result = Loaded(
      paths: input.paths, files: files,
      source: TableSource(relation: name, condition: "NOT martlet_bad", duplicates: duplicates ?? 0))
    loaded[table.name] = result
    return result
  }

  /// Nearly every partition has no rejects: that file is made once and copied.
  private func writeRejects(_ report: IngestReport, to path: String) throws {
    if report.files.contains(where: { $0.rejected > 0 }) { return try rejects.write(to: path) }
    if let emptyRejects { return try TaskFile.write(emptyRejects, to: path) }
    if !hasRejectTable { try rejects.reset() }
    try rejects.write(to: path)
    emptyRejects = try TaskFile.read(path)
  }
}
