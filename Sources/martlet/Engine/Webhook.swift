/// Posts one event to one URL with curl: TLS, proxies and the system's certificates without a line of ours, and not at all while nobody
/// is to be told.

import Foundation
import MartletFiles
import MartletModel

struct Webhook {
  let url: String

  enum Answer: Equatable {
    case taken
    /// Nobody is there any more, and says so.
    case gone
    /// - Parameter afterSeconds: what the other side asked for.
    case refused(String, afterSeconds: Double?)
  }

  /// - Parameter limitSeconds: how long it may take at the most.
  func post(_ body: String, limitSeconds: Double) -> Answer {
    do {
      // The URL may hold a token: on standard input no other user sees it.
      let output = try HelperProgram.run(["curl", "-q", "--config", "-"], input: Array(configuration(body, limitSeconds).utf8))
      return Webhook.answer(
        status: output.status, said: String(decoding: output.standardOutput, as: UTF8.self),
        complaint: String(decoding: output.standardError, as: UTF8.self))
    } catch {
      return .refused("\(error): `martlet doctor` says how to install it", afterSeconds: nil)
    }
  }

  private func configuration(_ body: String, _ limitSeconds: Double) -> String {
    """
    url = \(Webhook.quoted(url))
    request = "POST"
    header = \(Webhook.quoted("Content-Type: " + CloudEvent.contentType))
    header = "User-Agent: martlet/\(martletVersion)"
    header = "Expect:"
    data-raw = \(Webhook.quoted(body))
    proto = "=http,https"
    max-redirs = 0
    connect-timeout = \(min(2, limitSeconds))
    max-time = \(limitSeconds)
    globoff
    silent
    show-error
    output = "/dev/null"
    write-out = "%{http_code} %header{retry-after}"

    """
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// Reads what curl said.
  static func answer(status: Int32, said: String, complaint: String) -> Answer {
    let words = said.split(separator: " ")
    guard status == 0, let code = words.first.flatMap({ Int($0) }), code > 0 else {
      let reason = complaint.split(separator: "\n").first.map { String($0.trimmingPrefix("curl: ")).oneLine }
      return .refused(reason ?? "curl ended with status \(status)", afterSeconds: nil)
    }
    switch code {
    case 200..<300: return .taken
    case 410: return .gone
    case 300..<400: return .refused("answered \(code), and redirects are not followed", afterSeconds: nil)
    default: return .refused("answered \(code)", afterSeconds: words.dropFirst().first.flatMap { Double($0) })
    }
  }
}
