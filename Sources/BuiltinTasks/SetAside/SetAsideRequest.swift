/// What `martlet-tasks rows` is asked: which files hold rows that were set aside, and where these came from.

import Foundation
import MartletModel

/// Read from standard input, as JSON. Paths are relative to the workspace.
struct SetAsideRequest: Decodable {
  /// A Parquet file with rows set aside.
  struct File: Decodable {
    let path: String
    /// The value of the partition that it belongs to; `nil` for a file without partitions or with all of them.
    let partition: String?
  }

  /// Where the rows that clean saw came from.
  struct Origin: Decodable {
    /// A file that ingest wrote: its metadata say what was read.
    let report: String
    let schema: String
    /// Paths of source files by partition and table; the partition is empty for data without any.
    let inputs: [String: [String: [String]]]
  }

  /// The workspace's absolute path.
  let root: String
  /// What ingest could not read.
  let rejects: [File]
  /// What clean set aside.
  let quarantine: [File]
  /// The column that tells a quarantined row's partition; `nil` for data without partitions.
  let partitionColumn: String?
  let origin: Origin?
  /// Only rows of these partitions; `nil` for all.
  let partitions: [String]?
  /// Whether only the number of rows by partition and reason is wanted.
  let counts: Bool

  func full(_ path: String) -> String { "\(root)/\(path)" }

  /// - Throws: `TaskFailure` for anything else.
  init(json: [UInt8]) throws {
    do {
      self = try JSONDecoder().decode(SetAsideRequest.self, from: Data(json))
    } catch {
      throw TaskFailure(.config, "standard input is no request for rows: \(error)")
    }
  }
}
