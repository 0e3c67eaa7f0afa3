/// The content of `data_profile.json`: what a table's columns hold. See docs/data-profile.md.

import Foundation
import MartletModel

/// A profile describes the data alone: equal data give equal bytes, and nothing in it tells when or how it was made.
public struct DataProfile: Codable, Equatable, Sendable {
  public static let schemaName = "martlet.profile/1"

  /// What a column's values are.
  public enum Kind: String, Codable, Sendable {
    case integer
    case number
    case boolean
    case string
    case date
    case timestamp
  }

  /// How often a value occurs.
  public struct ValueCount: Codable, Equatable, Sendable {
    public var value: String
    public var count: Int
  }

  /// Counts of values in bins of equal width between the smallest and the largest value; the last bin holds its upper edge.
  public struct Histogram: Codable, Equatable, Sendable {
    /// One more than `counts`.
    public var edges: [Double]
    public var counts: [Int]
  }

  /// One column. Moments, quantiles and histogram are there for integers and numbers; `min` and `max` for everything but booleans.
  public struct Column: Codable, Equatable, Sendable {
    public var name: String
    public var kind: Kind
    public var nulls: Int
    /// Number of values that are NaN or infinite; `nil` for none. Everything below leaves them out.
    public var nonFinite: Int?
    /// Number of different values, nulls aside.
    public var distinct: Int
    public var min: String?
    public var max: String?
    public var mean: Double?
    /// Of a sample: divided by n − 1; `nil` also where it is larger than the largest double.
    public var standardDeviation: Double?
    /// By `p01 p05 p25 p50 p75 p95 p99`, interpolated linearly between the two nearest values.
    public var quantiles: [String: Double]?
    public var histogram: Histogram?
    /// The ten most frequent values, the most frequent first, equals in the values' order.
    public var top: [ValueCount]

    enum CodingKeys: String, CodingKey {
      case name, kind, nulls, nonFinite, distinct, min, max, mean, quantiles, histogram, top
      case standardDeviation = "sd"
    }
  }

  /// The partitions of the data.
  public struct Partitions: Codable, Equatable, Sendable {
    public var name: String
    public var count: Int
    public var first: String
    public var last: String
    /// Fewest and most rows of a partition.
    public var minRows: Int
    public var maxRows: Int
  }

  public var schema = DataProfile.schemaName
  public var rows: Int
  public var partitions: Partitions?
  /// In the data's order.
  public var columns: [Column]

  /// The column of a name.
  public func column(_ name: String) -> Column? { columns.first { $0.name == name } }

  /// Reads a profile.
  public static func read(_ path: String) throws -> DataProfile {
    do {
      let profile = try JSONDecoder().decode(DataProfile.self, from: Data(try TaskFile.read(path)))
      guard profile.schema == schemaName else {
        throw TaskFailure(.config, "\(path) is a profile of another version: \(profile.schema)")
      }
      return profile
    } catch let error as DecodingError {
      throw TaskFailure(.config, "\(path) is no profile: \(error)")
    }
  }

  /// The file's text.
  public var json: String {
    get throws {
      let plain = try JSONEncoder().encode(self)
      return JSONText.pretty(try JSONDecoder().decode(ConfigurationValue.self, from: plain))
    }
  }
}
