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
