/// Who may decide on a gate, by the operating system's users and groups.

import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct GateApprovers {
  /// Why somebody may not decide.
  enum Refusal {
    case noApprover
    case isRequester
    /// Whoever cannot be told from the requester may not decide either.
    case requesterUnknown

    /// At the gate.
    var words: String {
      switch self {
      case .noApprover: "they are none of its approvers"
      case .isRequester: "they started the run that made its subject"
      case .requesterUnknown: "nobody knows any more who started the run that made its subject"
      }
    }

    /// Where the gate's subject is promoted again.
    var wordsOnPromotion: String {
      switch self {
      case .noApprover: "they are none of the approvers of a gate that promotes"
      case .isRequester: "they started the run that made it"
      case .requesterUnknown: "nobody knows any more who started the run that made it"
      }
    }
  }

  private let approvers: [String]
  private let excludesRequester: Bool
  private let requester: String?

  init(_ view: GateView) {
    approvers = view.approvers
    excludesRequester = view.excludesRequester
    requester = view.requester
  }

  /// - Parameter requester: who started the run that made the subject; `nil` where nobody knows.
  init(_ gate: Gate, requester: String?) {
    approvers = gate.approvers
    excludesRequester = gate.excludesRequester
    self.requester = requester
  }

  /// `anybody`, `ann, group:ml`, `anybody except ann`.
  var words: String {
    guard excludesRequester else { return Self.words(approvers) }
    return "\(Self.words(approvers)) except \(requester ?? "who started the run that made its subject")"
  }

  static func words(_ approvers: [String]) -> String {
    approvers.contains("*") ? "anybody" : approvers.joined(separator: ", ")
  }

  /// `nil` if a user may decide.
  func refusal(of user: String) -> Refusal? {
    guard approvers.contains(where: { Self.isMember(user, of: $0) }) else { return .noApprover }
    guard excludesRequester else { return nil }
    guard let requester else { return .requesterUnknown }
    return requester == user ? .isRequester : nil
  }

  /// Those that this machine has no user or group for.
  static func unknown(_ approvers: [String]) -> [String] {
    approvers.filter { approver in
      guard approver != "*" else { return false }
      return group(approver).map { getgrnam($0) == nil } ?? (getpwnam(approver) == nil)
    }
  }

  private static func group(_ approver: String) -> String? {
    approver.hasPrefix("group:") ? String(approver.dropFirst("group:".count)) : nil
  }

  /// `*`, a user's name, or `group:NAME`.
  private static func isMember(_ user: String, of approver: String) -> Bool {
    if approver == "*" || approver == user { return true }
    guard let group = group(approver).flatMap({ getgrnam($0) }) else { return false }
    var member = group.pointee.gr_mem
    while let name = member?.pointee {
      if String(cString: name) == user { return true }
      member = member?.advanced(by: 1)
    }
    return getpwnam(user)?.pointee.pw_gid == group.pointee.gr_gid
  }
}
