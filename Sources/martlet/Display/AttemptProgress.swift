/// How far an attempt is: the newest line of its progress events, as far as it makes sense.

import Foundation
import MartletFiles
import MartletModel
import MartletRun

struct AttemptProgress: Decodable, Equatable {
  /// 0 to 1
  let fraction: Double?
  let done: Int?
  let total: Int?
  let unit: String?
  let message: String?

  private enum CodingKeys: String, CodingKey {
    case done, total, unit, message
    case fraction = "progress"
  }

  /// Any process may have written the line: a number that is none, or no count, is left out.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func count(_ key: CodingKeys) throws -> Int? {
      try container.decodeIfPresent(Double.self, forKey: key).flatMap { Int(exactly: $0.rounded()) }
    }
    fraction = try container.decodeIfPresent(Double.self, forKey: .fraction).map { min(max($0, 0), 1) }
    done = try count(.done)
    total = try count(.total)
    unit = try container.decodeIfPresent(String.self, forKey: .unit)
    message = try container.decodeIfPresent(String.self, forKey: .message)
  }

  /// `nil` while the attempt has said nothing, and for a last line that is no event.
  /// - Parameter root: the workspace's absolute path.
  static func read(_ attempt: String, root: String) -> AttemptProgress? {
    // The display must never fail a run: what cannot be read is not shown.
    let path = "\(root)/\(AttemptPlan.folder(of: attempt))/events.jsonl"
    guard let tail = try? FileContent.tail(of: path, count: 4096), let end = tail.lastIndex(of: UInt8(ascii: "\n")) else {
      return nil
    }
    let start = tail[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return try? JSONDecoder().decode(AttemptProgress.self, from: Data(tail[start..<end]))
  }

  /// `45%, 300 of 600 rounds, fold 2`
  var text: String {
    var parts: [String] = []
    if let fraction { parts.append("\(Int(fraction * 100))%") }
    if let done {
      let counted = NumberText.grouped(done) + (total.map { " of \(NumberText.grouped($0))" } ?? "")
      parts.append([counted, unit].compactMap { $0 }.joined(separator: " "))
    }
    if let message { parts.append(message.oneLine) }
    return parts.joined(separator: ", ")
  }

  var document: ConfigurationValue {
    Document.object([
      "fraction": fraction.map(ConfigurationValue.number), "done": done.map(ConfigurationValue.integer),
      "total": total.map(ConfigurationValue.integer), "unit": Document.text(unit), "message": Document.text(message),
    ])
  }
}
