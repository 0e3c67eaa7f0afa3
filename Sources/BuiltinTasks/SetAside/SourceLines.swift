/// On which line of which source file a row stands that clean set aside.

import DuckDB

/// Clean counts the rows that ingest accepted; a person looks for lines. Between the two stand the rejects, whose lines are recorded.
struct SourceLines {
  struct Place {
    let file: String
    /// `nil` where the file has another number of rows now than when it was read.
    let line: Int?
  }

  private let request: SetAsideRequest
  private let inputs: [String: [String: [String]]]
  private let report: IngestReport
  private let tables: [String: TableDeclaration]
  private let connection: Connection
  /// Lines that hold no accepted row, by file.
  private let rejected: [String: Set<Int>]

  /// `nil` where nothing tells what was read.
  /// - Throws: `TaskFailure` or `Diagnostics` where schema or metadata do not read.
  init?(_ request: SetAsideRequest, _ connection: Connection) throws {
    guard let origin = request.origin else { return nil }
    let (reportPath, schemaPath) = (request.full(origin.report), request.full(origin.schema))
    guard TaskFile.exists(reportPath), TaskFile.exists(schemaPath),
      let json = try ParquetMetadata.value(of: IngestReport.key, in: reportPath, connection)
    else { return nil }
    self.request = request
    self.connection = connection
    inputs = origin.inputs
    report = try IngestReport(json: json, path: origin.report)
    let schema = try SchemaFile(path: schemaPath)
    tables = Dictionary(try schema.tables().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    try schema.finish()
    var rejected: [String: Set<Int>] = [:]
    let rejects = request.rejects.map { request.full($0.path) }.filter(TaskFile.exists)
    if !rejects.isEmpty {
      let rows = try connection.rows(
        "SELECT DISTINCT file, line FROM read_parquet(\(SQL.list(rejects)), hive_partitioning = false)")
      for row in rows { rejected[row[0].string ?? "", default: []].insert(row[1].int) }
    }
    self.rejected = rejected
  }

  /// The places of rows by their numbers within a partition, which count from 1 and ascend.
  func places(of numbers: [Int], partition: String) throws -> [Int: Place] {
    guard let table = tables[report.from] else { return [:] }
    var places: [Int: Place] = [:]
    var first = 1
    for path in inputs[partition]?[report.from] ?? [] {
      guard let file = report.files.first(where: { $0.table == report.from && $0.name == path }) else { return places }
      let end = first + file.rows - file.rejected
      let mine = numbers.filter { $0 >= first && $0 < end }
      if !mine.isEmpty {
        let lines = try acceptedLines(path, table, rows: file.rows)
        for number in mine {
          places[number] = Place(
            file: path, line: lines.flatMap { $0.indices.contains(number - first) ? $0[number - first] : nil })
        }
      }
      first = end
    }
    return places
  }

  /// The lines of a file's accepted rows, in order; `nil` if it no longer has as many rows as when it was read.
  private func acceptedLines(_ path: String, _ table: TableDeclaration, rows: Int) throws -> [Int]? {
    let full = request.full(path)
    guard TaskFile.exists(full), try TaskFile.size(full) > 0 else { return nil }
    let lines = try recordLines(try SourceFile(full, table, connection), table, rows: rows)
    guard lines.count == rows else { return nil }
    let rejected = rejected[path] ?? []
    return rejected.isEmpty ? lines : lines.filter { !rejected.contains($0) }
  }

  /// The line of every record, as ingest counts them.
  private func recordLines(_ source: SourceFile, _ table: TableDeclaration, rows: Int) throws -> [Int] {
    guard source.format == .csv || source.format == .tsv else {
      // One number more than there should be: a file of lines that has grown gives a line for it.
      return try RowLines(source, table, [], connection).lines(of: Array(1...rows + (source.format == .jsonl ? 1 : 0)))
    }
    let scanner = RecordScanner(table, source.format)
    return try PlainBytes(connection: connection).read(source) { bytes in
      guard let bytes else { return Array(2...rows + 1) }
      var lines: [Int] = []
      scanner.places(in: bytes, keepsBlankLines: source.columns.count == 1) { lines.append($0.line) }
      return lines
    }
  }
}
