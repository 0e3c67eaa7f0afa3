/// One attempt as decided: what it runs, what it reads, where it writes, and how its outputs are published.

import MartletModel

public struct AttemptPlan: Sendable, Hashable {
  /// One task instance of the attempt: for a batch one for each partition, otherwise exactly one.
  public struct Item: Sendable, Hashable {
    public let instance: TaskInstance
    public let fingerprint: Fingerprint
    public let ingredients: Ingredients
    public let inputs: [ItemInput]
    public let outputs: [ItemOutput]
  }

  /// What is read under one name, file by file, with the digests that the fingerprint holds.
  public struct ItemInput: Sendable, Hashable {
    public let name: String
    public let paths: [ArtifactPath]
    public let digests: [Digest]
    /// As long as `paths` where the input reads several partitions, otherwise empty.
    public let partitions: [Partition]
    public let keys: [String]?
    /// For an input with `keys`: the canonical JSON of each key, which is what must not have changed.
    public let keyValues: [String: String]
    /// Optional sources that the fingerprint holds as absent: they must still be.
    public var absentPaths: [ArtifactPath] = []
  }

  /// Where one output is staged and where it belongs. Equal for a task with `in_place`.
  public struct ItemOutput: Sendable, Hashable {
    public let name: String
    public let staged: ArtifactPath
    public let target: ArtifactPath
    /// The digest that the last checkpoint recorded for it.
    public let previous: Digest?
    /// Whether it must never replace another version (a release's folder).
    public let isImmutable: Bool
  }

  public let record: AttemptRecord
  /// The text of `MARTLET_SPEC`.
  public let specification: String
  public internal(set) var items: [Item]
  /// `nil` for a built-in: the composition root knows its executable.
  public let shellCommand: String?
  /// The task's own `env`, expanded.
  public let environment: [String: String]
  public let timeoutSeconds: Double?
  public let inPlace: Bool
  /// Files under `code:` with their digests, checked again like inputs.
  public let code: [ArtifactPath: Digest]

  /// The attempt's folder, relative to the workspace.
  public var folder: String { AttemptPlan.folder(of: record.id) }

  public static func folder(of attempt: String) -> String { ".martlet/attempts/\(attempt)" }

  /// Where an output is written before it is published, under its own name. Folders keep the outputs of one attempt apart; where there is a
  /// single one, none is made for it.
  /// - Parameters:
  ///   - place: of the instance in the attempt.
  ///   - isAlone: the attempt has one instance and that one output.
  public static func staged(
    _ target: ArtifactPath, of output: String, place: Int, attempt: String, isAlone: Bool
  ) -> ArtifactPath {
    let own = isAlone ? "" : "\(place)/\(output)/"
    return ArtifactPath("\(folder(of: attempt))/out/\(own)\(target.lastComponent)\(target.isFolder ? "/" : "")")
  }
}
