/// Who may decide on a gate, by the operating system's users and groups.

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
    guard view.approvers.contains(where: { isMember(user, of: $0) }) else { return "they are none of its approvers" }
    guard view.excludesRequester else { return nil }
    // Whoever cannot be told from the requester may not decide either.
    guard let requester = view.requester else { return "nobody knows any more who started the run that made its subject" }
    return requester == user ? "they started the run that made its subject" : nil
  }

  /// `*`, a user's name, or `group:NAME`.
  private func isMember(_ user: String, of approver: String) -> Bool {
    if approver == "*" || approver == user { return true }
    guard approver.hasPrefix("group:"), let group = getgrnam(String(approver.dropFirst("group:".count))) else { return false }
    var member = group.pointee.gr_mem
    while let name = member?.pointee {
      if String(cString: name) == user { return true }
      member = member?.advanced(by: 1)
    }
    return getpwnam(user)?.pointee.pw_gid == group.pointee.gr_gid
  }
}
