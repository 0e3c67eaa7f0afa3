// A model of LightGBM's: trained round by round, or read from its text.

import CLightGBM

/// A gradient-boosted model. Not thread-safe.
public final class Booster {
  private let library: LightGBMLibrary
  private let handle: lightgbm_handle
  /// LightGBM keeps pointers to these.
  private var datasets: [Dataset] = []

  /// A model without trees that will learn from `training`.
  public init(training: Dataset, parameters: Parameters) throws(LightGBMError) {
    library = training.library
    var result: lightgbm_handle?
    try library.check(library.functions.booster_create(training.handle, parameters.text, &result), "making a model")
    handle = result!
    datasets = [training]
  }

  /// The model that `text` describes, for predictions only.
  public init(text: String, library: LightGBMLibrary) throws(LightGBMError) {
    guard text.hasPrefix("tree\n") else { throw .notAModel(reason: "its first line is not \"tree\"") }
    self.library = library
    var result: lightgbm_handle?
    var iterations: Int32 = 0
    try library.check(library.functions.booster_from_text(text, &iterations, &result), "reading a model")
    handle = result!
  }

  deinit { _ = library.functions.booster_free(handle) }

  public func addValidation(_ dataset: Dataset) throws(LightGBMError) {
    try library.check(library.functions.booster_add_validation(handle, dataset.handle), "adding a validation set")
    datasets.append(dataset)
  }

  /// Adds one tree. False when no split was worth making, so that more rounds would change nothing.
  public func update() throws(LightGBMError) -> Bool {
    var finished: Int32 = 0
    try library.check(library.functions.booster_update(handle, &finished), "growing a tree")
    return finished == 0
  }

  /// The metrics named by the parameter `metric`, in its order, on the training set (0) or a validation set (1, 2, …).
  public func evaluate(dataset index: Int) throws(LightGBMError) -> [Double] {
    var count: Int32 = 0
    try library.check(library.functions.booster_evaluation_count(handle, &count), "counting the metrics")
    var values = [Double](repeating: 0, count: Int(count))
    try library.check(library.functions.booster_evaluate(handle, Int32(index), &count, &values), "evaluating")
    return Array(values.prefix(Int(count)))
  }

  public func featureCount() throws(LightGBMError) -> Int {
    var count: Int32 = 0
    try library.check(library.functions.booster_feature_count(handle, &count), "counting the features")
    return Int(count)
  }

  public func featureNames() throws(LightGBMError) -> [String] {
    let slots = try featureCount()
    var longest = 0
    var count: Int32 = 0
    try library.check(
      library.functions.booster_feature_names(handle, 0, &count, 0, &longest, nil), "reading the names of the features")
    let size = longest
    var code: Int32 = 0
    let names = withUnsafeTemporaryAllocation(of: CChar.self, capacity: max(1, slots * size)) { bytes in
      var pointers = (0..<slots).map { slot in bytes.baseAddress.map { base in base + slot * size } }
      code = library.functions.booster_feature_names(handle, Int32(slots), &count, size, &longest, &pointers)
      return code == 0 ? pointers.map { pointer in String(cString: pointer!) } : []
    }
    try library.check(code, "reading the names of the features")
    return names
  }

  /// Which figure `importance` gives: how often a feature splits, or how much its splits gain.
  public enum Importance: Sendable { case splits, gain }

  /// One value a feature, over the first `rounds` rounds (all when nil).
  public func importance(_ kind: Importance, rounds: Int? = nil) throws(LightGBMError) -> [Double] {
    var values = [Double](repeating: 0, count: try featureCount())
    let type = kind == .splits ? lightgbm_importance_split : lightgbm_importance_gain
    let code = library.functions.booster_importance(handle, Int32(rounds ?? -1), Int32(type), &values)
    try library.check(code, "reading the importance of the features")
    return values
  }

  /// The model as LightGBM's own text, its first `rounds` rounds (all when nil).
  public func text(rounds: Int? = nil) throws(LightGBMError) -> String {
    var buffer = [CChar](repeating: 0, count: 1 << 20)
    while true {
      var length: Int64 = 0
      let code = library.functions.booster_to_text(
        handle, 0, Int32(rounds ?? -1), Int32(lightgbm_importance_split), Int64(buffer.count), &length, &buffer)
      try library.check(code, "writing the model")
      // `length` counts the closing zero; when it does not fit nothing was written.
      if length <= Int64(buffer.count) {
        return buffer.withUnsafeBytes { String(decoding: $0.prefix(Int(length) - 1), as: UTF8.self) }
      }
      buffer = [CChar](repeating: 0, count: Int(length))
    }
  }

  /// The scores of rows that lie one after the other, `columnCount` values each, into `scores`: for a binary objective the
  /// probability of 1, otherwise the prediction itself.
  public func predict(
    rows: UnsafeBufferPointer<Double>, columnCount: Int, threads: Int, into scores: UnsafeMutableBufferPointer<Double>
  ) throws(LightGBMError) {
    let count = rows.count / max(columnCount, 1)
    precondition(scores.count == count && count * columnCount == rows.count, "room for one score a row")
    guard count > 0 else { return }
    var written: Int64 = 0
    let code = library.functions.booster_predict(
      handle, rows.baseAddress, Int32(lightgbm_float64), Int32(count), Int32(columnCount), 1,
      Int32(lightgbm_predict_normal), 0, -1, "num_threads=\(threads)", &written, scores.baseAddress)
    try library.check(code, "scoring \(count) rows")
    guard written == Int64(count) else {
      throw .failed(doing: "scoring \(count) rows", reason: "it gave \(written) scores; only one score a row is known here")
    }
  }
}
