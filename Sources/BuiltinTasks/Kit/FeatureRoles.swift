/// Which column of features.parquet is what: written by clean into the file's metadata, read by train and evaluate.

import DuckDB
import Foundation

/// What a label is.
public enum LabelKind: String, Codable, Sendable {
  /// INTEGER 0 or 1.
  case binary
  /// DOUBLE.
  case number
  /// VARCHAR.
  case `class`

  init(sqlType: String) {
    switch sqlType {
    case "BOOLEAN": self = .binary
    case "VARCHAR": self = .class
    default: self = .number
    }
  }

  var sqlType: String {
    switch self {
    case .binary: "INTEGER"
    case .number: "DOUBLE"
    case .class: "VARCHAR"
    }
  }
}

/// The roles of the columns of features.parquet, under the metadata key `martlet.features`.
public struct FeatureRoles: Codable, Equatable, Sendable {
  public static let key = "martlet.features"

  public struct Label: Codable, Equatable, Sendable {
    public let name: String
    public let type: LabelKind

    public init(name: String, type: LabelKind) {
      self.name = name
      self.type = type
    }
  }

  public enum Kind: String, Codable, Sendable {
    case numeric
    case categorical
  }

  public struct Feature: Codable, Equatable, Sendable {
    public let name: String
    public let kind: Kind

    public init(name: String, kind: Kind) {
      self.name = name
      self.kind = kind
    }
  }

  public var schema = "martlet.features/1"
  /// The partition's column; `nil` for data without partitions.
  public let partition: String?
  public let time: String
  public let label: Label
  public let keep: [String]
  /// Numeric ones first, then categorical ones, each in the schema's order.
  public let features: [Feature]

  public init(partition: String?, time: String, label: Label, keep: [String], features: [Feature]) {
    self.partition = partition
    self.time = time
    self.label = label
    self.keep = keep
    self.features = features
  }

  /// Reads the roles out of a features file.
  ///
  /// - Throws: `TaskFailure` of class `config` for a file that clean did not write.
  public static func read(_ path: String, _ connection: Connection) throws -> FeatureRoles {
    guard let json = try ParquetMetadata.value(of: key, in: path, connection) else {
      throw TaskFailure(.config, "\(path) was not written by clean: it has no metadata `\(key)`")
    }
    do {
      return try JSONDecoder().decode(FeatureRoles.self, from: Data(json.utf8))
    } catch {
      throw TaskFailure(.config, "\(path) has metadata `\(key)` of another version: \(error)")
    }
  }

  /// Deterministic JSON.
  public var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
