/// Appends result records to the file at `MARTLET_RESULT`, one line and one write each.

import MartletModel

/// A number or a short text shown beside a task.
public enum Figure: Sendable, Equatable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral {
  case integer(Int)
  case number(Double)
  case text(String)

  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .text(value) }

  var value: ConfigurationValue {
    switch self {
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .text(let value): .text(value)
    }
  }
}

/// What a task says of an item it has finished.
public struct ItemResult: Sendable, Equatable {
  public let verdict: Verdict?
  public let message: String?
  public let figures: [String: Figure]
  /// What the verdict follows from, one object each with `metric`, `value`, `limit` and `message`, where no output lists it.
  public let findings: [ConfigurationValue]

  public init(
    verdict: Verdict? = nil, message: String? = nil, figures: [String: Figure] = [:], findings: [ConfigurationValue] = []
  ) {
    self.verdict = verdict
    self.message = message
    self.figures = figures
    self.findings = findings
  }
}

/// Writes the records of an attempt. Without a path it writes nothing, for a task run by hand.
public struct ResultWriter: Sendable {
  private let path: String?

  public init(path: String?) {
    self.path = path
  }

  /// Records that an item's outputs are written.
  public func succeeded(_ item: TaskSpecification.Item, _ result: ItemResult) throws {
    var record: [String: ConfigurationValue] = ["status": .text("succeeded")]
    if let verdict = result.verdict { record["verdict"] = .text(verdict.rawValue) }
    if !result.findings.isEmpty { record["findings"] = .list(result.findings) }
    try append(record, item, result.message, result.figures)
  }

  /// Records why an item failed.
  public func failed(_ item: TaskSpecification.Item?, _ failure: TaskFailure) throws {
    var record: [String: ConfigurationValue] = ["status": .text("failed"), "class": .text(failure.failureClass.rawValue)]
    if let seedsLeft = failure.seedsLeft { record["seedsLeft"] = .integer(seedsLeft) }
    try append(record, item, failure.message, failure.figures)
  }

  private func append(
    _ record: [String: ConfigurationValue], _ item: TaskSpecification.Item?, _ message: String?, _ figures: [String: Figure]
  ) throws {
    guard let path else { return }
    var record = record
    if let partition = item?.partition { record["partition"] = .text(partition.value) }
    if let message { record["message"] = .text(message) }
    if !figures.isEmpty { record["figures"] = .map(figures.mapValues(\.value)) }
    try TaskFile.append(ConfigurationValue.map(record).canonicalJSON + "\n", to: path)
  }
}
