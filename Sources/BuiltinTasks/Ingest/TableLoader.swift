/// Reads a table's files into a temporary table, types converted, and notes what each file held.

import DuckDB
import MartletModel

/// Loads one table of one item. Rows that cannot be read are in `rejects`, not in the table.
struct TableLoader {
  /// The name of the temporary table; it has the declared columns and `martlet_bad`, which is true for rows to be passed over.
  static func name(_ table: TableDeclaration) -> String { SQL.identifier("martlet table \(table.name)") }

  let connection: Connection
  let table: TableDeclaration
  let rejects: RejectCollector

  /// A file with what was found in it.
  struct Loaded {
    let file: IngestReport.File
    let header: [String]
  }

  /// Loads the files, in order.
  func load(_ paths: [String]) throws -> [Loaded] {
    var loaded: [Loaded] = []
    for (index, path) in paths.enumerated() {
      let source = try SourceFile(path, table, connection)
      loaded.append(try SourceFile.reading(path) { try load(source, isFirst: index == 0) })
    }
    return loaded
  }

  private func load(_ source: SourceFile, isFirst: Bool) throws -> Loaded {
    if source.isUneven, let even = try source.evened(table, connection) { return try load(even, isFirst: isFirst) }
    let before = isFirst ? nil : try connection.value("SELECT coalesce(max(rowid) + 1, 0) FROM \(Self.name(table))").int
    do {
      return try read(source, after: before)
    } catch let error as DuckDBError where error.mayLieInTheFile {
      guard let even = try source.evened(table, connection) else { throw error }
      return try read(even, after: before)
    }
  }

  /// - Parameter before: the number that the first row gets at least; `nil` for the first file.
  private func read(_ source: SourceFile, after before: Int?) throws -> Loaded {
    let reader = FileReader(source: source, table: table)
    try fill(reader, after: before, exactly: false)
    if reader.isDelimited, try rejects.haveUnmatchedQuotes(), let even = try source.evened(table, connection) {
      // Lines that end differently look like quotes that do not match.
      return try read(even, after: before)
    }
    let counts = try connection.rows(
      "SELECT count(*), count(*) FILTER (martlet_bad) FROM \(Self.name(table)) WHERE rowid >= \(before ?? 0)")[0]
    let structural = reader.isDelimited ? try rejects.takeStructural(reader) : .none
    var unreadable = RejectCollector.Summary.none
    if counts[1].int > 0 {
      // Some integer may have been rounded, or some text could not be read: read again, exactly, and say what is wrong.
      try fill(reader, after: before, exactly: true)
      try rejects.clearStructural()
      unreadable = try rejects.takeUnreadable(reader, structural)
      try rejects.clearStructural()
    }
    let file = reader.entry(
      rows: counts[0].int + structural.rows, rejected: structural.rows + unreadable.rows,
      rejects: structural.rejects + unreadable.rejects)
    return Loaded(file: file, header: source.columns)
  }

  /// Puts a file's rows behind those of the files before it, in place of what an earlier try put there.
  private func fill(_ reader: FileReader, after before: Int?, exactly: Bool) throws {
    try rejects.clearStructural()
    let (name, rows) = (Self.name(table), reader.select(exactly: exactly))
    guard let before else {
      try connection.execute("CREATE OR REPLACE TEMP TABLE \(name) AS \(rows)")
      return
    }
    try connection.execute("DELETE FROM \(name) WHERE rowid >= \(before)")
    try connection.execute("INSERT INTO \(name) \(rows)")
  }
}

extension FileReader {
  /// What is written down about the file.
  func entry(rows: Int, rejected: Int, rejects: [IngestReport.File.Rejects]) -> IngestReport.File {
    let declared = table.fields.map(\.name)
    return IngestReport.File(
      table: table.name, name: source.path, header: 0, rows: rows, rejected: rejected,
      missing: declared.filter { !source.columns.contains($0) }, added: source.columns.filter { !declared.contains($0) },
      rejects: rejects)
  }
}
