/// The numbers that stand for a categorical feature's values in the eyes of LightGBM.

/// Categories by code: the first is 0. A value that is not among them is missing.
struct CategoryCoding: Equatable {
  let categories: [String]
  /// Categories of up to seven bytes by their bytes and length: the common case, without making a string for each row.
  private let short: [UInt64: Double]
  private let long: [String: Double]

  init(_ categories: [String]) {
    self.categories = categories
    var short: [UInt64: Double] = [:]
    var long: [String: Double] = [:]
    for (code, category) in categories.enumerated() {
      if let key = Self.key(category.utf8) { short[key] = Double(code) } else { long[category] = Double(code) }
    }
    self.short = short
    self.long = long
  }

  /// The code of a value; NaN for one that is not among the categories.
  func code(of bytes: UnsafeBufferPointer<UInt8>) -> Double {
    if let key = Self.key(bytes) { return short[key] ?? .nan }
    return long[String(decoding: bytes, as: UTF8.self)] ?? .nan
  }

  private static func key(_ bytes: some Collection<UInt8>) -> UInt64? {
    guard bytes.count <= 7 else { return nil }
    return bytes.reduce(UInt64(bytes.count)) { $0 << 8 | UInt64($1) }
  }
}

/// The columns of a model in its order, with their codings: what turns a row of the file into a row of numbers.
struct FeatureEncoding: Equatable {
  struct Column: Equatable {
    let name: String
    /// Nil for a number.
    let coding: CategoryCoding?
  }

  let columns: [Column]
}
