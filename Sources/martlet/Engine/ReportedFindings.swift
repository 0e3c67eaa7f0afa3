/// What a judging task found, value by value, as it wrote it into an output: the list `findings` of a JSON file.

import Foundation
import MartletFiles
import MartletModel

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
      guard let bytes = try FileContent.read("\(root)/\(output.path)"),
        let report = try? JSONDecoder().decode(ConfigurationValue.self, from: Data(bytes)),
        case .list(let values)? = report["findings"]
      else { continue }
      return values.compactMap { value in
        guard case .text(let message)? = value["message"] else { return nil }
        return ReportedFinding(
          metric: value["metric"]?.display ?? "", value: value["value"], limit: value["limit"], message: message)
      }
    }
    return []
  }
}
