/// Reads the good files of a whole batch in one statement for each table: taking a statement apart costs more than reading a small file.

import DuckDB
import MartletModel

/// Files with rejects, with another header than the first, compressed or of another format are left to `TableLoader`, one by one.
final class BatchLoader {
  /// A file whose rows are all in the batch's table.
  struct File {
    let loaded: TableLoader.Loaded
    let duplicates: Int
  }

  private let connection: Connection
  private let join: JoinDeclaration
  private var files: [String: [String: File]] = [:]

  init(_ connection: Connection, _ join: JoinDeclaration) {
    self.connection = connection
    self.join = join
  }

  /// The variable that says which file of a table an item reads.
  static func variable(_ table: TableDeclaration) -> String { SQL.identifier("martlet file \(table.name)") }

  /// The rows of the file that the variable names.
  static func source(_ table: TableDeclaration, duplicates: Int) -> TableSource {
    let variable = SQL.literal("martlet file \(table.name)")
    return TableSource(relation: name(table), condition: "martlet_file = getvariable(\(variable))", duplicates: duplicates)
  }

  private static func name(_ table: TableDeclaration) -> String { SQL.identifier("martlet batch \(table.name)") }

  /// A file of the batch; `nil` for one that has to be read on its own.
  func file(_ path: String, of table: TableDeclaration) -> File? { files[table.name]?[path] }

  /// Loads what several items read.
  func load(_ items: [TaskSpecification.Item]) throws {
    for table in [join.from] + join.lefts.map(\.table) where files[table.name] == nil {
      let inputs = items.compactMap { $0.inputs[table.name]?.paths }.filter { $0.count == 1 }.map { $0[0] }
      // A table that all items share is read once anyway.
      guard Set(inputs).count == inputs.count, inputs.count > 1 else { continue }
      do {
        files[table.name] = try load(table, inputs)
      } catch let error as DuckDBError where !error.isOutOfMemory {
        // Something is wrong with one of the files: read on their own, only that one fails.
        files[table.name] = [:]
      }
    }
  }

  private func load(_ table: TableDeclaration, _ paths: [String]) throws -> [String: File] {
    let sources = try paths.compactMap { path -> SourceFile? in
      do {
        let source = try SourceFile(path, table, connection)
        return (source.format == .csv || source.format == .tsv) && !source.isCompressed ? source : nil
      } catch is TaskFailure {
        // The item that reads this file will say what is wrong with it.
        return nil
      }
    }
    let alike = sources.filter { $0.columns == sources[0].columns && $0.format == sources[0].format }
    guard alike.count > 1 else { return [:] }
    let rejects = RejectCollector(connection: connection)
    try rejects.clearStructural()
    let reader = FileReader(source: alike[0], table: table, batch: alike.map(\.path))
    try connection.execute("CREATE OR REPLACE TEMP TABLE \(Self.name(table)) AS " + reader.select(exactly: false))
    let spoilt = try rejects.filesWithStructural()
    try rejects.clearStructural()
    return try goodFiles(table, alike, spoilt)
  }

  private func goodFiles(_ table: TableDeclaration, _ sources: [SourceFile], _ spoilt: Set<String>) throws -> [String: File] {
    let rows = try connection.rows(
      """
      SELECT martlet_file, count(*), count(*) FILTER (martlet_bad), \(join.duplicates(table.name) ?? "0")
      FROM \(Self.name(table)) GROUP BY martlet_file
      """)
    let counts = Dictionary(rows.map { ($0[0].string ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    var files: [String: File] = [:]
    for source in sources where !spoilt.contains(source.path) {
      let count = counts[source.path] ?? [.null, .integer(0), .integer(0), .integer(0)]
      guard count[2].int == 0 else { continue }
      let entry = FileReader(source: source, table: table).entry(rows: count[1].int, rejected: 0, rejects: [])
      files[source.path] = File(loaded: .init(file: entry, header: source.columns), duplicates: count[3].int)
    }
    return files
  }
}
