/// What the planner is told of the workspace: a value, gathered once, so that a plan is a function of its inputs.

import MartletModel

/// The state of the workspace as far as planning needs it.
public struct Facts: Sendable {
  /// Digests of sources and of files under `code:`; what is absent from the workspace is absent here.
  public var sources: [ArtifactPath: Digest]
  /// Sources, configurations and files under `code:` that are there and cannot be read.
  public var unreadable: [ArtifactPath: UnreadableFile]
  /// The top-level keys of configuration files read with `keys:`.
  public var configurations: [ArtifactPath: [String: ConfigurationValue]]
  /// Versions of what the built-ins use; `absent` where it cannot be found.
  public var libraries: [NativeLibrary: String]
  public var checkpoints: [TaskInstance: StandingCheckpoint]
  /// Instances whose checkpoint the store knows but whose `.ok` a person removed, with the outputs that it recorded: bytes that are still
  /// as recorded are nobody's edit.
  public var removedCheckpoints: [TaskInstance: [RecordedOutput]]
  /// Promoted releases, the current one first, then backwards.
  public var releases: [PromotedRelease]
  /// Decisions on gates, by gate and by the evidence they were made on; the last one counts.
  public var decisions: [GateEvidence: GateDecision]
  /// Decisions on failing verdicts; the last one counts.
  public var rulings: [JudgedVerdict: VerdictRuling]
  /// Failures of earlier runs that wait for a changed fingerprint or for `retry`.
  public var heldFailures: [TaskInstance: HeldFailure]
  /// Reads the ingredients behind a checkpoint, for reasons; planning that finds nothing stale never calls it.
  public var recordedIngredients: @Sendable (TaskInstance) -> Ingredients?

  public init(
    sources: [ArtifactPath: Digest] = [:], unreadable: [ArtifactPath: UnreadableFile] = [:],
    configurations: [ArtifactPath: [String: ConfigurationValue]] = [:],
    libraries: [NativeLibrary: String] = [:], checkpoints: [TaskInstance: StandingCheckpoint] = [:],
    removedCheckpoints: [TaskInstance: [RecordedOutput]] = [:], releases: [PromotedRelease] = [],
    decisions: [GateEvidence: GateDecision] = [:],
    rulings: [JudgedVerdict: VerdictRuling] = [:], heldFailures: [TaskInstance: HeldFailure] = [:],
    recordedIngredients: @escaping @Sendable (TaskInstance) -> Ingredients? = { _ in nil }
  ) {
    self.sources = sources
    self.unreadable = unreadable
    self.configurations = configurations
    self.libraries = libraries
    self.checkpoints = checkpoints
    self.removedCheckpoints = removedCheckpoints
    self.releases = releases
    self.decisions = decisions
    self.rulings = rulings
    self.heldFailures = heldFailures
    self.recordedIngredients = recordedIngredients
  }
}

/// Why a file that is there cannot be read.
public struct UnreadableFile: Sendable, Hashable {
  public let message: String
  /// `io` where it may be read later without anybody changing anything, otherwise `config`.
  public let failureClass: FailureClass

  public init(message: String, failureClass: FailureClass) {
    self.message = message
    self.failureClass = failureClass
  }
}

/// A checkpoint as found, with what is wrong with its outputs.
public struct StandingCheckpoint: Sendable, Hashable {
  /// How an output differs from its record.
  public enum Damage: Sendable, Hashable {
    case missing
    case modified
  }

  public let fingerprint: Fingerprint
  public let outputs: [RecordedOutput]
  public let verdict: Verdict?
  public let message: String?
  /// Damaged outputs by name; empty when every byte is as recorded.
  public var damage: [String: Damage]
  /// Names of outputs that `gc` removed and that are not there: they count as present until a task that must run reads them.
  public var collected: Set<String>

  public init(
    fingerprint: Fingerprint, outputs: [RecordedOutput], verdict: Verdict? = nil, message: String? = nil,
    damage: [String: Damage] = [:], collected: Set<String> = []
  ) {
    self.fingerprint = fingerprint
    self.outputs = outputs
    self.verdict = verdict
    self.message = message
    self.damage = damage
    self.collected = collected
  }

  public func output(_ name: String) -> RecordedOutput? {
    outputs.first { $0.name == name }
  }

  /// Whether it can be reused for a task instance with this fingerprint.
  func stands(for fingerprint: Fingerprint) -> Bool {
    self.fingerprint == fingerprint && damage.isEmpty
  }
}

/// A release that was promoted, as its manifest tells.
public struct PromotedRelease: Sendable, Hashable {
  public let folder: ArtifactPath
  /// The digests of the task outputs it was made from, by `task.output`.
  public let lineage: [String: Digest]
  /// Digests of its files, by path below the folder.
  public let files: [String: Digest]
  /// The digest of the folder.
  public let digest: Digest

  public init(folder: ArtifactPath, lineage: [String: Digest], files: [String: Digest], digest: Digest) {
    self.folder = folder
    self.lineage = lineage
    self.files = files
    self.digest = digest
  }
}

extension Facts {
  /// What a person decided on the verdict of an instance's checkpoint.
  public func ruling(on instance: TaskInstance, _ checkpoint: StandingCheckpoint) -> VerdictRuling? {
    rulings[JudgedVerdict(instance: instance, fingerprint: checkpoint.fingerprint)]
  }
}

/// What a person saw when deciding on a gate.
public struct GateEvidence: Sendable, Hashable {
  public let gate: String
  public let evidence: Fingerprint

  public init(gate: String, evidence: Fingerprint) {
    self.gate = gate
    self.evidence = evidence
  }
}

public enum GateDecision: String, Sendable, Hashable, Codable {
  case approved
  case rejected
  /// It was approved, but going back cut off the release that this promoted.
  case lapsed
}

/// A failure that is not tried again by itself while its fingerprint stays.
public struct HeldFailure: Sendable, Hashable {
  public let fingerprint: Fingerprint
  public let failureClass: FailureClass
  public let message: String?

  public init(fingerprint: Fingerprint, failureClass: FailureClass, message: String?) {
    self.fingerprint = fingerprint
    self.failureClass = failureClass
    self.message = message
  }
}
