/// Reads the good files of a whole batch in one statement for each table: taking a statement apart costs more than reading a small file.

import DuckDB
import MartletModel

/// Files with rejects, with another header than the first, compressed or of another format are left to `TableLoader`, one by one.
final class BatchLoader {
  /// A file whose rows are all in the batch's table.
  struct File {
    let loaded: TableLoader.Loaded
    let duplicates: Int
    /// The item that reads it, as the column `martlet_item` of the table numbers it.
    let item: Int
  }

  /// The variable that maps a table's files to their items.
  static let items = "martlet_items"

  private let connection: Connection
  private let join: JoinDeclaration
  private var files: [String: [String: File]] = [:]

  init(_ connection: Connection, _ join: JoinDeclaration) {
    self.connection = connection
    self.join = join
  }

  /// The rows of those files of a table that belong to the items.
  func source(_ table: TableDeclaration, items: [Int], duplicates: Int) -> TableSource {
    let condition = "martlet_item IN (\(items.map(String.init).joined(separator: ", ")))"
    return TableSource(relation: Self.name(table), condition: condition, duplicates: duplicates, hasItems: items.count > 1)
  }

  private static func name(_ table: TableDeclaration) -> String { SQL.identifier("martlet batch \(table.name)") }

  /// A file of the batch; `nil` for one that has to be read on its own.
  func file(_ path: String, of table: TableDeclaration) -> File? { files[table.name]?[path] }

  /// Loads what several items read. Items are numbered as they come.
  func load(_ items: [TaskSpecification.Item]) throws {
    for table in [join.from] + join.lefts.map(\.table) where files[table.name] == nil {
      let inputs = items.enumerated().compactMap { number, item -> (path: String, item: Int)? in
        guard let paths = item.inputs[table.name]?.paths, paths.count == 1 else { return nil }
        return (paths[0], number)
      }
      let numbers = Dictionary(inputs, uniquingKeysWith: { first, _ in first })
      // A table that all items share is read once anyway.
      guard numbers.count == inputs.count, inputs.count > 1 else { continue }
      do {
        files[table.name] = try load(table, inputs.map(\.path), numbers)
      } catch let error as DuckDBError where !error.isOutOfMemory {
        // Something is wrong with one of the files: read on their own, only that one fails.
        files[table.name] = [:]
      }
    }
  }

  private func load(_ table: TableDeclaration, _ paths: [String], _ numbers: [String: Int]) throws -> [String: File] {
    let sources = try paths.compactMap { path -> SourceFile? in
      do {
        let source = try SourceFile(path, table, connection)
        let isPlain = !source.isCompressed && !source.isCopy && !source.isUneven
        return (source.format == .csv || source.format == .tsv) && isPlain ? source : nil
      } catch is TaskFailure {
        // The item that reads this file will say what is wrong with it.
        return nil
      }
    }
    let alike = sources.filter {
      $0.columns == sources[0].columns && $0.format == sources[0].format && $0.skippedLines == sources[0].skippedLines
    }
    do {
      return try read(table, alike, numbers)
    } catch let error as DuckDBError where error.mayLieInTheFile {
      // DuckDB reads no file whose lines end differently: without those the others can be read together.
      let scanner = RecordScanner(table, sources[0].format)
      let even = try alike.filter { try !MappedFile.read($0.path, scanner.isUneven) }
      guard even.count < alike.count else { throw error }
      return try read(table, even, numbers)
    }
  }

  private func read(_ table: TableDeclaration, _ alike: [SourceFile], _ numbers: [String: Int]) throws -> [String: File] {
    guard alike.count > 1 else { return [:] }
    let rejects = RejectCollector(connection: connection)
    try rejects.clearStructural()
    let reader = FileReader(source: alike[0], table: table, batch: alike.map(\.path))
    let values = SQL.list(alike.map(\.path)) + ", [" + alike.map { String(numbers[$0.path]!) }.joined(separator: ", ") + "]"
    try connection.execute("SET VARIABLE \(Self.items) = map(\(values))")
    try connection.execute("CREATE OR REPLACE TEMP TABLE \(Self.name(table)) AS " + reader.select(exactly: false))
    let spoilt = try rejects.filesWithStructural()
    try rejects.clearStructural()
    return try goodFiles(table, alike.filter { !spoilt.contains($0.path) }, numbers)
  }

  private func goodFiles(_ table: TableDeclaration, _ sources: [SourceFile], _ numbers: [String: Int]) throws -> [String: File] {
    let rows = try connection.rows(
      """
      SELECT martlet_item, count(*), count(*) FILTER (martlet_bad), \(join.duplicates(table.name) ?? "0")
      FROM \(Self.name(table)) GROUP BY martlet_item
      """)
    let counts = Dictionary(rows.map { ($0[0].int, $0) }, uniquingKeysWith: { first, _ in first })
    var files: [String: File] = [:]
    for source in sources {
      let item = numbers[source.path]!
      let count = counts[item] ?? [.null, .integer(0), .integer(0), .integer(0)]
      guard count[2].int == 0 else { continue }
      let entry = FileReader(source: source, table: table).entry(rows: count[1].int, rejected: 0, rejects: [])
      files[source.path] = File(loaded: .init(file: entry, header: source.columns), duplicates: count[3].int, item: item)
    }
    return files
  }
}
