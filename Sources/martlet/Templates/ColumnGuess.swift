/// What a column most likely is, told from a sample of its values.

struct ColumnGuess {
  /// The types of `config/schema.yaml`.
  enum Kind: Hashable {
    case integer
    case number
    case boolean
    /// With DuckDB's format where it is not ISO 8601.
    case date(format: String?)
    case timestamp
    case string

    var word: String {
      switch self {
      case .integer: "integer"
      case .number: "number"
      case .boolean: "boolean"
      case .date: "date"
      case .timestamp: "timestamp"
      case .string: "string"
      }
    }
  }

  let name: String
  let kind: Kind
  /// Texts in the sample that mean null.
  let nullTokens: Set<String>
  let hasNulls: Bool
  /// Different values and how often each occurs, without nulls.
  let values: [String: Int]
  /// Whether numbers are written with a decimal comma.
  let hasDecimalComma: Bool

  static let nullCandidates: Set = ["", "NA", "N/A", "null", "NULL", "NaN", "nan", "None", "?"]

  init(name: String, texts: [String]) {
    self.name = name
    let present = texts.filter { !ColumnGuess.nullCandidates.contains($0) }
    let absent = texts.filter { ColumnGuess.nullCandidates.contains($0) }
    let comma = !present.isEmpty && present.contains { $0.contains(",") } && present.allSatisfy(ColumnGuess.isDecimalComma)
    hasDecimalComma = comma
    let guess = comma ? .number : ColumnGuess.kind(of: present)
    kind = guess
    // In a column of texts, `None` or `?` may well be a value.
    let nulls = guess == .string ? absent.filter { $0 == "" || $0 == "NA" } : absent
    nullTokens = Set(nulls)
    hasNulls = !nulls.isEmpty
    values = (guess == .string ? texts.filter { $0 != "" && $0 != "NA" } : present).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// Whether it names rows and says nothing of them.
  var isIdentifier: Bool {
    let lower = name.lowercased()
    let isNamedSo = ["id", "key", "uuid", "index", "rownum"].contains(lower) || lower.hasSuffix("_id") || lower.hasSuffix("uuid")
    return isNamedSo && (kind == .integer || kind == .string)
  }

  private static func kind(of texts: [String]) -> Kind {
    guard !texts.isEmpty else { return .string }
    let tests: [(Kind, (String) -> Bool)] = [
      (.boolean, { ["true", "false"].contains($0.lowercased()) }), (.integer, isInteger), (.number, isNumber),
      (.date(format: nil), isISODate), (.timestamp, isTimestamp),
      (.date(format: "%d.%m.%Y"), { isDate($0, ".", dayAt: 0) }), (.date(format: "%m/%d/%Y"), { isDate($0, "/", dayAt: 1) }),
      (.date(format: "%d/%m/%Y"), { isDate($0, "/", dayAt: 0) }),
    ]
    return tests.first { texts.allSatisfy($0.1) }?.0 ?? .string
  }

  private static func isInteger(_ text: String) -> Bool {
    // A leading zero means a code, such as a postal code, not a number.
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    return Int(text) != nil && !text.hasPrefix("+") && (digits.count == 1 || !digits.hasPrefix("0"))
  }

  private static func isNumber(_ text: String) -> Bool {
    guard let first = text.first, first.isNumber || "-+.".contains(first), let value = Double(text) else { return false }
    return value.isFinite && !(text.count > 1 && first == "0" && text.allSatisfy(\.isNumber))
  }

  private static func isDecimalComma(_ text: String) -> Bool {
    !text.contains(".") && text.count { $0 == "," } <= 1 && isNumber(text.replacing(",", with: "."))
  }

  private static func isISODate(_ text: String) -> Bool {
    isDate(text, "-", dayAt: 2)
  }

  /// Three numbers, of which the one at `dayAt` is a day, the year has four digits and the rest is a month.
  private static func isDate(_ text: String, _ separator: Character, dayAt: Int) -> Bool {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return false }
    let yearAt = dayAt == 2 ? 0 : 2
    let monthAt = 3 - yearAt - dayAt
    guard parts[yearAt].count == 4, Int(parts[yearAt]) != nil, let month = Int(parts[monthAt]), let day = Int(parts[dayAt]),
      parts[monthAt].count <= 2, parts[dayAt].count <= 2
    else { return false }
    return (1...12).contains(month) && (1...31).contains(day)
  }

  /// An ISO date, `T` or a space, a time, perhaps an offset.
  private static func isTimestamp(_ text: String) -> Bool {
    guard text.count >= 16, isISODate(String(text.prefix(10))) else { return false }
    let rest = text.dropFirst(10)
    guard rest.first == "T" || rest.first == " " else { return false }
    let time = rest.dropFirst()
    return time.prefix(2).allSatisfy(\.isNumber) && time.dropFirst(2).first == ":"
      && time.dropFirst(3).prefix(2).allSatisfy(\.isNumber)
      && time.dropFirst(5).allSatisfy { $0.isNumber || ":.Z+- ".contains($0) }
  }
}
