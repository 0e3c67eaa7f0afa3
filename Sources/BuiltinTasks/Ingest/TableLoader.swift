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
    let reader = FileReader(source: source, table: table)
    let name = Self.name(table)
    let before = isFirst ? 0 : try connection.value("SELECT count(*) FROM \(name)").int
    try rejects.clearStructural()
    try connection.execute(
      (isFirst ? "CREATE OR REPLACE TEMP TABLE \(name) AS " : "INSERT INTO \(name) ") + reader.select(exactly: false))
    let counts = try connection.rows(
      "SELECT count(*), count(*) FILTER (martlet_bad) FROM \(name) WHERE rowid >= \(before)")[0]
    let structural = reader.hasStructuralRejects ? try rejects.takeStructural(reader) : .none
    var unreadable = RejectCollector.Summary.none
    if counts[1].int > 0 {
      // Some integer may have been rounded, or some text could not be read: read again, exactly, and say what is wrong.
      if isFirst {
        try connection.execute("CREATE OR REPLACE TEMP TABLE \(name) AS " + reader.select(exactly: true))
      } else {
        try connection.execute(
          "DELETE FROM \(name) WHERE rowid >= \(before); INSERT INTO \(name) " + reader.select(exactly: true))
      }
      try rejects.clearStructural()
      unreadable = try rejects.takeUnreadable(reader, structural)
      try rejects.clearStructural()
    }
    let file = reader.entry(
      rows: counts[0].int + structural.rows, rejected: structural.rows + unreadable.rows,
      rejects: structural.rejects + unreadable.rejects)
    return Loaded(file: file, header: source.columns)
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
