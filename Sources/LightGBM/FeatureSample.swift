// A sample of the training rows, column by column, from which LightGBM chooses the limits of its bins.

/// Sampled values of each feature. Zeros are counted, not kept, as LightGBM wants it.
///
/// The memory is C's from the start, so that handing it over copies nothing.
public final class FeatureSample {
  public let columnCount: Int
  public let capacity: Int
  public private(set) var rowCount = 0
  let values: [UnsafeMutablePointer<Double>?]
  let rows: [UnsafeMutablePointer<Int32>?]
  private(set) var counts: [Int32]

  /// - Parameter capacity: how many rows will come at most.
  public init(columnCount: Int, capacity: Int) {
    self.columnCount = columnCount
    self.capacity = capacity
    values = (0..<columnCount).map { _ in .allocate(capacity: max(capacity, 1)) }
    rows = (0..<columnCount).map { _ in .allocate(capacity: max(capacity, 1)) }
    counts = Array(repeating: 0, count: columnCount)
  }

  deinit {
    for pointer in values { pointer?.deallocate() }
    for pointer in rows { pointer?.deallocate() }
  }

  /// Adds one row of `columnCount` values; NaN stands for a missing one.
  public func append(row: UnsafeBufferPointer<Double>) {
    precondition(row.count == columnCount, "a sample row has \(row.count) values, not \(columnCount)")
    precondition(rowCount < capacity, "a sample of \(capacity) rows is full")
    for column in 0..<columnCount where abs(row[column]) > 1e-35 || row[column].isNaN {
      let position = Int(counts[column])
      values[column]![position] = row[column]
      rows[column]![position] = Int32(rowCount)
      counts[column] += 1
    }
    rowCount += 1
  }
}
