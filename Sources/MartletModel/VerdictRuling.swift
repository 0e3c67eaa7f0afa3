/// What a person decided on a failing verdict, and what the decision is bound to.

public enum VerdictRuling: String, Hashable, Sendable, Codable, CaseIterable {
  /// Others may go on as if the verdict were none of `fail`.
  case accepted
  /// Nothing goes on, and runs end as rejected, while the verdict stands.
  case rejected
}

/// A verdict as decided on: what one task instance said of exactly these inputs.
public struct JudgedVerdict: Hashable, Sendable {
  public let instance: TaskInstance
  public let fingerprint: Fingerprint

  public init(instance: TaskInstance, fingerprint: Fingerprint) {
    self.instance = instance
    self.fingerprint = fingerprint
  }
}
