/// Who may decide on a gate, by the operating system's users and groups.

import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct GateApprovers {
  private let view: GateView

  init(_ view: GateView) {
    self.view = view
  }

  /// Why a user may not decide; `nil` if they may.
  func refusal(of user: String) -> String? {
    guard view.approvers.contains(where: { Self.isMember(user, of: $0) }) else { return "they are none of its approvers" }
    guard view.excludesRequester else { return nil }
    // Whoever cannot be told from the requester may not decide either.
    guard let requester = view.requester else { return "nobody knows any more who started the run that made its subject" }
    return requester == user ? "they started the run that made its subject" : nil
  }

  /// Whether a user may promote a release again: whoever may approve a gate that promotes, and everybody where there is none.
  static func mayPromote(_ user: String, _ pipeline: Pipeline) -> Bool {
    let gates = pipeline.tasks.compactMap(\.gate).filter { $0.subject != nil }
    return gates.isEmpty || gates.contains { gate in gate.approvers.contains { isMember(user, of: $0) } }
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
