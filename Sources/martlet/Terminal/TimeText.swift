/// Times, durations and sizes as a person and as JSON read them.

import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

enum TimeText {
  /// `2013-01-31 04:05:06` in the local time zone.
  static func local(_ seconds: Double) -> String {
    let parts = parts(seconds)
    return "\(parts.day) \(parts.time)"
  }

  /// RFC 3339 with milliseconds and the local offset: `2013-01-31T04:05:06.250+01:00`.
  static func timestamp(_ seconds: Double) -> String {
    let parts = parts(seconds)
    let milliseconds = Int(((seconds - seconds.rounded(.down)) * 1000).rounded(.down))
    let minutes = abs(parts.offset) / 60
    let zone = (parts.offset < 0 ? "-" : "+") + padded(minutes / 60, 2) + ":" + padded(minutes % 60, 2)
    return "\(parts.day)T\(parts.time).\(padded(milliseconds, 3))\(zone)"
  }

  /// Seconds since 1970 of an RFC 3339 time, of a local time without an offset (`2013-01-31T04:05`), or of the end of a local day
  /// (`2013-01-31`); `nil` for anything else.
  static func instant(_ text: String) -> Double? {
    if let timestamp = Timestamp(text) { return timestamp.seconds }
    // The history knows milliseconds.
    if let day = CalendarDay(text) { return local(day.advanced(by: 1), hour: 0, minute: 0, second: 0).map { $0 - 0.001 } }
    guard let match = text.wholeMatch(of: /(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?/)?.output,
      let day = CalendarDay(match.1),
      let hour = Int(match.2), let minute = Int(match.3), let second = Int(match.4 ?? "00"), hour < 24, minute < 60, second < 60
    else { return nil }
    return local(day, hour: hour, minute: minute, second: second)
  }

  private static func local(_ day: CalendarDay, hour: Int, minute: Int, second: Int) -> Double? {
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (
      Int32(day.parts.year) - 1900, Int32(day.parts.month) - 1, Int32(day.parts.day)
    )
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
    // Whether summer time applies is found out.
    parts.tm_isdst = -1
    let time = mktime(&parts)
    return time == -1 ? nil : Double(time)
  }

  /// `0.3s`, `4.1s`, `1m12s`, `2h05m`.
  static func duration(_ seconds: Double) -> String {
    let seconds = max(0, seconds)
    if seconds < 59.95 {
      let tenths = Int((seconds * 10).rounded())
      return "\(tenths / 10).\(tenths % 10)s"
    }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60)m\(padded(whole % 60, 2))s" }
    return "\(whole / 3600)h\(padded(whole / 60 % 60, 2))m"
  }

  private static func parts(_ seconds: Double) -> (day: String, time: String, offset: Int) {
    var time = time_t(seconds.rounded(.down))
    var parts = tm()
    localtime_r(&time, &parts)
    let day = [padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2), padded(Int(parts.tm_mday), 2)]
    let clock = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)].map { padded($0, 2) }
    return (day.joined(separator: "-"), clock.joined(separator: ":"), parts.tm_gmtoff)
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

enum SizeText {
  /// `17 B`, `1.4 KiB`, `2.0 GiB`.
  static func bytes(_ count: Int) -> String {
    guard count >= 1024 else { return "\(count) B" }
    var value = Double(count)
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }
}

enum NumberText {
  /// Four digits behind the point, without zeros at the end: `0.6037`, `12`.
  static func rounded(_ value: Double) -> String {
    let scaled = (value * 10_000).rounded()
    guard scaled.magnitude < 1e15, scaled != 0 || value == 0 else { return "\(value)" }
    let text = "\(scaled / 10_000)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// `1 row`, `1,204,331 rows`.
  static func counted(_ count: Int, _ noun: String) -> String { "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")" }

  /// `1,204,331`
  static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var groups: [String] = []
    var end = digits.count
    while end > 0 {
      groups.insert(String(digits[max(0, end - 3)..<end]), at: 0)
      end -= 3
    }
    return (value < 0 ? "-" : "") + groups.joined(separator: ",")
  }
}
