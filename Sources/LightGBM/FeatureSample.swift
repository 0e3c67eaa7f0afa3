// A sample of the training rows, column by column, from which LightGBM chooses the limits of its bins.

/// Sampled values of each feature. Zeros are counted, not kept, as LightGBM wants it.
public struct FeatureSample: Sendable {
  public let columnCount: Int
  public private(set) var rowCount = 0
  var values: [[Double]]
  var rows: [[Int32]]

  public init(columnCount: Int) {
    self.columnCount = columnCount
    values = Array(repeating: [], count: columnCount)
    rows = Array(repeating: [], count: columnCount)
  }

  /// Adds one row of `columnCount` values; NaN stands for a missing one.
  public mutating func append(row: UnsafeBufferPointer<Double>) {
    precondition(row.count == columnCount, "a sample row has \(row.count) values, not \(columnCount)")
    for column in 0..<columnCount where abs(row[column]) > 1e-35 || row[column].isNaN {
      values[column].append(row[column])
      rows[column].append(Int32(rowCount))
    }
    rowCount += 1
  }
}
