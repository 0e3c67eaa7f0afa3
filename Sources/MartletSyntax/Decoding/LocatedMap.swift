/// A map of a YAML file, read by key.

import MartletModel

public struct LocatedMap: Sendable {
  /// The map itself, for its place.
  public let value: LocatedValue
  /// In the file's order.
  public let entries: [LocatedEntry]

  init(value: LocatedValue, entries: [LocatedEntry]) {
    self.value = value
    self.entries = entries
  }

  public var keys: [String] { entries.map(\.key) }

  public func entry(_ key: String) -> LocatedEntry? {
    entries.first { $0.key == key }
  }

  /// The key's value; `nil` where it is absent.
  public subscript(_ key: String) -> LocatedValue? {
    entry(key)?.value
  }

  /// The key's value; an absent one is reported.
  public func required(_ key: String, _ diagnostics: DiagnosticCollector) -> LocatedValue? {
    if let value = self[key] { return value }
    let place = value.name.isEmpty ? "" : " in \"\(value.name)\""
    diagnostics.report(.missingKey, "missing key \"\(key)\"\(place)", at: value)
    return nil
  }
}
