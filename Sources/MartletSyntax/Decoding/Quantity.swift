/// Durations, sizes and days as configuration files write them.

import MartletModel

public enum Quantity {
  /// Seconds of `250ms`, `30s`, `5m`, `2h` or `1d`; `nil` for anything else, and for zero.
  public static func seconds(_ text: String) -> Double? {
    let units: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let (number, unit) = split(text), let factor = units[unit], number > 0 else { return nil }
    return Double(number) * factor
  }

  /// Bytes of `512MiB`, `4GiB`, `2GB` …; `nil` for anything else, for zero and for what 64 bits can't hold.
  public static func bytes(_ text: String) -> Int? {
    let units: [String: Int] = [
      "B": 1, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000, "KiB": 1 << 10, "MiB": 1 << 20,
      "GiB": 1 << 30, "TiB": 1 << 40,
    ]
    guard let (number, unit) = split(text), let factor = units[unit], number > 0 else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  private static func split(_ text: String) -> (Int, String)? {
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard !digits.isEmpty, let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
    return (number, String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self))
  }
}

extension LocatedValue {
  /// A duration such as `"30s"`, in seconds.
  public func seconds(_ diagnostics: DiagnosticCollector) -> Double? {
    quantity("a duration with its unit, such as 30s, 5m or 2h", Quantity.seconds, diagnostics)
  }

  /// A size such as `"4GiB"`, in bytes.
  public func bytes(_ diagnostics: DiagnosticCollector) -> Int? {
    quantity("a size with its unit, such as 512MiB or 4GiB", Quantity.bytes, diagnostics)
  }

  /// A day such as `2013-01-31`.
  public func day(_ diagnostics: DiagnosticCollector) -> CalendarDay? {
    quantity("a day of the calendar, such as 2013-01-31", { CalendarDay($0) }, diagnostics)
  }

  private func quantity<Value>(
    _ expected: String, _ parse: (String) -> Value?, _ diagnostics: DiagnosticCollector
  ) -> Value? {
    guard case .text(let text) = content else {
      diagnostics.reportType(expected, at: self)
      return nil
    }
    if let value = parse(text) { return value }
    diagnostics.report(.invalidValue, "\"\(name)\" must be \(expected), found \"\(text)\"", at: self)
    return nil
  }
}
