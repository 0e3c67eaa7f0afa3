/// What is to be learnt from a table: label, time and features, guessed or as the person says.

struct ModelGuess {
  /// What the label is.
  enum Target: Hashable {
    case binary(sql: String)
    case number(sql: String)
  }

  struct Feature {
    let name: String
    let sql: String
  }

  let columns: [ColumnGuess]
  let label: ColumnGuess
  let target: Target
  /// `nil` if no column has a time: then rows are dealt to days by their content.
  let time: ColumnGuess?
  let numeric: [Feature]
  let categorical: [Feature]
  /// Columns that are read and not learnt from.
  let leftOut: [String]

  /// More different texts than this, or than half of the rows, and a column is no category.
  private static let mostCategories = 200

  /// - Throws: `UserError` if a column that was named is not there, or does not fit.
  init(_ sample: CSVSample, label: String?, time: String?) throws {
    let columns = sample.header.indices.map { index in
      ColumnGuess(name: sample.header[index], texts: sample.rows.map { $0[index] })
    }
    func column(_ name: String) throws -> ColumnGuess {
      guard let column = columns.first(where: { $0.name == name }) else {
        throw UserError.unknown("column", name, among: columns.map(\.name))
      }
      return column
    }
    let timeColumn = try time.map(column) ?? ModelGuess.time(among: columns)
    if let timeColumn, !timeColumn.isTime {
      throw UserError("the column \(timeColumn.name) holds no times", facts: [("read as", timeColumn.kind.word)])
    }
    let labelColumn = try label.map(column) ?? ModelGuess.label(among: columns.filter { $0.name != timeColumn?.name })
    self.columns = columns
    self.label = labelColumn
    self.time = timeColumn
    target = try ModelGuess.target(labelColumn)
    var taken: Set = [ModelGuess.name(labelColumn.name), timeColumn.map { ModelGuess.name($0.name) } ?? "day"]
    var numeric: [Feature] = []
    var categorical: [Feature] = []
    var leftOut: [String] = []
    for column in columns where column.name != labelColumn.name && column.name != timeColumn?.name {
      var name = ModelGuess.name(column.name)
      while !taken.insert(name).inserted { name += "_" }
      let feature = Feature(name: name, sql: SQLText.identifier(column.name))
      let isCategory = column.values.count <= min(ModelGuess.mostCategories, max(2, sample.rows.count / 2))
      switch column.kind {
      case _ where column.isIdentifier || column.values.isEmpty: leftOut.append(column.name)
      case .integer, .number, .boolean: numeric.append(feature)
      case .string where isCategory: categorical.append(feature)
      case .string, .date, .timestamp: leftOut.append(column.name)
      }
    }
    guard !(numeric.isEmpty && categorical.isEmpty) else {
      throw UserError(
        "there is nothing to learn \(labelColumn.name) from", facts: [("columns", sample.header.joined(separator: " "))])
    }
    self.numeric = numeric
    self.categorical = categorical
    self.leftOut = leftOut
  }

  /// A name that every reader of the model can live with: letters, digits and `_`.
  static func name(_ column: String) -> String {
    let name = String(column.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return name.first.map { $0.isNumber } ?? true ? "_" + name : name
  }

  private static func time(among columns: [ColumnGuess]) -> ColumnGuess? {
    let candidates = columns.filter(\.isTime)
    return candidates.first { $0.kind == .timestamp } ?? candidates.first
  }

  private static let usualLabels = [
    "label", "target", "outcome", "class", "y", "churn", "churned", "default", "survived", "response",
  ]

  /// A column with a usual name, else the last with two values, else the last with numbers.
  private static func label(among columns: [ColumnGuess]) throws -> ColumnGuess {
    let usual = columns.first { usualLabels.contains($0.name.lowercased()) }
    let numeric = columns.last { ($0.kind == .number || $0.kind == .integer) && !$0.isIdentifier }
    guard let label = usual ?? columns.last(where: { $0.values.count == 2 }) ?? numeric else {
      throw UserError("no column looks like something to predict", hint: "name it with --label")
    }
    return label
  }

  private static let positives = ["1", "1.0", "yes", "y", "true", "t", "positive", "pos", "bad", "fail", "failed"]

  private static func target(_ label: ColumnGuess) throws -> Target {
    let column = SQLText.identifier(label.name)
    switch (label.kind, label.values.count) {
    case (.boolean, _): return .binary(sql: column)
    case (.integer, 2), (.number, 2):
      let larger = label.values.keys.max { Double($0) ?? 0 < Double($1) ?? 0 }!
      return .binary(sql: "\(column) = \(larger)")
    case (.string, 2):
      // The named positive, else the rarer one.
      let rarer = label.values.min { ($0.value, $0.key) < ($1.value, $1.key) }!.key
      let positive = label.values.keys.sorted().first { positives.contains($0.lowercased()) } ?? rarer
      return .binary(sql: "\(column) = \(SQLText.literal(positive))")
    case (.integer, 3...), (.number, 3...): return .number(sql: column)
    default:
      throw UserError(
        "the column \(label.name) cannot be predicted",
        facts: [("read as", label.kind.word), ("different values", String(label.values.count))],
        hint: "a label has two values, or is a number; --label names another column")
    }
  }
}

extension ColumnGuess {
  fileprivate var isTime: Bool {
    switch kind {
    case .date, .timestamp: true
    default: false
    }
  }
}
