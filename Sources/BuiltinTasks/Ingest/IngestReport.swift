/// What ingest saw in each file: written into the Parquet's key-value metadata, read by validate and clean.

import Foundation
import MartletModel

/// The record under the key `martlet.ingest`. It holds nothing volatile: equal files give an equal record.
struct IngestReport: Codable, Equatable {
  static let key = "martlet.ingest"

  /// The rows of one partition, or of everything where there are no partitions.
  struct Part: Codable, Equatable {
    var partition: String?
    var rows: Int
  }

  /// One file of one table.
  struct File: Codable, Equatable {
    struct Rejects: Codable, Equatable {
      /// The column; `nil` for a row that could not be taken apart.
      var column: String?
      var reason: String
      var rows: Int
    }

    var table: String
    var name: String
    /// Index into `headers`: the columns that the file has.
    var header: Int
    /// Rows in the file, rejected ones included.
    var rows: Int
    var rejected: Int
    var missing: [String]
    var added: [String]
    var rejects: [Rejects]
  }

  /// Rows of a joined table that were left out because an earlier row has the same key.
  struct Duplicates: Codable, Equatable {
    var table: String
    var partition: String?
    var rows: Int
  }

  var schema = "martlet.ingest/1"
  /// The table whose rows the data's rows are.
  var from: String
  /// The partition's name; `nil` for data without partitions.
  var partition: String?
  var parts: [Part] = []
  var headers: [[String]] = []
  var files: [File] = []
  var duplicates: [Duplicates] = []

  /// Rows of the data.
  var rows: Int { parts.reduce(0) { $0 + $1.rows } }

  /// Rows of the main table's files that could not be read.
  var rejectedRows: Int { files.reduce(0) { $0 + ($1.table == from ? $1.rejected : 0) } }

  /// The index of a header, which is added where it is new.
  mutating func header(_ columns: [String]) -> Int {
    if let index = headers.firstIndex(of: columns) { return index }
    headers.append(columns)
    return headers.count - 1
  }

  /// Takes in another part's record. A file that both read (a reference table) is listed once.
  mutating func merge(_ other: IngestReport) {
    parts += other.parts
    duplicates += other.duplicates
    for var file in other.files {
      file.header = header(other.headers[file.header])
      // Reference tables are the same few files in each part; dated files are new in each.
      if !files.suffix(64).contains(file) && !files.prefix(64).contains(file) { files.append(file) }
    }
  }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  init(from table: String) { from = table }

  /// Reads a record out of a file's metadata.
  init(json: String, path: String) throws {
    do {
      self = try JSONDecoder().decode(IngestReport.self, from: Data(json.utf8))
    } catch {
      throw TaskFailure(.config, "\(path) has no record that ingest wrote: \(error)")
    }
  }
}
