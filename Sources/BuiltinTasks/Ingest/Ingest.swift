/// `ingest@1`: files of dated partitions to Parquet, nothing judged and nothing dropped silently.

import DuckDB
import MartletFiles
import MartletModel

/// Reads each item's tables, joins them and writes the part and its rejects. One process does a whole batch with one DuckDB.
enum Ingest: BuiltinTask {
  static let configuration = "schema"

  static func check(_ item: TaskSpecification.Item, _ libraries: NativeLibrarySearch) throws { _ = try join(item) }

  /// The tables that the schema declares, and how they are joined.
  static func join(_ item: TaskSpecification.Item) throws -> JoinDeclaration {
    let schema = try SchemaFile(item)
    let join = try schema.join(try schema.tables())
    try schema.finish()
    guard let join else { throw TaskFailure(.config, "\(schema.path) names no table") }
    return join
  }

  static func run(_ context: TaskContext) throws {
    if context.specification.mode == .gather { return try IngestGather.run(context) }
    let items = context.specification.items
    var worker: IngestWorker?
    for (index, item) in items.enumerated() {
      let path = try item.input("schema")
      if worker?.schemaPath != path {
        worker = try IngestWorker(context, item)
        try worker!.preload(items.filter { try $0.input("schema") == path })
      }
      do {
        try context.succeeded(item, try worker!.ingest(item))
      } catch {
        let failure = TaskFailure(error)
        // A mistake in the schema, or memory that runs out, is no matter of one partition.
        guard failure.failureClass == .data || failure.failureClass == .io || failure.path != nil else { throw failure }
        try context.failed(item, failure)
      }
      context.progress.report(done: index + 1, total: items.count, unit: "partitions", message: item.partition?.value)
    }
  }
}
