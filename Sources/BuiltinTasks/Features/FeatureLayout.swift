/// Which column of `features.parquet` is what: the Parquet metadata `martlet.features` that clean writes.

import DuckDB
import Foundation
import MartletModel

struct FeatureLayout: Decodable, Equatable {
  struct Label: Decodable, Equatable {
    enum Kind: String, Decodable { case binary, number, `class` }

    let name: String
    let type: Kind
  }

  struct Feature: Decodable, Equatable {
    enum Kind: String, Decodable { case numeric, categorical }

    let name: String
    let kind: Kind
  }

  let partition: String?
  let time: String
  let label: Label
  let keep: [String]
  let features: [Feature]

  var categorical: [String] { features.filter { $0.kind == .categorical }.map(\.name) }

  /// Every column that can be named for a slice.
  var columns: [String] { (partition.map { [$0] } ?? []) + keep + features.map(\.name) }

  /// Reads the layout of a file.
  ///
  /// - Throws: `TaskFailure` of class `config` for a file without it.
  static func read(_ path: String, _ connection: Connection) throws -> FeatureLayout {
    let rows = try connection.rows(
      "SELECT decode(value) FROM parquet_kv_metadata(\(SQL.literal(path))) WHERE decode(key) = 'martlet.features'")
    guard let text = rows.first?.first?.string else {
      throw TaskFailure(.config, "\(path) does not say which columns are features: it must be an output of clean@1")
    }
    do {
      let layout = try JSONDecoder().decode(FeatureLayout.self, from: Data(text.utf8))
      guard !layout.features.isEmpty else { throw TaskFailure(.config, "\(path) has no features") }
      return layout
    } catch let error as DecodingError {
      throw TaskFailure(.config, "\(path) does not say which columns are features in a way that is known here: \(error)")
    }
  }
}
