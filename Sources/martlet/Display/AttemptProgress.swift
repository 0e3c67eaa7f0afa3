/// The newest line of an attempt's progress events.

import Foundation
import MartletFiles

struct AttemptProgress: Decodable {
  /// 0 to 1
  let progress: Double?
  let done: Double?
  let unit: String?
  let message: String?

  /// `nil` while the attempt has said nothing, and for a last line that is no event.
  static func read(_ path: String) -> AttemptProgress? {
    // The display must never fail a run: what cannot be read is not shown.
    guard let tail = try? FileContent.tail(of: path, count: 4096), let end = tail.lastIndex(of: UInt8(ascii: "\n")) else {
      return nil
    }
    let start = tail[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return try? JSONDecoder().decode(AttemptProgress.self, from: Data(tail[start..<end]))
  }
}
