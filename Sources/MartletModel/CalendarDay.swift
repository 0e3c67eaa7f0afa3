/// A day of the proleptic Gregorian calendar, without a time zone.
public struct CalendarDay: Hashable, Sendable {
  /// Days since 1970-01-01.
  public let ordinal: Int

  public init(ordinal: Int) {
    self.ordinal = ordinal
  }

  /// A day from its parts; `nil` if there is no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
    let candidate = CalendarDay(ordinal: CalendarDay.ordinal(year: year, month: month, day: day))
    guard candidate.parts == (year, month, day) else { return nil }
    self = candidate
  }

  /// A day written `YYYY-MM-DD`; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
    let digits = [0, 1, 2, 3, 5, 6, 8, 9].map { bytes[$0] }
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    let values = digits.map { Int($0 - UInt8(ascii: "0")) }
    self.init(
      year: values[0] * 1000 + values[1] * 100 + values[2] * 10 + values[3],
      month: values[4] * 10 + values[5], day: values[6] * 10 + values[7])
  }

  public var parts: (year: Int, month: Int, day: Int) {
    // Years that begin in March put the leap day last, so that a month's first day is a linear function of the month.
    let shifted = ordinal + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func ordinal(year: Int, month: Int, day: Int) -> Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

extension Sequence<CalendarDay> {
  /// The days in order, those that follow each other joined.
  public var stretches: [ClosedRange<CalendarDay>] {
    var stretches: [ClosedRange<CalendarDay>] = []
    for day in sorted() {
      if let last = stretches.last, last.upperBound.distance(to: day) <= 1 {
        stretches[stretches.count - 1] = last.lowerBound...day
      } else {
        stretches.append(day...day)
      }
    }
    return stretches
  }
}

extension CalendarDay: Comparable, Strideable, CustomStringConvertible {
  public static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.ordinal < right.ordinal }
  public func distance(to other: CalendarDay) -> Int { other.ordinal - ordinal }
  public func advanced(by days: Int) -> CalendarDay { CalendarDay(ordinal: ordinal + days) }

  /// `YYYY-MM-DD`
  public var description: String {
    let (year, month, day) = parts
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
  }

  private func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
