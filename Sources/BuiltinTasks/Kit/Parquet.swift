/// How Parquet files are written, and their key-value metadata read.

import DuckDB

/// The options of every Parquet file that a task writes.
enum ParquetOptions {
  /// The parenthesis of a `COPY … TO`: zstd, and metadata by key.
  static func text(_ metadata: [(key: String, value: String)] = []) -> String {
    let pairs = metadata.map { "\(SQL.literal($0.key)): \(SQL.literal($0.value))" }.joined(separator: ", ")
    return "(FORMAT parquet, COMPRESSION zstd\(metadata.isEmpty ? "" : ", KV_METADATA {\(pairs)}"))"
  }
}

/// Key-value metadata of Parquet files.
public enum ParquetMetadata {
  /// The value of a key in a file; `nil` where the file has none.
  public static func value(of key: String, in path: String, _ connection: Connection) throws -> String? {
    let rows = try connection.rows(
      "SELECT decode(value) FROM parquet_kv_metadata(\(SQL.literal(path))) WHERE decode(key) = $1", [.text(key)])
    return rows.first?[0].string
  }

  /// The value of a key in each of several files, in their order.
  ///
  /// - Throws: `TaskFailure` naming the first file that has none.
  static func values(of key: String, in paths: [String], _ connection: Connection) throws -> [String] {
    let rows = try connection.rows(
      "SELECT file_name, decode(value) FROM parquet_kv_metadata(\(SQL.list(paths))) WHERE decode(key) = $1", [.text(key)])
    let byFile = Dictionary(rows.map { ($0[0].string ?? "", $0[1].string ?? "") }, uniquingKeysWith: { first, _ in first })
    return try paths.map { path in
      guard let value = byFile[path] else {
        throw TaskFailure(.config, "\(path) was not written by ingest: it has no metadata `\(key)`")
      }
      return value
    }
  }
}
