/// The workspace's files as a dictionary with a written and a synced layer: a double that stages, verifies and publishes as the real one
/// promises to.

import MartletModel
import MartletRun

/// What a file holds.
final class Content {
  let text: String
  /// Whether it is all that somebody meant to write: what a process left behind that failed is not.
  let isWhole: Bool
  /// Whether a sync has reached the bytes.
  fileprivate(set) var isSynced: Bool
  private(set) lazy var digest = Digest(hashing: Array(text.utf8))
  /// As configuration.
  private(set) lazy var keys: [String: ConfigurationValue]? =
    if case .map(let keys) = ConfigurationValue(canonicalJSON: text) { keys } else { nil }

  init(_ text: String, isWhole: Bool = true, isSynced: Bool = false) {
    self.text = text
    self.isWhole = isWhole
    self.isSynced = isSynced
  }
}

/// Used from one thread; the protocol wants `Sendable` for the real one.
final class MemoryFiles: Workspace, @unchecked Sendable {
  /// Several changes that happen at once, as a rename does.
  typealias Step = [ArtifactPath: Content?]

  /// As written: by path; a folder is one entry whose path ends in a slash.
  private(set) var contents: [ArtifactPath: Content] = [:]
  /// As synced; what people write counts as synced at once.
  private var synced: [ArtifactPath: Content] = [:]
  /// What was written since, in order; one step is there after a loss of power as a whole or not at all.
  private var unsyncedSteps: [Step] = []
  let disk: Disk
  private let invariants: Invariants
  /// Whether the engine lives to write what it is about to write.
  var mayWrite: () -> Bool = { true }
  /// What other workers do while one waits for a sync.
  var meanwhile: () -> Void = {}
  /// What tasks left in `MARTLET_RESULT`, by attempt.
  var records: [String: [ResultRecord]] = [:]
  var logs: [String: String] = [:]
  /// Instances published and not synced yet.
  private(set) var unsynced: Set<TaskInstance> = []
  /// Attempts whose staging was thrown away, and whether their outputs were kept.
  private(set) var discarded: [String: Bool] = [:]
  private(set) var shownLogs: [String: String] = [:]
  private(set) var prepared: [String: AttemptPlan] = [:]
  /// Where attempts have staged something, whether or not it is still there.
  private(set) var staged: [String: [ArtifactPath]] = [:]
  /// Exchanges that bring a person's bytes into an attempt's staging.
  private var edits: [String: [PublishIntent.Move]] = [:]
  /// How many of the next publications fail for want of space.
  var failingPublications = 0
  /// How many of the next verifications find all outputs and fail to sync them.
  var failingVerifications = 0
  /// Instances whose outputs the verification passes over without a word.
  var unverified: Set<TaskInstance> = []

  init(invariants: Invariants) {
    self.invariants = invariants
    disk = Disk(invariants: invariants)
  }

  // MARK: What everybody sees

  func digest(_ path: ArtifactPath) -> Digest? { contents[path]?.digest }
  func configuration(_ path: ArtifactPath) -> [String: ConfigurationValue]? { contents[path]?.keys }

  var texts: [ArtifactPath: String] { contents.mapValues(\.text) }

  /// What a person sees: everything outside `.martlet/`.
  var visible: [String: String] {
    Dictionary(uniqueKeysWithValues: contents.filter { $0.key.isVisible }.map { ($0.key.string, $0.value.text) })
  }

  /// Bytes of a person's that were moved out of the way.
  var asides: [String] { contents.filter { $0.key.string.hasPrefix(asideFolder) }.map(\.value.text).sorted() }

  // MARK: What people and processes write

  /// A person writes or removes a file.
  func edit(_ path: ArtifactPath, _ text: String?) {
    contents[path] = text.map { Content($0, isSynced: true) }
    synced[path] = contents[path]
    for place in unsyncedSteps.indices { unsyncedSteps[place][path] = nil }
  }

  /// A process writes one of its outputs.
  func stage(_ content: Content, at path: ArtifactPath, by attempt: String) {
    staged[attempt, default: []].append(path)
    write([path: content])
  }

  private func write(_ step: Step) {
    for (path, content) in step {
      contents[path] = content
      guard let content, path.isVisible else { continue }
      invariants.require(content.isWhole, "\(path) holds half of something: \(content.text)")
    }
    unsyncedSteps.append(step)
  }

  /// One step of the engine's.
  /// - Throws: `BrokenDisk`, and nothing is changed.
  private func perform(_ operation: DiskFault.Operation, _ step: Step) throws {
    guard mayWrite() else { return }
    try disk.attempt(operation)
    write(step)
  }

  // MARK: Loss of power

  /// Some of the steps since the last sync are on the disk, and of files that were not synced only the names. A journaling file system
  /// keeps the first ones; any others are kept by one that orders nothing.
  func losePower(_ generator: inout SeededGenerator) {
    contents = synced
    let first = Int.random(in: 0...unsyncedSteps.count, using: &generator)
    let isOrdered = Bool.random(using: &generator)
    for (place, step) in unsyncedSteps.enumerated()
    where isOrdered ? place < first : Bool.random(using: &generator) {
      for (path, content) in step { contents[path] = content.map { $0.isSynced ? $0 : Content("", isWhole: false) } }
    }
    synced = contents
    unsyncedSteps = []
    unsynced = []
    prepared = [:]
  }

  func syncFolders() throws {
    guard mayWrite() else { return }
    try disk.attempt(.sync)
    // What comes while it goes on is for the next one.
    unsynced = []
    let stepCount = unsyncedSteps.count
    meanwhile()
    guard mayWrite(), !disk.lies else { return }
    for step in unsyncedSteps.prefix(stepCount) {
      for (path, content) in step {
        content?.isSynced = true
        synced[path] = content
      }
    }
    unsyncedSteps.removeFirst(stepCount)
  }

  // MARK: Before and after an attempt

  func prepare(_ plan: AttemptPlan) -> Preparation {
    let changed = changedInputs(of: plan)
    guard changed.isEmpty else { return .inputsChanged(changed) }
    prepared[plan.record.id] = plan
    staged[plan.record.id] = []
    do {
      try disk.attempt(.write)
      return .ready
    } catch {
      return .failed(.io, message: "\(error)")
    }
  }

  func verify(_ plan: AttemptPlan) -> Verification {
    var verification = Verification(
      records: records[plan.record.id] ?? [], changedInputs: changedInputs(of: plan), logTail: logs[plan.record.id] ?? "")
    for item in plan.items where !unverified.contains(item.instance) {
      let missing = item.outputs.filter { contents[$0.staged] == nil }.map(\.name)
      guard missing.isEmpty else {
        verification.faults[item.instance] = "output \(missing.joined(separator: ", ")) is missing"
        continue
      }
      do {
        try disk.attempt(.sync)
      } catch {
        verification.ioError = "\(error)"
        return verification
      }
      verification.outputs[item.instance] = item.outputs.map { output in
        let content = contents[output.staged]!
        if mayWrite() { content.isSynced = true }
        return VerifiedOutput(name: output.name, digest: content.digest, bytes: content.text.utf8.count)
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

  func discard(attempt: String, keepOutputs: Bool) {
    guard mayWrite() else { return }
    discarded[attempt] = keepOutputs
    prepared[attempt] = nil
    keepEdits(of: attempt)
    guard !keepOutputs, let paths = staged.removeValue(forKey: attempt) else { return }
    for path in paths where contents[path] != nil { write([path: nil]) }
  }

  func showLog(of attempt: String, task: String) { shownLogs[task] = attempt }

  // MARK: Publishing

  func publish(_ intents: [PublishIntent]) throws -> [Publication] {
    try intents.map { intent in
      if failingPublications > 0 {
        failingPublications -= 1
        return .failed(.io, message: "no space left")
      }
      do {
        return .published(asides: try publish(intent))
      } catch let error as UnpublishedError {
        return .failed(.io, message: error.description)
      }
    }
  }

  /// Nothing of it is in place.
  struct UnpublishedError: Error, CustomStringConvertible {
    let description: String
  }

  /// All outputs of one instance, then its `.ok`; undone as a whole if one of them fails.
  /// - Throws: `UnpublishedError`, or `BrokenDisk` where undoing failed.
  func publish(_ intent: PublishIntent) throws -> [String] {
    var asides: [String] = []
    var undo: [Step] = []
    func perform(_ operation: DiskFault.Operation, _ step: Step) throws {
      let before = Dictionary(uniqueKeysWithValues: step.keys.map { ($0, contents[$0]) })
      try self.perform(operation, step)
      undo.append(before)
    }
    do {
      for move in intent.moves where move.staged != move.target {
        let there = contents[move.target]
        if there?.digest == move.digest { continue }
        guard let content = contents[move.staged] else { throw BrokenDisk(description: "\(move.staged) is gone") }
        if let there, there.digest != move.previous { try noteEdit(move, of: intent.attempt) }
        try perform(.rename, [move.target: content, move.staged: there])
        guard let there, there.digest != move.previous else { continue }
        let aside = aside(of: move, intent.attempt)
        try perform(.rename, [aside: there, move.staged: nil])
        asides.append(aside.string)
      }
      try perform(.write, checkpointFile(intent.checkpoint))
    } catch {
      for step in undo.reversed() { try self.perform(.rename, step) }
      throw UnpublishedError(description: "\(error)")
    }
    unsynced.insert(intent.checkpoint.instance)
    return asides
  }

  func write(_ checkpoint: Checkpoint) throws {
    unsynced.insert(checkpoint.instance)
    try perform(.write, checkpointFile(checkpoint))
  }

  private func checkpointFile(_ checkpoint: Checkpoint) -> Step {
    [checkpoint.instance.checkpointPath: Content(checkpoint.fingerprint.description)]
  }

  private let asideFolder = ".martlet/aside/"

  private func aside(of move: PublishIntent.Move, _ attempt: String) -> ArtifactPath {
    ArtifactPath("\(asideFolder)\(attempt)/\(move.target)")
  }

  /// A person's bytes are about to come to where an output was staged; the note is synced at once.
  private func noteEdit(_ move: PublishIntent.Move, of attempt: String) throws {
    guard mayWrite() else { return }
    try disk.attempt(.sync)
    edits[attempt, default: []].append(move)
  }

  /// Keeps aside what a person wrote and nobody else took out of an attempt's staging.
  private func keepEdits(of attempt: String) {
    for move in edits.removeValue(forKey: attempt) ?? [] {
      guard let left = contents[move.staged], left.digest != move.digest, left.digest != move.previous else { continue }
      write([aside(of: move, attempt): left, move.staged: nil])
    }
  }

  /// Finishes a publication that a crash cut short if all its bytes are there, and undoes it as a whole otherwise.
  func finish(_ intent: PublishIntent) throws -> Publication {
    let broken = intent.moves.filter { digest($0.staged) != $0.digest && digest($0.target) != $0.digest }
    let isWritten = contents[intent.checkpoint.instance.checkpointPath]?.text == intent.checkpoint.fingerprint.description
    guard broken.isEmpty || isWritten else {
      try restore(intent)
      return .failed(.io, message: "\(broken[0].staged) is not what was verified")
    }
    if broken.isEmpty {
      do {
        _ = try publish(intent)
      } catch let error as UnpublishedError {
        try restore(intent)
        return .failed(.io, message: error.description)
      }
    }
    for move in intent.moves where move.staged != move.target {
      guard let left = contents[move.staged], left.digest != move.digest, left.digest != move.previous else { continue }
      try perform(.rename, [aside(of: move, intent.attempt): left, move.staged: nil])
    }
    return .published(asides: [])
  }

  /// Takes out of their places the outputs that the interrupted publication had put there.
  private func restore(_ intent: PublishIntent) throws {
    for move in intent.moves.reversed() where move.staged != move.target {
      guard let placed = contents[move.target], placed.digest == move.digest else { continue }
      if let old = contents[move.staged] {
        if old.digest != move.digest { try perform(.rename, [move.target: old, move.staged: placed]) }
      } else {
        let aside = aside(of: move, intent.attempt)
        try perform(.rename, [move.staged: placed, move.target: nil])
        if let old = contents[aside] { try perform(.rename, [aside: nil, move.target: old]) }
      }
    }
  }
}

extension ArtifactPath {
  /// Whether people look there.
  var isVisible: Bool { !string.hasPrefix(".martlet/") }
}
