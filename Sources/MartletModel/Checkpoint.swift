/// The durable record that a task instance succeeded.
public struct Checkpoint: Hashable, Sendable, Codable {
  public static let schema = "martlet.checkpoint/1"

  public let instance: TaskInstance
  public let fingerprint: Fingerprint
  public let ingredients: Ingredients
  public let outputs: [RecordedOutput]
  public let verdict: Verdict?
  public let message: String?
  public let figures: [String: ConfigurationValue]
  /// The run and the attempt that made it.
  public let run: String
  public let attempt: String
  /// Names of outputs that `gc` removed, sorted: they count as present until a task that must run reads them. `nil` where there are none,
  /// so that such a file reads as it always did.
  public var collected: [String]?

  public init(
    instance: TaskInstance, fingerprint: Fingerprint, ingredients: Ingredients, outputs: [RecordedOutput],
    verdict: Verdict?, message: String?, figures: [String: ConfigurationValue], run: String, attempt: String,
    collected: [String]? = nil
  ) {
    self.instance = instance
    self.fingerprint = fingerprint
    self.ingredients = ingredients
    self.outputs = outputs
    self.verdict = verdict
    self.message = message
    self.figures = figures
    self.run = run
    self.attempt = attempt
    self.collected = collected
  }
}

/// One output as it was published.
public struct RecordedOutput: Hashable, Sendable, Codable {
  public let name: String
  public let path: ArtifactPath
  public let digest: Digest
  /// The size in bytes; of a folder, the sum of its files'.
  public let bytes: Int

  public init(name: String, path: ArtifactPath, digest: Digest, bytes: Int) {
    self.name = name
    self.path = path
    self.digest = digest
    self.bytes = bytes
  }
}
