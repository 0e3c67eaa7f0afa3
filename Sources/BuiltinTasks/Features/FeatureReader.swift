/// Reads `features.parquet` window by window, a batch of rows at a time, as matrices of numbers.

import DuckDB

/// Rows on their way to LightGBM. The matrices are valid only during the call that they are handed to.
struct FeatureBatch {
  let rowCount: Int
  /// One for each encoding: row after row.
  let matrices: [UnsafeBufferPointer<Double>]
  let labels: ArraySlice<Float>
  /// Days since 1970-01-01.
  let days: ArraySlice<Int32>
  /// One for each text column: indices into the reader's `TextTable`.
  let texts: [ArraySlice<Int32>]
}

/// The different texts of a column, numbered as they come.
struct TextTable {
  private(set) var texts: [String] = []
  private var indices: [String: Int32] = [:]

  mutating func index(of text: String) -> Int32 {
    if let index = indices[text] { return index }
    let index = Int32(texts.count)
    texts.append(text)
    indices[text] = index
    return index
  }
}

extension FeatureRoles {
  var categorical: [String] { features.filter { $0.kind == .categorical }.map(\.name) }

  /// Every column that can be named for a slice.
  var columns: [String] { (partition.map { [$0] } ?? []) + keep + features.map(\.name) }
}

struct FeatureReader {
  /// Rows handed over at once: large enough for LightGBM's threads, small beside everything else.
  private static let batchRows = 16_384

  let path: String
  let roles: FeatureRoles
  private let connection: Connection

  init(path: String, connection: Connection) throws {
    self.path = path
    self.connection = connection
    roles = try FeatureRoles.read(path, connection)
  }

  private var source: String { "read_parquet(\(SQL.literal(path)), file_row_number = true, hive_partitioning = false)" }
  private var day: String { "CAST(CAST(\(SQL.identifier(roles.time)) AS DATE) - DATE '1970-01-01' AS INTEGER)" }
  private var labelled: String { "\(SQL.identifier(roles.label.name)) IS NOT NULL" }

  private func condition(_ window: TimeWindow) -> String {
    "\(labelled) AND \(day) >= \(window.days.lowerBound) AND \(day) < \(window.days.upperBound)"
  }

  /// The days that have rows, ascending.
  func days() throws -> [TimeWindows.Day] {
    try connection.rows("SELECT \(day) AS d, count(*) FROM \(source) WHERE \(labelled) AND d IS NOT NULL GROUP BY d ORDER BY d")
      .map { TimeWindows.Day(number: $0[0].int, rowCount: $0[1].int) }
  }

  /// The categories of each categorical feature that occur in a window, in the order of their bytes.
  func categories(in window: TimeWindow) throws -> [[String]] {
    try roles.categorical.map { name in
      let column = SQL.identifier(name)
      let rows = try connection.rows(
        "SELECT DISTINCT CAST(\(column) AS VARCHAR) FROM \(source) WHERE \(condition(window)) AND \(column) IS NOT NULL")
      return rows.compactMap(\.[0].string).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }

  /// The file's features with the categories of a model.
  ///
  /// - Parameter categories: for each categorical feature among `names`, in their order.
  /// - Returns: nil where a name is no feature of this file or the categories do not fit.
  func encoding(names: [String], categories: [[String]]) -> FeatureEncoding? {
    let kinds = Dictionary(uniqueKeysWithValues: roles.features.map { ($0.name, $0.kind) })
    var remaining = categories[...]
    var columns: [FeatureEncoding.Column] = []
    for name in names {
      guard let kind = kinds[name] else { return nil }
      if kind == .categorical {
        guard let next = remaining.popFirst() else { return nil }
        columns.append(.init(name: name, coding: CategoryCoding(next)))
      } else {
        columns.append(.init(name: name, coding: nil))
      }
    }
    return remaining.isEmpty ? FeatureEncoding(columns: columns) : nil
  }

  /// Hands over the rows of a window in the file's order.
  ///
  /// - Parameters:
  ///   - every: only each so many-th row of the file.
  ///   - texts: columns wanted as text, for slices; null is the text "null".
  func scan(
    _ window: TimeWindow, every: Int = 1, _ encodings: [FeatureEncoding], texts: [String] = [], tables: inout [TextTable],
    _ body: (FeatureBatch) throws -> Void
  ) throws {
    var batch = BatchBuffer(encodings, textCount: texts.count, capacity: Self.batchRows)
    defer { batch.deallocate() }
    let stride = every > 1 ? " AND file_row_number % \(every) = 0" : ""
    let columns = encodings.flatMap { encoding in
      encoding.columns.map { "CAST(\(SQL.identifier($0.name)) AS \($0.coding == nil ? "DOUBLE" : "VARCHAR"))" }
    }
    let selected =
      ["CAST(\(SQL.identifier(roles.label.name)) AS DOUBLE)", day] + columns
      + texts.map { "coalesce(CAST(\(SQL.identifier($0)) AS VARCHAR), 'null')" }
    let stream = try connection.query(
      "SELECT \(selected.joined(separator: ", ")) FROM \(source) WHERE \(condition(window))\(stride)")
    while let chunk = try stream.next() {
      if batch.rowCount + chunk.rowCount > batch.capacity {
        try batch.hand(to: body)
      }
      batch.append(chunk, &tables)
    }
    try batch.hand(to: body)
  }

  /// Hands over the rows of a window where no texts are wanted.
  func scan(_ window: TimeWindow, _ encoding: FeatureEncoding, _ body: (FeatureBatch) throws -> Void) throws {
    var none: [TextTable] = []
    try scan(window, [encoding], tables: &none, body)
  }

  /// How often each value of a numeric feature occurs in two windows; nulls and infinities left out.
  func numericCounts(_ name: String, _ reference: TimeWindow, _ current: TimeWindow) throws -> ValueCounts<Double> {
    let rows = try connection.query(
      counts("CAST(\(SQL.identifier(name)) AS DOUBLE)", filter: "AND isfinite(v)", reference, current))
    var entries: [ValueCounts<Double>.Entry] = []
    while let chunk = try rows.next() {
      let (values, first, second) = (chunk.columns[0].doubles, chunk.columns[1].int64s, chunk.columns[2].int64s)
      for row in 0..<chunk.rowCount {
        entries.append(.init(value: values[row], reference: Int(first[row]), current: Int(second[row])))
      }
    }
    return ValueCounts(entries)
  }

  /// How often each value of a categorical feature occurs in two windows; nulls left out.
  func categoricalCounts(_ name: String, _ reference: TimeWindow, _ current: TimeWindow) throws -> ValueCounts<String> {
    ValueCounts(
      try connection.rows(counts("CAST(\(SQL.identifier(name)) AS VARCHAR)", filter: "", reference, current))
        .map { .init(value: $0[0].string ?? "", reference: $0[1].int, current: $0[2].int) })
  }

  private func counts(_ value: String, filter: String, _ reference: TimeWindow, _ current: TimeWindow) -> String {
    """
    SELECT v, count(*) FILTER (r) AS n, count(*) FILTER (c) AS m FROM (
      SELECT \(value) AS v, \(condition(reference)) AS r, \(condition(current)) AS c FROM \(source) WHERE \(labelled)
    ) WHERE v IS NOT NULL AND (r OR c) \(filter) GROUP BY v
    """
  }
}

/// The memory of one batch, filled chunk by chunk.
private struct BatchBuffer {
  let capacity: Int
  private(set) var rowCount = 0
  private let encodings: [FeatureEncoding]
  private let matrices: [UnsafeMutablePointer<Double>]
  private var labels: [Float]
  private var days: [Int32]
  private var texts: [[Int32]]

  init(_ encodings: [FeatureEncoding], textCount: Int, capacity: Int) {
    self.capacity = capacity
    self.encodings = encodings
    matrices = encodings.map { .allocate(capacity: $0.columns.count * capacity) }
    labels = Array(repeating: 0, count: capacity)
    days = Array(repeating: 0, count: capacity)
    texts = Array(repeating: Array(repeating: 0, count: capacity), count: textCount)
  }

  func deallocate() {
    for matrix in matrices { matrix.deallocate() }
  }

  mutating func append(_ chunk: Chunk, _ tables: inout [TextTable]) {
    let label = chunk.columns[0].doubles
    let day = chunk.columns[1].int32s
    for row in 0..<chunk.rowCount {
      labels[rowCount + row] = Float(label[row])
      days[rowCount + row] = day[row]
    }
    var next = 2
    for (encoding, matrix) in zip(encodings, matrices) {
      let width = encoding.columns.count
      for (index, column) in encoding.columns.enumerated() {
        let target = matrix + rowCount * width + index
        let vector = chunk.columns[next]
        if let coding = column.coding {
          for row in 0..<chunk.rowCount {
            target[row * width] = vector.isNull(at: row) ? .nan : vector.withBytes(at: row, coding.code(of:))
          }
        } else {
          vector.copyDoubles(to: target, stride: width)
        }
        next += 1
      }
    }
    for index in texts.indices {
      for row in 0..<chunk.rowCount {
        texts[index][rowCount + row] = tables[index].index(of: chunk.columns[next].string(at: row))
      }
      next += 1
    }
    rowCount += chunk.rowCount
  }

  mutating func hand(to body: (FeatureBatch) throws -> Void) throws {
    guard rowCount > 0 else { return }
    let matrices = zip(self.matrices, encodings).map { UnsafeBufferPointer(start: $0, count: rowCount * $1.columns.count) }
    try body(
      FeatureBatch(
        rowCount: rowCount, matrices: matrices, labels: labels[..<rowCount], days: days[..<rowCount],
        texts: texts.map { $0[..<rowCount] }))
    rowCount = 0
  }
}
