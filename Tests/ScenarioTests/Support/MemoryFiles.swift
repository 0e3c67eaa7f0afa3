/// The workspace's files as a dictionary: a double that stages, verifies and publishes as the real one promises to.

import MartletModel
import MartletRun

/// Used from one thread; the protocol wants `Sendable` for the real one.
final class MemoryFiles: Workspace, @unchecked Sendable {
  /// As written: by path; a folder is one entry whose path ends in a slash.
  private(set) var texts: [ArtifactPath: String] = [:]
  /// As synced; what people write counts as synced at once.
  private var synced: [ArtifactPath: String] = [:]
  /// What was written since, in order; one step is there after a loss of power as a whole or not at all.
  private var unsyncedSteps: [[ArtifactPath: String?]] = []
  /// Texts whose bytes a sync has reached before their names were.
  private var syncedTexts: Set<String> = []
  /// What tasks left in `MARTLET_RESULT`, by attempt.
  var records: [String: [ResultRecord]] = [:]
  var logs: [String: String] = [:]
  /// Instances published and not synced yet.
  private(set) var unsynced: Set<TaskInstance> = []
  /// Bytes of a person's that were moved out of the way.
  private(set) var asides: [String] = []
  /// Attempts whose staging was thrown away, and whether their outputs were kept.
  private(set) var discarded: [String: Bool] = [:]
  private(set) var shownLogs: [String: String] = [:]
  private var staged: [String: [ArtifactPath]] = [:]
  /// How many of the next publications fail for want of space.
  var failingPublications = 0
  /// How many of the next verifications find all outputs and fail to sync them.
  var failingVerifications = 0
  /// Instances whose outputs the verification passes over without a word.
  var unverified: Set<TaskInstance> = []

  /// A person writes or removes a file.
  func edit(_ path: ArtifactPath, _ text: String?) {
    texts[path] = text
    synced[path] = text
  }

  private func step(_ changes: [ArtifactPath: String?]) {
    for (path, text) in changes { texts[path] = text }
    unsyncedSteps.append(changes)
  }

  /// Only the first steps since the last sync are on the disk, and of files that were not synced only the names.
  func losePower(_ generator: inout SeededGenerator) {
    texts = synced
    for step in unsyncedSteps.prefix(Int.random(in: 0...unsyncedSteps.count, using: &generator)) {
      for (path, text) in step { texts[path] = text.map { syncedTexts.contains($0) ? $0 : "" } }
    }
    synced = texts
    unsyncedSteps = []
    unsynced = []
    staged = [:]
  }

  func digest(_ path: ArtifactPath) -> Digest? {
    texts[path].map { Digest(of: Array($0.utf8)) }
  }

  func configuration(_ path: ArtifactPath) -> [String: ConfigurationValue]? {
    guard let text = texts[path], case .map(let keys) = ConfigurationValue(canonicalJSON: text) else { return nil }
    return keys
  }

  func prepare(_ plan: AttemptPlan) -> Preparation {
    let changed = changedInputs(of: plan)
    return changed.isEmpty ? .ready : .inputsChanged(changed)
  }

  func verify(_ plan: AttemptPlan) -> Verification {
    var verification = Verification(
      records: records[plan.record.id] ?? [], changedInputs: changedInputs(of: plan), logTail: logs[plan.record.id] ?? "")
    for item in plan.items where !unverified.contains(item.instance) {
      let missing = item.outputs.filter { texts[$0.staged] == nil }.map(\.name)
      if missing.isEmpty {
        for output in item.outputs { syncedTexts.insert(texts[output.staged]!) }
        verification.outputs[item.instance] = item.outputs.map { output in
          VerifiedOutput(name: output.name, digest: digest(output.staged)!, bytes: texts[output.staged]!.utf8.count)
        }
      } else {
        verification.faults[item.instance] = "output \(missing.joined(separator: ", ")) is missing"
      }
    }
    if failingVerifications > 0 {
      failingVerifications -= 1
      verification.ioError = "could not sync the outputs"
    }
    return verification
  }

  private func changedInputs(of plan: AttemptPlan) -> ChangedInputs {
    var changed = ChangedInputs()
    for input in plan.items.flatMap(\.inputs) {
      for path in input.absentPaths {
        if input.keys == nil { changed.digests[path] = digest(path) } else { changed.configurations[path] = configuration(path) }
      }
      if input.keys != nil {
        for path in input.paths where isChanged(path, input.keyValues) {
          changed.configurations[path] = configuration(path)
          if configuration(path) == nil { changed.gone.append(path) }
        }
        continue
      }
      for (path, expected) in zip(input.paths, input.digests) { compare(path, expected, &changed) }
    }
    for (path, expected) in plan.code { compare(path, expected, &changed) }
    return changed
  }

  private func isChanged(_ path: ArtifactPath, _ expected: [String: String]) -> Bool {
    guard let keys = configuration(path) else { return true }
    return expected.contains { (keys[$0.key]?.canonicalJSON ?? absentValue) != $0.value }
  }

  private func compare(_ path: ArtifactPath, _ expected: Digest, _ changed: inout ChangedInputs) {
    let now = digest(path)
    if now != expected { changed.digests[path] = now }
    if now == nil { changed.gone.append(path) }
  }

  func publish(_ intents: [PublishIntent]) -> [Publication] {
    intents.map { intent in
      if failingPublications > 0 {
        failingPublications -= 1
        return .failed(.io, message: "no space left")
      }
      let known = asides.count
      for move in intent.moves { perform(move) }
      write(intent.checkpoint)
      return .published(asides: Array(asides.dropFirst(known)))
    }
  }

  func perform(_ move: PublishIntent.Move) {
    guard let text = texts[move.staged] else { return }
    if let there = digest(move.target), there != move.previous, there != move.digest { asides.append(texts[move.target]!) }
    step([move.target: text, move.staged: nil])
  }

  func write(_ checkpoint: Checkpoint) {
    step([checkpoint.instance.checkpointPath: checkpoint.fingerprint.description])
    unsynced.insert(checkpoint.instance)
  }

  func syncFolders() throws { sync() }

  func sync() {
    unsynced = []
    synced = texts
    unsyncedSteps = []
  }

  func discard(attempt: String, keepOutputs: Bool) {
    discarded[attempt] = keepOutputs
    guard !keepOutputs else { return }
    for path in staged.removeValue(forKey: attempt) ?? [] { step([path: nil]) }
  }

  /// A process writes one of its outputs.
  func stage(_ text: String, at path: ArtifactPath, by attempt: String) {
    step([path: text])
    staged[attempt, default: []].append(path)
  }

  func showLog(of attempt: String, task: String) { shownLogs[task] = attempt }

  /// What a person sees: everything outside `.martlet/`.
  var visible: [String: String] {
    Dictionary(uniqueKeysWithValues: texts.filter { !$0.key.string.hasPrefix(".martlet/") }.map { ($0.key.string, $0.value) })
  }
}
