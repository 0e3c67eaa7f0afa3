// Rows binned by LightGBM, filled chunk by chunk so that the raw values are never all in memory.

import CLightGBM

/// A data set of LightGBM's: one byte or two for each value, once all rows have been pushed.
///
/// Not thread-safe; rows are pushed in order, exactly `rowCount` of them.
public final class Dataset {
  public let rowCount: Int
  public let columnCount: Int
  let library: LightGBMLibrary
  let handle: lightgbm_handle
  private var pushedRows = 0

  private init(library: LightGBMLibrary, handle: lightgbm_handle, rowCount: Int, columnCount: Int) {
    self.library = library
    self.handle = handle
    self.rowCount = rowCount
    self.columnCount = columnCount
  }

  deinit { _ = library.functions.dataset_free(handle) }

  /// An empty data set of `rowCount` rows whose bins follow from `sample`.
  public static func binned(
    by sample: FeatureSample, rowCount: Int, parameters: Parameters, library: LightGBMLibrary
  ) throws(LightGBMError) -> Dataset {
    var handle: lightgbm_handle?
    // LightGBM puts pointers of its own into these arrays, so it gets copies of them.
    var values = sample.values
    var rows = sample.rows
    let code = library.functions.dataset_from_samples(
      &values, &rows, Int32(sample.columnCount), sample.counts, Int32(sample.rowCount), Int32(rowCount),
      Int64(rowCount), parameters.text, &handle)
    try library.check(code, "choosing the bins of \(sample.columnCount) features")
    return Dataset(library: library, handle: handle!, rowCount: rowCount, columnCount: sample.columnCount)
  }

  /// An empty data set of `rowCount` rows with the bins of this one: what validation rows need.
  public func sibling(rowCount: Int) throws(LightGBMError) -> Dataset {
    var result: lightgbm_handle?
    try library.check(library.functions.dataset_like(handle, Int64(rowCount), &result), "making a validation set")
    return Dataset(library: library, handle: result!, rowCount: rowCount, columnCount: columnCount)
  }

  /// Those rows of this complete data set, by ascending index; labels come along.
  public func subset(rows: [Int32], parameters: Parameters) throws(LightGBMError) -> Dataset {
    precondition(pushedRows == rowCount, "a subset of a data set that is not complete")
    var result: lightgbm_handle?
    let code = library.functions.dataset_subset(handle, rows, Int32(rows.count), parameters.text, &result)
    try library.check(code, "taking \(rows.count) rows of a data set")
    let subset = Dataset(library: library, handle: result!, rowCount: rows.count, columnCount: columnCount)
    subset.pushedRows = rows.count
    return subset
  }

  /// Adds the next rows, row after row of `columnCount` values each; NaN stands for a missing one.
  public func push(rows values: UnsafeBufferPointer<Double>) throws(LightGBMError) {
    guard !values.isEmpty else { return }
    let count = values.count / columnCount
    precondition(count * columnCount == values.count && pushedRows + count <= rowCount, "rows that do not fit the data set")
    let code = library.functions.dataset_push_rows(
      handle, values.baseAddress, Int32(lightgbm_float64), Int32(count), Int32(columnCount), Int32(pushedRows))
    try library.check(code, "adding rows \(pushedRows)..<\(pushedRows + count)")
    pushedRows += count
  }

  public func setLabels(_ labels: [Float]) throws(LightGBMError) {
    precondition(labels.count == rowCount, "\(labels.count) labels for \(rowCount) rows")
    let code = library.functions.dataset_set_field(
      handle, "label", labels, Int32(labels.count), Int32(lightgbm_float32))
    try library.check(code, "setting the labels")
  }

  public func setFeatureNames(_ names: [String]) throws(LightGBMError) {
    let code = withCStrings(names) { library.functions.dataset_set_names(handle, $0, Int32(names.count)) }
    try library.check(code, "naming the features")
  }
}
