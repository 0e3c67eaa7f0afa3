/// How an artifact is sliced, as declared under `partitions:`.
public struct PartitionDefinition: Hashable, Sendable {
  /// How long one slice is.
  public enum Interval: String, Hashable, Sendable, CaseIterable {
    case day
  }

  public let name: String
  public let every: Interval
  public let start: CalendarDay
  /// The last day; `nil` means up to today in `timezone`.
  public let end: CalendarDay?
  /// An IANA time zone; it decides when today begins.
  public let timezone: String

  public init(name: String, every: Interval, start: CalendarDay, end: CalendarDay?, timezone: String) {
    self.name = name
    self.every = every
    self.start = start
    self.end = end
    self.timezone = timezone
  }

  /// Every partition from the start to the end, in order.
  /// - Parameter today: the current day in the definition's time zone, used only where there is no `end`.
  public func partitions(today: CalendarDay) -> [Partition] {
    let last = end ?? today
    guard start <= last else { return [] }
    return (start...last).map { Partition(name: name, value: $0.description) }
  }
}

/// One slice: `dt=2013-01-31`.
public struct Partition: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  public let name: String
  public let value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  public var description: String { "\(name)=\(value)" }

  public static func < (left: Partition, right: Partition) -> Bool {
    (left.name, left.value) < (right.name, right.value)
  }
}

/// A range of partitions as given to `-p`: `dt=2013-01-01` or `dt=2013-01-01..2013-01-31`, both ends included.
public struct PartitionRange: Hashable, Sendable, CustomStringConvertible {
  public let name: String
  public let first: CalendarDay
  public let last: CalendarDay

  public init(name: String, first: CalendarDay, last: CalendarDay) {
    self.name = name
    self.first = first
    self.last = last
  }

  /// `nil` unless the text is a name, `=`, a day, and perhaps `..` and a day that is no earlier.
  public init?(_ text: String) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let name = String(text[..<equals])
    let days = text[text.index(after: equals)...].split(separator: "..", omittingEmptySubsequences: false)
    guard !name.isEmpty, (1...2).contains(days.count), let first = CalendarDay(days[0]), let last = CalendarDay(days.last!),
      first <= last
    else { return nil }
    self.init(name: name, first: first, last: last)
  }

  /// As it is given: `dt=2013-01-01`, `dt=2013-01-01..2013-01-31`.
  public var description: String { first == last ? "\(name)=\(first)" : "\(name)=\(first)..\(last)" }

  public func contains(_ partition: Partition) -> Bool {
    guard partition.name == name, let day = CalendarDay(partition.value) else { return false }
    return (first...last).contains(day)
  }
}
