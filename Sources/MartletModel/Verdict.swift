/// What a task that judges says of what it saw. The task itself succeeded.
public enum Verdict: String, Hashable, Sendable, Codable {
  case pass
  case warn
  case fail
}

/// How one attempt ended.
public enum Outcome: String, Hashable, Sendable, Codable {
  case succeeded
  case failed
  case timedOut
  case cancelled
  case lost
}
