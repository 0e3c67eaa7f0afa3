/// Whom the pipeline tells of what happens (`notify`).
public struct NotificationTarget: Hashable, Sendable {
  /// Where events are posted to.
  public enum Address: Hashable, Sendable {
    case url(String)
    /// The environment variable that holds the URL: one with a token does not belong into the pipeline file.
    case environment(String)

    /// What stands for it in records: never the value of a variable.
    public var name: String {
      switch self {
      case .url(let url): url
      case .environment(let variable): "$\(variable)"
      }
    }
  }

  public let address: Address
  public let events: Set<NotificationEvent>

  public init(address: Address, events: Set<NotificationEvent>) {
    self.address = address
    self.events = events
  }

  /// Whether a text is a URL that events may be posted to: `http` or `https`, with a host and without a user.
  public static func isAcceptable(_ url: String) -> Bool {
    let scheme = ["https://", "http://"].first { url.hasPrefix($0) }
    guard let scheme,
      url.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && !"\"\\<>^`{|}".unicodeScalars.contains($0) })
    else { return false }
    let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    return !authority.isEmpty && !authority.contains("@") && !authority.hasPrefix(":")
  }
}

/// What somebody can be told of.
public enum NotificationEvent: String, Hashable, Sendable, CaseIterable {
  case incidentOpened = "incident.opened"
  case incidentClosed = "incident.closed"
  case gateWaiting = "gate.waiting"
  case gateDecided = "gate.decided"
  case releaseReverted = "release.reverted"
  case runFailed = "run.failed"
  case runRejected = "run.rejected"
  case runSucceeded = "run.succeeded"

  /// Those that are told of where the pipeline does not say: what somebody has to look at, and its end.
  public static let usual = Set(allCases).subtracting([.runSucceeded])

  /// CloudEvents' attribute `type`.
  public var type: String { "dev.martlet.\(rawValue)" }
}
