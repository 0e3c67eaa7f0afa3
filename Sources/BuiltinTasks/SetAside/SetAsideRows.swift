/// What `martlet-tasks rows` prints: rows that ingest rejected and clean set aside, each as a line of JSON.

import DuckDB
import Foundation
import MartletFiles
import MartletModel

/// With `counts`, lines of `path partition code column rows`; otherwise of `path partition file line number code reason column value row`.
/// What is absent has no key.
public struct SetAsideRows {
  private let request: SetAsideRequest
  private let connection: Connection

  /// - Parameter json: the request, see `SetAsideRequest`.
  /// - Returns: the lines, with line ends.
  /// - Throws: `TaskFailure`, `DuckDBError`, `Diagnostics`
  public static func lines(json: [UInt8], libraries: NativeLibrarySearch) throws -> String {
    let request = try SetAsideRequest(json: json)
    let rows = SetAsideRows(
      request: request, connection: try Database(try DuckDBLibrary(libraries), Database.Settings(threads: 1)).connect())
    let found = try request.counts ? rows.counts() : rows.rejects() + rows.quarantine()
    return found.map { ConfigurationValue.map($0.filter { $0.value != .null }).canonicalJSON + "\n" }.joined()
  }

  private typealias Row = [String: ConfigurationValue]

  // MARK: Counts

  private func counts() throws -> [Row] {
    var counts: [Row] = []
    let files = Dictionary(wanted(request.rejects).map { (request.full($0.path), $0) }, uniquingKeysWith: { first, _ in first })
    if !files.isEmpty {
      let rows = try connection.rows(
        """
        SELECT filename, reason, "column", count(*) FROM read_parquet(\(SQL.list(files.keys.sorted())), filename = true, hive_partitioning = false)
        GROUP BY ALL ORDER BY 1, 2, 3 NULLS FIRST
        """)
      counts += rows.map { row in
        let file = files[row[0].string ?? ""]
        return [
          "path": file.map { .text($0.path) } ?? .null, "partition": file?.partition.map { .text($0) } ?? .null,
          "code": Self.json(row[1]), "column": Self.json(row[2]), "rows": Self.json(row[3]),
        ]
      }
    }
    for file in wanted(request.quarantine) {
      let partition = file.partition == nil ? request.partitionColumn.map { "data.\(SQL.identifier($0))::VARCHAR" } : nil
      let rows = try connection.rows(
        """
        SELECT \(partition ?? "NULL") AS value, reason_code, count(*) FROM \(table(file)) AS data
        GROUP BY ALL ORDER BY 1 NULLS FIRST, 2
        """)
      counts += rows.filter { isWanted($0[0].string ?? file.partition) }.map { row in
        [
          "path": .text(file.path), "partition": file.partition.map { .text($0) } ?? Self.json(row[0]), "code": Self.json(row[1]),
          "rows": Self.json(row[2]),
        ]
      }
    }
    return counts
  }

  // MARK: Rows

  private func rejects() throws -> [Row] {
    try wanted(request.rejects).flatMap { file in
      try connection.rows("SELECT file, line, \"column\", reason, value FROM \(table(file)) ORDER BY ALL").map { row in
        [
          "path": .text(file.path), "partition": file.partition.map { .text($0) } ?? .null, "file": Self.json(row[0]),
          "line": Self.json(row[1]), "column": Self.json(row[2]), "code": Self.json(row[3]), "reason": Self.json(row[3]),
          "value": Self.json(row[4]),
        ]
      }
    }
  }

  private func quarantine() throws -> [Row] {
    let lines = try SourceLines(request, connection)
    return try wanted(request.quarantine).flatMap { file in
      let partition = file.partition == nil ? request.partitionColumn.map { "data.\(SQL.identifier($0))::VARCHAR" } : nil
      let rows = try connection.rows(
        """
        SELECT \(partition ?? "NULL") AS value, source_row, reason_code, reason, to_json(data) FROM \(table(file)) AS data
        ORDER BY 1 NULLS FIRST, 2, 3
        """
      ).filter { isWanted($0[0].string ?? file.partition) }
      let byPartition = Dictionary(grouping: rows) { $0[0].string ?? file.partition ?? "" }
      return try byPartition.sorted { $0.key < $1.key }.flatMap { partition, rows in
        let places = try lines?.places(of: rows.map { $0[1].int }, partition: partition) ?? [:]
        return try rows.map { row in
          let place = places[row[1].int]
          return [
            "path": .text(file.path), "partition": partition.isEmpty ? .null : .text(partition),
            "file": place.map { .text($0.file) } ?? .null, "line": place?.line.map { .integer($0) } ?? .null,
            "number": Self.json(row[1]), "code": Self.json(row[2]), "reason": Self.json(row[3]),
            "row": try Self.content(row[4].string ?? "{}"),
          ]
        }
      }
    }
  }

  // MARK: Reading

  private func wanted(_ files: [SetAsideRequest.File]) -> [SetAsideRequest.File] {
    files.filter { TaskFile.exists(request.full($0.path)) && ($0.partition == nil || isWanted($0.partition)) }
  }

  private func isWanted(_ partition: String?) -> Bool {
    guard let wanted = request.partitions else { return true }
    return partition.map(wanted.contains) ?? false
  }

  private func table(_ file: SetAsideRequest.File) -> String {
    "read_parquet(\(SQL.literal(request.full(file.path))), hive_partitioning = false)"
  }

  private static func json(_ value: Value) -> ConfigurationValue {
    switch value {
    case .null: .null
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(Int(value))
    case .number(let value): .number(value)
    case .text(let value): .text(value)
    }
  }

  /// The row itself, without what clean put beside it.
  private static func content(_ json: String) throws -> ConfigurationValue {
    guard case .map(let entries) = try JSONDecoder().decode(ConfigurationValue.self, from: Data(json.utf8)) else { return .null }
    return .map(entries.filter { !["reason_code", "reason", "source_row"].contains($0.key) })
  }
}
