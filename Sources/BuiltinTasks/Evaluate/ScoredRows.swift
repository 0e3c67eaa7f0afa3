/// The rows of the test window with the scores of one model or two.

import LightGBM

struct ScoredRows {
  private(set) var labels: [Float] = []
  /// One list for each model, in the file's order.
  private(set) var scores: [[Double]]
  /// For each slice column: which of its `texts` a row has.
  private(set) var slices: [(table: TextTable, rows: [Int32])]

  /// Scores a window.
  ///
  /// - Parameter every: only each so many-th row of the file.
  init(
    _ window: TimeWindow, every: Int = 1, models: [ScoringModel], slices columns: [String], reader: FeatureReader, threads: Int,
    progress: ((Int) -> Void)? = nil
  ) throws {
    var labels: [Float] = []
    var scores = models.map { _ in [Double]() }
    var rows = columns.map { _ in [Int32]() }
    var tables = columns.map { _ in TextTable() }
    let expected = window.rowCount / every + 1
    labels.reserveCapacity(expected)
    for index in scores.indices { scores[index].reserveCapacity(expected) }
    var buffer: [Double] = []
    try reader.scan(window, every: every, models.map(\.encoding), texts: columns, tables: &tables) { batch in
      if buffer.count != batch.rowCount { buffer = Array(repeating: 0, count: batch.rowCount) }
      for (index, model) in models.enumerated() {
        try buffer.withUnsafeMutableBufferPointer { target in
          try model.booster.predict(
            rows: batch.matrices[index], columnCount: model.encoding.columns.count, threads: threads, into: target)
        }
        scores[index] += buffer
      }
      labels += batch.labels
      for (index, texts) in batch.texts.enumerated() { rows[index] += texts }
      progress?(labels.count)
    }
    self.labels = labels
    self.scores = scores
    slices = zip(tables, rows).map { ($0, $1) }
  }
}
