/// An instant as RFC 3339 writes it.
public struct Timestamp: Hashable, Sendable {
  /// Since 1970-01-01T00:00:00Z.
  public let seconds: Double

  /// `2013-01-31T04:05:06.250+01:00`; the fraction may be absent, the offset may be `Z`. `nil` for anything else.
  public init?(_ text: String) {
    let pattern = /(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|([+-])(\d{2}):(\d{2}))/
    guard let match = text.wholeMatch(of: pattern)?.output, let day = CalendarDay(match.1),
      let hour = Int(match.2), let minute = Int(match.3), let second = Int(match.4), hour < 24, minute < 60, second <= 60
    else { return nil }
    var offset = 0
    if let sign = match.7, let hours = match.8.flatMap({ Int($0) }), let minutes = match.9.flatMap({ Int($0) }) {
      offset = (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
    let fraction = match.5.flatMap { Double("0\($0)") } ?? 0
    seconds = Double(day.ordinal * 86_400 + hour * 3600 + minute * 60 + second - offset) + fraction
  }
}
