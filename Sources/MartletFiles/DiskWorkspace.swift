// The workspace's files as a run uses them: staging, verifying, publishing, syncing.

import MartletModel
import MartletRun
import Synchronization

/// `Workspace` on a real file system. All of its work blocks; it keeps no state but the folders that wait for a sync.
public final class DiskWorkspace: Workspace {
  /// The top-level keys of a configuration file, from its path below the workspace and its bytes; `nil` if it does not read.
  public typealias ConfigurationParser = @Sendable (_ path: ArtifactPath, _ bytes: [UInt8]) -> [String: ConfigurationValue]?

  let root: String
  let memo: DigestMemo
  private let parseConfiguration: ConfigurationParser
  /// What a sync must reach: files and folders, absolute.
  private let unsynced = Mutex<Set<String>>([])
  /// The run whose log `logs/{task}.log` holds, by task.
  private let shownRuns = Mutex<[String: String]>([:])
  /// Held while old content moves aside for `in_place` or comes back; what has moved stands in files.
  let inPlace = Mutex<Void>(())
  private let spares: SpareFolders

  /// - Parameter root: the workspace's absolute path.
  public init(root: String, memo: DigestMemo, parseConfiguration: @escaping ConfigurationParser) {
    self.root = root
    self.memo = memo
    self.parseConfiguration = parseConfiguration
    spares = SpareFolders("\(root)/.martlet/spare")
  }

  func full(_ path: ArtifactPath) -> String { "\(root)/\(path.withoutTrailingSlash)" }

  // MARK: Before the attempt

  public func prepare(_ plan: AttemptPlan) -> Preparation {
    do {
      let changed = try changedInputs(of: plan)
      guard changed.isEmpty else { return .inputsChanged(changed) }
      let folder = "\(root)/\(plan.folder)"
      try FileTree.makeFolder(folder)
      try spares.take("\(folder)/scratch")
      if !plan.inPlace { try spares.take("\(folder)/out") }
      for parent in Set(plan.items.flatMap(\.outputs).map(\.staged.parent)) where parent != "\(plan.folder)/out" {
        try FileTree.makeFolder("\(root)/\(parent)")
      }
      if plan.inPlace { try moveAsideBefore(plan) }
      try DurableFile.replace("\(folder)/spec.json", with: Array(plan.specification.utf8))
      return .ready
    } catch {
      return .failed(SystemError.failureClass(of: error), message: "\(error)")
    }
  }

  /// Inputs that no longer are what the plan's fingerprints hold.
  func changedInputs(of plan: AttemptPlan) throws -> ChangedInputs {
    var changed = ChangedInputs()
    var seen: Set<Reading> = []
    for input in plan.items.flatMap(\.inputs) {
      for (index, path) in input.paths.enumerated() where seen.insert(Reading(path: path, keys: input.keys)).inserted {
        if input.keys == nil {
          try compare(path, with: input.digests[index], into: &changed)
        } else {
          try compareKeys(of: path, with: input.keyValues, into: &changed)
        }
      }
      for path in input.absentPaths where seen.insert(Reading(path: path, keys: input.keys)).inserted {
        try lookFor(path, keys: input.keys, into: &changed)
      }
    }
    for (path, digest) in plan.code { try compare(path, with: digest, into: &changed) }
    return changed
  }

  /// One file may be read whole under one name and by its keys under another.
  private struct Reading: Hashable {
    let path: ArtifactPath
    let keys: [String]?
  }

  private func compare(_ path: ArtifactPath, with digest: Digest, into changed: inout ChangedInputs) throws {
    guard let now = try memo.content(of: path) else {
      changed.gone.append(path)
      return
    }
    if now.digest != digest { changed.digests[path] = now.digest }
  }

  private func lookFor(_ path: ArtifactPath, keys: [String]?, into changed: inout ChangedInputs) throws {
    if keys == nil {
      if let now = try memo.content(of: path) { changed.digests[path] = now.digest }
    } else if let bytes = try FileContent.read(full(path)), let now = parseConfiguration(path, bytes) {
      changed.configurations[path] = now
    }
  }

  private func compareKeys(of path: ArtifactPath, with values: [String: String], into changed: inout ChangedInputs) throws {
    guard let bytes = try FileContent.read(full(path)), let now = parseConfiguration(path, bytes) else {
      changed.gone.append(path)
      return
    }
    if values.contains(where: { now[$0.key]?.canonicalJSON ?? absentValue != $0.value }) { changed.configurations[path] = now }
  }

  // MARK: Publishing

  public func publish(_ intents: [PublishIntent]) throws -> [Publication] {
    try intents.map { intent in
      do {
        return .published(asides: try publish(intent))
      } catch let error as PublicationError {
        return .failed(error.failureClass, message: error.message)
      } catch let error as HalfUndoneError {
        throw error
      } catch {
        return .failed(SystemError.failureClass(of: error), message: "\(error)")
      }
    }
  }

  /// All outputs of one instance, then its `.ok`; undone as a whole if one of them fails.
  /// - Returns: files under `.martlet/aside/` where a person's edits were kept.
  /// - Throws: `HalfUndoneError` if undoing failed too; after any other error nothing is in place that was not before.
  func publish(_ intent: PublishIntent) throws -> [String] {
    var asides: [Aside] = []
    var undo: [() throws -> Void] = []
    // Bytes that somebody else may have put there; whatever was staged is synced already.
    var found: [String] = []
    do {
      for move in intent.moves {
        let (staged, target) = (full(move.staged), full(move.target))
        switch try place(move, of: intent) {
        case .alreadyThere: found.append(target)
        case .renamed: undo.append { try Rename.replacing(target, to: staged) }
        case .exchanged:
          undo.append { try Rename.exchanging(staged, target) }
          guard let aside = try keepAside(move, attempt: intent.attempt) else { continue }
          asides.append(aside)
          undo.append { try Rename.replacing(aside.fullPath, to: staged) }
        }
      }
      if let step = try forgetBefore(intent) { undo.append(step) }
      try writeCheckpoint(intent.checkpoint)
    } catch {
      try takeBack(undo, after: error)
      throw error
    }
    for move in intent.moves { touch(DurableFile.folder(ofItemAt: full(move.target))) }
    for path in found + asides.map(\.fullPath) { touch(path) }
    return asides.map(\.path)
  }

  /// Goes through all steps, the last one first: what can be undone is, whatever fails on the way.
  func takeBack(_ steps: [() throws -> Void], after cause: any Error) throws {
    var failures: [any Error] = []
    for step in steps.reversed() {
      do {
        try step()
      } catch {
        failures.append(error)
      }
    }
    guard failures.isEmpty else { throw HalfUndoneError(cause: cause, failures: failures) }
  }

  private enum Placing {
    case alreadyThere
    case renamed
    /// The old content lies where the new one was staged.
    case exchanged
  }

  private func place(_ move: PublishIntent.Move, of intent: PublishIntent) throws -> Placing {
    guard move.staged != move.target else { return .alreadyThere }
    let target = full(move.target)
    let staged = full(move.staged)
    guard try FileKind.of(target, followingLinks: false) != nil else {
      guard try FileKind.of(staged, followingLinks: false) != nil else {
        throw PublicationError(failureClass: .io, message: "\(move.staged) is gone before it could be published")
      }
      try FileTree.makeFolder(DurableFile.folder(ofItemAt: target))
      if try Rename.withoutReplacing(staged, to: target) { return .renamed }
      return try place(move, of: intent)
    }
    let current = try digest(of: move.target)
    if current == move.digest { return .alreadyThere }
    guard try FileKind.of(staged, followingLinks: false) != nil else {
      throw PublicationError(failureClass: .io, message: "\(move.staged) is gone before it could be published")
    }
    if intent.isRelease(move), current == move.previous {
      throw PublicationError(
        failureClass: .code,
        message: "\(move.target) exists with other bytes under the same hash: packaging is not deterministic")
    }
    if current == nil || current != move.previous { try noteEdit(move, of: intent.attempt) }
    try Rename.exchanging(staged, target)
    return .exchanged
  }

  /// The digest of what is at a path now; `nil` for nothing, and for what has no digest, like a FIFO in an output's place: it is not what anybody recorded.
  func digest(of path: ArtifactPath) throws -> Digest? {
    do {
      return try memo.content(of: path)?.digest
    } catch is UnfitFileError {
      return nil
    }
  }

  /// A person's bytes, kept under `.martlet/aside/`.
  struct Aside {
    /// Relative to the workspace.
    let path: String
    let fullPath: String
  }

  /// Bytes that no checkpoint recorded are a person's: they are kept, and named.
  func keepAside(_ move: PublishIntent.Move, attempt: String) throws -> Aside? {
    let old = full(move.staged)
    let kind = try FileKind.of(old, followingLinks: false)
    if kind == .file || kind == .folder, try FileDigest.content(of: old, followingLinks: false).digest == move.previous {
      return nil
    }
    let aside = aside(of: move, attempt: attempt)
    try FileTree.makeFolder(DurableFile.folder(ofItemAt: aside.fullPath))
    try Rename.replacing(old, to: aside.fullPath)
    return aside
  }

  func aside(of move: PublishIntent.Move, attempt: String) -> Aside {
    let path = ".martlet/aside/\(attempt)/\(move.target.withoutTrailingSlash)"
    return Aside(path: path, fullPath: "\(root)/\(path)")
  }

  func writeCheckpoint(_ checkpoint: Checkpoint) throws {
    let path = full(checkpoint.instance.checkpointPath)
    try FileTree.makeFolder(DurableFile.folder(ofItemAt: path))
    try DurableFile.replace(path, with: try CheckpointFile.encode(checkpoint))
    touch(path)
  }

  // MARK: Syncing

  func touch(_ path: String) {
    unsynced.withLock { paths in
      paths.insert(path)
      // A folder that was made on the way is an entry of the one above it.
      var folder = DurableFile.folder(ofItemAt: path)
      while folder.utf8.count >= root.utf8.count, paths.insert(folder).inserted { folder = DurableFile.folder(ofItemAt: folder) }
    }
  }

  /// Has the next sync reach what another process published and perhaps did not sync.
  public func markUnsynced(_ instance: TaskInstance, outputs: [RecordedOutput]) {
    for output in outputs { touch(full(output.path)) }
    touch(full(instance.checkpointPath))
  }

  /// Writes a checkpoint's file again where a loss of power left a torn or an earlier one; one that is not there, somebody removed.
  public func mendFile(of checkpoint: Checkpoint) throws {
    guard let bytes = try FileContent.read(full(checkpoint.instance.checkpointPath)) else { return }
    if try bytes != CheckpointFile.encode(checkpoint) { try writeCheckpoint(checkpoint) }
  }

  /// Puts bytes at a path below the workspace, synced with all the names that lead to it: an attempt's folder is new.
  func writeSynced(_ bytes: [UInt8], to path: String) throws {
    try DurableFile.write(bytes, to: path)
    try syncNames(to: DurableFile.folder(ofItemAt: path))
  }

  /// Syncs the names that lead to a path below the workspace.
  func syncNames(to path: String) throws {
    var path = path
    while path.utf8.count > root.utf8.count {
      path = DurableFile.folder(ofItemAt: path)
      try DurableFile.sync(path)
    }
  }

  public func syncFolders() throws {
    let paths = unsynced.withLock { paths in
      defer { paths = [] }
      return paths
    }
    var files: [String] = []
    var folders: [String] = []
    for path in paths {
      switch try FileKind.of(path, followingLinks: false) {
      case .folder: folders.append(path)
      // A file that a later attempt replaced meanwhile is that attempt's to sync.
      case nil: continue
      default: files.append(path)
      }
    }
    try Writeback.sync(files.sorted())
    for folder in folders.sorted(by: >) { try DurableFile.sync(folder) }
  }

  // MARK: Afterwards

  public func discard(attempt: String, keepOutputs: Bool) {
    do {
      if keepOutputs { try DurableFile.replace(keepMark(attempt), with: []) } else { try FileTree.remove(keepMark(attempt)) }
      try clear(attempt)
    } catch {
      // The sweep at the next start goes on from here, and tells a person what it cannot do.
      return
    }
  }

  /// Removes what an attempt that has ended had written and kept.
  /// - Returns: whether there was anything.
  public func clearOutputs(of attempt: String) -> Bool {
    let outputs = "\(root)/\(AttemptPlan.folder(of: attempt))/out"
    // Only told to a person: a folder that cannot be looked at is not told to have been cleared, and the sweep comes back to it.
    guard (try? FileKind.of(outputs)) ?? nil != nil else { return false }
    discard(attempt: attempt, keepOutputs: false)
    return (try? FileKind.of(outputs)) ?? nil == nil
  }

  /// Clears what a killed engine left of attempts that have ended: nobody else will. With nothing to do it costs one look at each attempt.
  /// - Parameters:
  ///   - unfinished: the attempts that may still be taken over.
  ///   - keepsOutputs: whether what an attempt staged stays, if the killed engine did not come to marking it.
  public func sweep(except unfinished: Set<String>, keepsOutputs: (_ attempt: String) throws -> Bool) throws {
    let attempts = "\(root)/.martlet/attempts"
    guard try FileKind.of(attempts) == .folder else { return }
    let left = try FolderListing.names(of: attempts).map(\.description).filter { attempt in
      try !unfinished.contains(attempt) && FileKind.of("\(attempts)/\(attempt)/scratch") != nil
    }
    // The newest first: where one moved aside what an older one had left, the oldest content comes back last.
    for attempt in left.sorted(by: isNewer) {
      if try keepsOutputs(attempt) { try DurableFile.replace(keepMark(attempt), with: []) }
      try clear(attempt)
    }
  }

  /// Whether the attempt `left` came after `right`: run ids sort by time, numbers within a run by value.
  func isNewer(_ left: String, _ right: String) -> Bool {
    func parts(_ attempt: String) -> (run: Substring, number: Int) {
      guard let dot = attempt.lastIndex(of: ".") else { return (attempt[...], 0) }
      return (attempt[..<dot], Int(attempt[attempt.index(after: dot)...]) ?? 0)
    }
    return parts(left) > parts(right)
  }

  /// An empty file that says: what this attempt staged stays.
  private func keepMark(_ attempt: String) -> String { "\(root)/\(AttemptPlan.folder(of: attempt))/keep" }

  private func clear(_ attempt: String) throws {
    let folder = "\(root)/\(AttemptPlan.folder(of: attempt))"
    try putBack(attempt)
    try keepEdits(of: attempt)
    if try FileKind.of(keepMark(attempt)) == nil { try spares.giveBack("\(folder)/out") }
    // Last: as long as it is there, something may be left to do.
    do {
      try spares.giveBack("\(folder)/scratch")
    } catch let error as SystemError where error.isForbidden {
      // A folder of temporary files that only another user of a shared workspace may open: it goes with that user's next command.
      return
    }
  }

  public func showLog(of attempt: String, task: String) {
    let run = attempt.lastIndex(of: ".").map { String(attempt[..<$0]) } ?? attempt
    do {
      try shownRuns.withLock { shown in
        try FileTree.makeFolder("\(root)/logs")
        let isFirst = shown[task] != run
        shown[task] = run
        try TaskLog(path: "\(root)/logs/\(task).log")
          .show(attempt, log: "\(root)/\(AttemptPlan.folder(of: attempt))/log", isFirst: isFirst)
      }
    } catch {
      // The attempt's own log is the record; this one is for convenience.
      return
    }
  }
}

/// Why an instance could not be published.
struct PublicationError: Error {
  let failureClass: FailureClass
  let message: String
}

/// A publication that failed and could not be undone: its intent must stay open, for the next start to finish it or undo it.
struct HalfUndoneError: Error, CustomStringConvertible {
  let cause: any Error
  let failures: [any Error]

  var description: String {
    "\(cause); undoing the publication failed too: \(failures.map { "\($0)" }.joined(separator: "; "))"
  }
}

extension PublishIntent {
  /// Whether the move's target is a folder that carries the fingerprint in its name and so must never change.
  func isRelease(_ move: Move) -> Bool {
    move.target.isFolder && move.target.lastComponent.hasSuffix(checkpoint.fingerprint.hash)
  }
}
