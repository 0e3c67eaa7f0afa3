/// Reading Swift values out of located ones; what is not as expected is reported and gives `nil`.

import MartletModel

extension LocatedValue {
  /// A map of known keys; every other key is reported with the nearest known one. Keys that begin with `x-` are free.
  public func map(keys: [String], _ diagnostics: DiagnosticCollector) -> LocatedMap? {
    guard let map = anyMap(diagnostics) else { return nil }
    for entry in map.entries where !keys.contains(entry.key) && !entry.key.hasPrefix("x-") {
      diagnostics.report(
        .unknownKey, "unknown key \"\(entry.key)\"" + (name.isEmpty ? "" : " in \"\(name)\""), atKeyOf: entry,
        help: suggestion(for: entry.key, among: keys))
    }
    return map
  }

  /// A map whose keys are names that the file chooses.
  public func anyMap(_ diagnostics: DiagnosticCollector) -> LocatedMap? {
    guard case .map(let entries) = content else {
      diagnostics.reportType("a map", at: self)
      return nil
    }
    return LocatedMap(value: self, entries: entries)
  }

  public func list(_ diagnostics: DiagnosticCollector) -> [LocatedValue]? {
    guard case .list(let values) = content else {
      diagnostics.reportType("a list", at: self)
      return nil
    }
    return values
  }

  public func text(_ diagnostics: DiagnosticCollector) -> String? {
    guard case .text(let value) = content else {
      let quotes: String? =
        switch content {
        case .boolean, .integer, .number: "put it in quotes if a text is meant"
        default: nil
        }
      diagnostics.reportType("a text", at: self, help: quotes)
      return nil
    }
    return value
  }

  /// A list of texts; items that are none are reported and left out.
  public func texts(_ diagnostics: DiagnosticCollector) -> [String]? {
    list(diagnostics)?.compactMap { $0.text(diagnostics) }
  }

  public func boolean(_ diagnostics: DiagnosticCollector) -> Bool? {
    guard case .boolean(let value) = content else {
      diagnostics.reportType("true or false", at: self)
      return nil
    }
    return value
  }

  public func integer(in range: ClosedRange<Int>? = nil, _ diagnostics: DiagnosticCollector) -> Int? {
    guard case .integer(let value) = content else {
      diagnostics.reportType("an integer", at: self)
      return nil
    }
    return check(value, in: range, diagnostics)
  }

  /// A number; integers count as numbers. Not a number and infinity are no numbers here.
  public func number(in range: ClosedRange<Double>? = nil, _ diagnostics: DiagnosticCollector) -> Double? {
    switch content {
    case .integer(let value):
      return check(Double(value), in: range, diagnostics)
    case .number(let value) where value.isFinite:
      return check(value, in: range, diagnostics)
    default:
      diagnostics.reportType("a number", at: self)
      return nil
    }
  }

  /// One of the raw values of an enumeration.
  public func choice<Choice: RawRepresentable & CaseIterable>(_ diagnostics: DiagnosticCollector) -> Choice?
  where Choice.RawValue == String {
    guard let text = text(diagnostics) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    diagnostics.report(
      .invalidValue, "\"\(name)\" can't be \"\(text)\"", at: self,
      help: suggestion(for: text, among: Choice.allCases.map(\.rawValue)))
    return nil
  }

  private func check<Value: Comparable>(
    _ value: Value, in range: ClosedRange<Value>?, _ diagnostics: DiagnosticCollector
  ) -> Value? {
    guard let range, !range.contains(value) else { return value }
    diagnostics.report(
      .invalidValue, "\"\(name)\" is \(value), but must be between \(range.lowerBound) and \(range.upperBound)", at: self)
    return nil
  }
}
