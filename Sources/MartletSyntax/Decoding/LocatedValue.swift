/// A value of a YAML file together with the place where it stands.

import MartletModel

public struct LocatedValue: Sendable {
  public indirect enum Content: Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([LocatedValue])
    /// In the file's order; keys are unique.
    case map([LocatedEntry])
  }

  public let content: Content
  public let location: SourceLocation
  /// How many characters of the line the value takes, for the caret line.
  public let length: Int
  /// The nearest key above the value, for messages; empty for the whole file.
  public let name: String

  public init(content: Content, location: SourceLocation, length: Int, name: String) {
    self.content = content
    self.location = location
    self.length = length
    self.name = name
  }

  /// The value without its places.
  public var configuration: ConfigurationValue {
    switch content {
    case .null: .null
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .text(let value): .text(value)
    case .list(let values): .list(values.map(\.configuration))
    case .map(let entries):
      .map(Dictionary(entries.map { ($0.key, $0.value.configuration) }, uniquingKeysWith: { first, _ in first }))
    }
  }

  public var isNull: Bool {
    if case .null = content { true } else { false }
  }

  /// What the value is, as messages say it: `a map`, `the text "on"`.
  public var kind: String {
    switch content {
    case .null: "nothing"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): "the integer \(value)"
    case .number(let value): "the number \(value)"
    case .text(let value) where value.count <= 40 && !value.contains(where: \.isNewline): "the text \"\(value)\""
    case .text: "a text"
    case .list: "a list"
    case .map: "a map"
    }
  }
}

/// A key of a map with its value.
public struct LocatedEntry: Sendable {
  public let key: String
  public let keyLocation: SourceLocation
  public let keyLength: Int
  public let value: LocatedValue

  public init(key: String, keyLocation: SourceLocation, keyLength: Int, value: LocatedValue) {
    self.key = key
    self.keyLocation = keyLocation
    self.keyLength = keyLength
    self.value = value
  }
}
