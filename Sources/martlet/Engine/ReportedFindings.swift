/// What a judging task found, value by value: the list `findings` of a JSON file among its outputs, else of its result record.

import Foundation
import MartletFiles
import MartletModel
import MartletRun

/// A rule that was broken.
struct ReportedFinding {
  let metric: String
  let value: ConfigurationValue?
  let limit: ConfigurationValue?
  let message: String
}

struct ReportedFindings {
  let root: String

  /// In bytes; an output that is larger is data, not a report.
  private static let largestReport = 4 << 20

  func of(_ checkpoint: Checkpoint) throws -> [ReportedFinding] {
    for output in checkpoint.outputs where output.path.string.hasSuffix(".json") && output.bytes <= Self.largestReport {
      guard let bytes = try FileContent.read("\(root)/\(output.path)"), let found = findings(in: value(bytes)) else { continue }
      return found
    }
    return try result(checkpoint)
  }

  /// What the attempt said in its result, where that is still there.
  private func result(_ checkpoint: Checkpoint) throws -> [ReportedFinding] {
    let path = "\(root)/\(AttemptPlan.folder(of: checkpoint.attempt))/result.jsonl"
    guard let bytes = try FileContent.read(path), bytes.count <= Self.largestReport else { return [] }
    let partition = checkpoint.instance.partition?.value
    // One record may be spread over several lines.
    let records = ([bytes[...]] + bytes.split(separator: UInt8(ascii: "\n"))).map { value(Array($0)) }
    let own = records.last { $0?["findings"] != nil && $0?["partition"]?.display == partition }
    return own.flatMap(findings) ?? []
  }

  private func value(_ bytes: [UInt8]) -> ConfigurationValue? {
    try? JSONDecoder().decode(ConfigurationValue.self, from: Data(bytes))
  }

  /// `nil` where it lists none.
  private func findings(in report: ConfigurationValue?) -> [ReportedFinding]? {
    guard case .list(let values)? = report?["findings"] else { return nil }
    return values.compactMap { value in
      guard case .text(let message)? = value["message"] else { return nil }
      return ReportedFinding(
        metric: value["metric"]?.display ?? "", value: value["value"], limit: value["limit"], message: message)
    }
  }
}
