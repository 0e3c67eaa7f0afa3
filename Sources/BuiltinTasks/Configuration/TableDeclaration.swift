/// The key `columns` of schema.yaml: tables, how their files are written, and their columns.

import MartletModel
import MartletSyntax

/// What to do about a column that is missing or was not declared.
enum ColumnPolicy: String, CaseIterable {
  case fail
  case warn
  case ignore
}

/// How a file is written.
enum FileFormat: String, CaseIterable {
  case csv
  case tsv
  case jsonl
  case parquet
}

/// A column of a table.
struct Field {
  enum Kind: String, CaseIterable {
    case integer
    case number
    case string
    case boolean
    case date
    case timestamp

    var sqlType: String {
      switch self {
      case .integer: "BIGINT"
      case .number: "DOUBLE"
      case .string: "VARCHAR"
      case .boolean: "BOOLEAN"
      case .date: "DATE"
      case .timestamp: "TIMESTAMP"
      }
    }

    /// With its article: `an integer`.
    var phrase: String { (self == .integer ? "an " : "a ") + rawValue }
  }

  let name: String
  let kind: Kind
  /// No value may be null; validate checks it.
  var required = false
  /// DuckDB's format specifiers, for dates and timestamps.
  var format: String?
  var trueTokens: [String] = []
  var falseTokens: [String] = []
}

/// A table: the files of the task's input of the same name.
struct TableDeclaration {
  let name: String
  var nullTokens = [""]
  var onMissing = ColumnPolicy.fail
  var onAdded = ColumnPolicy.warn
  var format: FileFormat?
  var encoding = TextEncoding.utf8
  var delimiter: String?
  /// What encloses a value; empty for nothing.
  var quote = "\""
  /// What lets a quote stand in an enclosed value; `nil` for the quote itself.
  var escape: String?
  /// Lines before the header, whatever is in them.
  var skippedLines = 0
  /// Whether names stand above the rows; without them columns are those of the declaration, in its order.
  var hasHeader = true
  /// Whether spaces and tabs around values are dropped.
  var trims = false
  var decimal = "."
  /// What may stand between the thousands of a number.
  var thousands: String?
  var fields: [Field] = []
}

extension SchemaFile {
  /// The tables in the file's order.
  func tables() throws -> [TableDeclaration] {
    guard let entries = try requiredSection("columns")?.anyMap(diagnostics)?.entries else { return [] }
    if entries.isEmpty { diagnostics.report(.missingKey, "\"columns\" names no table", at: try section("columns")!) }
    return entries.compactMap(table)
  }

  private func table(_ entry: LocatedEntry) -> TableDeclaration? {
    let keys = [
      "null_tokens", "on_missing", "on_added", "format", "encoding", "delimiter", "quote", "escape", "skip_lines", "header",
      "trim", "decimal", "thousands", "fields",
    ]
    guard let map = entry.value.map(keys: keys, diagnostics) else { return nil }
    var table = TableDeclaration(name: entry.key)
    if let tokens = map["null_tokens"]?.texts(diagnostics) { table.nullTokens = tokens }
    if let policy: ColumnPolicy = map["on_missing"]?.choice(diagnostics) { table.onMissing = policy }
    if let policy: ColumnPolicy = map["on_added"]?.choice(diagnostics) { table.onAdded = policy }
    table.format = map["format"]?.choice(diagnostics)
    if let encoding: TextEncoding = map["encoding"]?.choice(diagnostics) { table.encoding = encoding }
    table.delimiter = map["delimiter"].flatMap { singleCharacter($0) }
    if let quote = map["quote"].flatMap({ singleCharacter($0, orNone: true) }) { table.quote = quote }
    table.escape = map["escape"].flatMap { singleCharacter($0) }
    if let lines = map["skip_lines"]?.integer(in: 0...1000, diagnostics) { table.skippedLines = lines }
    table.hasHeader = map["header"]?.boolean(diagnostics) ?? true
    table.trims = map["trim"]?.boolean(diagnostics) ?? false
    if let decimal = map["decimal"].flatMap({ singleCharacter($0) }) { table.decimal = decimal }
    table.thousands = map["thousands"].flatMap { singleCharacter($0) }
    if table.thousands == table.decimal {
      diagnostics.report(
        .invalidValue, "\"thousands\" is the decimal sign, too: both can't be \"\(table.decimal)\"", at: map["thousands"]!)
    }
    table.fields = map.required("fields", diagnostics)?.anyMap(diagnostics)?.entries.compactMap(field) ?? []
    return table
  }

  private func singleCharacter(_ value: LocatedValue, orNone: Bool = false) -> String? {
    guard let text = value.text(diagnostics) else { return nil }
    if text.utf8.count == 1 || (orNone && text.isEmpty) { return text }
    diagnostics.report(.invalidValue, "\"\(value.name)\" must be one ASCII character, found \"\(text)\"", at: value)
    return nil
  }

  private func field(_ entry: LocatedEntry) -> Field? {
    guard case .map = entry.value.content else {
      guard let kind: Field.Kind = entry.value.choice(diagnostics) else { return nil }
      return Field(name: entry.key, kind: kind)
    }
    let keys = ["type", "required", "format", "true_tokens", "false_tokens"]
    guard let map = entry.value.map(keys: keys, diagnostics), let type = map.required("type", diagnostics),
      let kind: Field.Kind = type.choice(diagnostics)
    else { return nil }
    var field = Field(name: entry.key, kind: kind)
    field.required = map["required"]?.boolean(diagnostics) ?? false
    field.format = map["format"]?.text(diagnostics)
    if let format = map["format"], kind != .date, kind != .timestamp {
      diagnostics.report(.invalidValue, "\"format\" is for dates and timestamps, not for \(kind.phrase)", at: format)
    }
    field.trueTokens = map["true_tokens"]?.texts(diagnostics) ?? []
    field.falseTokens = map["false_tokens"]?.texts(diagnostics) ?? []
    if field.trueTokens.isEmpty != field.falseTokens.isEmpty {
      diagnostics.report(.missingKey, "\"true_tokens\" and \"false_tokens\" belong together", at: map.value)
    }
    return field
  }
}
