/// The files of the workspace, as the run loop sees them. Calls block and are made on threads of their own; none throws what it can
/// answer.

import MartletModel

/// What came of preparing an attempt.
public enum Preparation: Sendable, Hashable {
  case ready
  /// Inputs are no longer what the fingerprint holds; their digests now, absent where they are gone.
  case inputsChanged(ChangedInputs)
  case failed(FailureClass, message: String)
}

/// Sources that changed while they were used.
public struct ChangedInputs: Sendable, Hashable {
  /// Present digests; a path that is listed in `gone` has none.
  public var digests: [ArtifactPath: Digest]
  public var configurations: [ArtifactPath: [String: ConfigurationValue]]
  public var gone: [ArtifactPath]

  public init(
    digests: [ArtifactPath: Digest] = [:], configurations: [ArtifactPath: [String: ConfigurationValue]] = [:],
    gone: [ArtifactPath] = []
  ) {
    self.digests = digests
    self.configurations = configurations
    self.gone = gone
  }

  public var isEmpty: Bool { digests.isEmpty && configurations.isEmpty && gone.isEmpty }

  var paths: Set<ArtifactPath> { Set(digests.keys).union(configurations.keys).union(gone) }
}

/// What an attempt that ended has left: read, checked, digested, and its outputs' data synced.
public struct Verification: Sendable, Hashable {
  public var records: [ResultRecord]
  /// For each instance whose result has a line that does not read: one sentence that names it.
  public var recordFaults: [TaskInstance: String]
  /// For each instance whose outputs are all there: what they are.
  public var outputs: [TaskInstance: [VerifiedOutput]]
  /// For each instance with outputs missing or unfit: one sentence that names them.
  public var faults: [TaskInstance: String]
  public var changedInputs: ChangedInputs
  /// The last 64 KiB of the log, invalid UTF-8 replaced.
  public var logTail: String
  /// An error of the file system that kept us from telling.
  public var ioError: String?

  public init(
    records: [ResultRecord] = [], recordFaults: [TaskInstance: String] = [:],
    outputs: [TaskInstance: [VerifiedOutput]] = [:], faults: [TaskInstance: String] = [:],
    changedInputs: ChangedInputs = ChangedInputs(), logTail: String = "", ioError: String? = nil
  ) {
    self.records = records
    self.recordFaults = recordFaults
    self.outputs = outputs
    self.faults = faults
    self.changedInputs = changedInputs
    self.logTail = logTail
    self.ioError = ioError
  }

  /// The one record that counts for an item, for whoever asks: the last that names its partition; where the attempt has a single item,
  /// else the last that names none. `nil` too if a line about it does not read: nobody knows then what the last one said.
  public func record(for item: AttemptPlan.Item, of plan: AttemptPlan) -> ResultRecord? {
    guard recordFaults[item.instance] == nil else { return nil }
    let partition = item.instance.partition?.value
    return records.last { $0.partition == partition } ?? (plan.items.count == 1 ? records.last { $0.partition == nil } : nil)
  }

  /// What is wrong with an item's outputs; `nil` if each of them was verified.
  func fault(of item: AttemptPlan.Item) -> String? {
    if let fault = faults[item.instance] { return fault }
    let names = Set((outputs[item.instance] ?? []).map(\.name))
    return item.outputs.first { !names.contains($0.name) }.map { "output \($0.name) was not verified (\($0.target))" }
  }
}

public struct VerifiedOutput: Sendable, Hashable {
  public let name: String
  public let digest: Digest
  public let bytes: Int

  public init(name: String, digest: Digest, bytes: Int) {
    self.name = name
    self.digest = digest
    self.bytes = bytes
  }
}

/// One line of `MARTLET_RESULT`.
public struct ResultRecord: Sendable, Hashable, Codable {
  public let partition: String?
  /// `succeeded` or `failed`
  public let status: String
  public let failureClass: FailureClass?
  public let verdict: Verdict?
  public let message: String?
  public let figures: [String: ConfigurationValue]?
  public let seedsLeft: Int?

  enum CodingKeys: String, CodingKey {
    case partition, status, verdict, message, figures, seedsLeft
    case failureClass = "class"
  }

  public init(
    partition: String? = nil, status: String, failureClass: FailureClass? = nil, verdict: Verdict? = nil,
    message: String? = nil, figures: [String: ConfigurationValue]? = nil, seedsLeft: Int? = nil
  ) {
    self.partition = partition
    self.status = status
    self.failureClass = failureClass
    self.verdict = verdict
    self.message = message
    self.figures = figures
    self.seedsLeft = seedsLeft
  }
}

/// What came of publishing one instance.
public enum Publication: Sendable, Hashable {
  /// Renamed into place; `asides` names the files under `.martlet/aside/` where a person's edits were kept.
  case published(asides: [String])
  /// Nothing of it is in place.
  case failed(FailureClass, message: String)
}

public protocol Workspace: Sendable {
  /// Makes the attempt's folder with its specification and staging folders, and checks that the inputs are still as the fingerprint
  /// holds them. For `in_place`, moves the old outputs aside.
  func prepare(_ plan: AttemptPlan) -> Preparation
  /// Reads the results, checks and digests the outputs, checks the inputs again, and syncs the outputs' data.
  func verify(_ plan: AttemptPlan) -> Verification
  /// Renames staged outputs into place and writes the `.ok` files; *written*, not yet synced. One answer for each intent.
  /// - Throws: if one failed and could not be undone. Nobody knows then what is in place, so all of these intents must stay open.
  func publish(_ intents: [PublishIntent]) throws -> [Publication]
  /// Syncs the folders touched by everything published since the last call.
  func syncFolders() throws
  /// Removes the attempt's staging and scratch; its log and records stay. With `keepOutputs` what it staged stays too. For `in_place`
  /// puts the old outputs back unless they were published.
  func discard(attempt: String, keepOutputs: Bool)
  /// Makes `logs/{task}.log` the log of this attempt.
  func showLog(of attempt: String, task: String)
}
