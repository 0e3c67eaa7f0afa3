/// A day of the proleptic Gregorian calendar, counted from 1970-01-01.

import MartletModel
import MartletSyntax

struct CalendarDay: Equatable, Comparable, CustomStringConvertible {
  let number: Int

  init(number: Int) { self.number = number }

  /// Reads `2013-11-01`; nil for anything else and for days that no calendar has.
  init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard text.utf8.count == 10, parts.map(\.utf8.count) == [4, 2, 2] else { return nil }
    let numbers = parts.compactMap { part in part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil }
    guard numbers.count == 3 else { return nil }
    number = Self.count(year: numbers[0], month: numbers[1], day: numbers[2])
    if description != text { return nil }
  }

  /// Reads a day of a configuration file; anything else is reported.
  init?(_ value: LocatedValue, _ diagnostics: DiagnosticCollector) {
    guard let text = value.text(diagnostics) else { return nil }
    guard let day = CalendarDay(text) else {
      diagnostics.report(.invalidValue, "\"\(value.name)\" must be a day such as 2013-11-01", at: value)
      return nil
    }
    self = day
  }

  static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }

  var description: String {
    // The inverse of `count`: years begin in March, so that the leap day is the last of its year.
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// Days from 1970-01-01: Hinnant, "chrono-compatible low-level date algorithms".
  private static func count(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
