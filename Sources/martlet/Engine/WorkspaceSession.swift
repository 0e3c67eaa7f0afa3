/// Holds a workspace to change it: the lock, the store, and whatever a crash left behind put right first.

import MartletExecutors
import MartletFiles
import MartletModel
import MartletPlan
import MartletRun
import MartletStore
import MartletSyntax

final class WorkspaceSession {
  let location: WorkspaceLocation
  let host: Host
  private(set) var loaded: LoadedPipeline
  let store: Store
  let memo: DigestMemo
  let workspace: DiskWorkspace
  /// As of the last look; changed by decisions only.
  var history: History
  /// Things a person should know of how the workspace was found.
  private(set) var notes: [String] = []
  private let lock: WorkspaceLock
  private let storeClaim: StoreClaim

  /// - Throws: `Diagnostics` for the pipeline file, before anything is touched; `UserError` with status 75 while another process holds
  ///   the workspace.
  init(_ location: WorkspaceLocation, host: Host, parameters: [String] = []) throws {
    self.location = location
    self.host = host
    loaded = try LoadedPipeline(location, parameters: parameters, host: host)
    let sharing = try WorkspaceSharing(root: location.root)
    sharing.apply()
    try sharing.makeOwnFolder(location.engineFolder)
    lock = try Self.acquire(location, host)
    let ignore = "\(location.engineFolder)/.gitignore"
    if try FileKind.of(ignore) == nil { try DurableFile.replace(ignore, with: Array("*\n".utf8)) }
    loaded.file.keep()
    let storePath = location.storePath(in: loaded.pipeline.storeFolder)
    try sharing.makeOwnFolder("\(ArtifactPath(storePath).parent)")
    storeClaim = try StoreClaim(of: storePath, for: location, host)
    store = try Store(path: storePath) { folder in
      // Where the system does not say, the store itself finds out.
      (try? NetworkFileSystem.name(at: folder)) ?? nil
    }
    try storeClaim.check(store)
    memo = DigestMemo(root: location.root, entries: try store.reader.memoEntries())
    workspace = DiskWorkspace(root: location.root, memo: memo) { path, bytes in
      try? ConfigurationReader.read(text: String(decoding: bytes, as: UTF8.self), file: path.string).get()
    }
    history = try HistoryFile(root: location.root).read()
    let wasRebuilt = try rebuildStore()
    try finishPublications()
    if store.wasInterrupted || wasRebuilt { try syncWhatWasPublished() }
    try workspace.sweep(except: Set(try store.reader.unfinishedAttempts().map(\.id))) { [reader = store.reader] attempt in
      // Rejected rows are named to people.
      try reader.attempt(attempt)?.end?.failureClass == .data
    }
    try takeUpProduction()
    try interruptBackfills()
  }

  private static func acquire(_ location: WorkspaceLocation, _ host: Host) throws -> WorkspaceLock {
    switch try location.acquireLock(host) {
    case .acquired(let lock): return lock
    case .busy(let holder):
      throw UserError(
        "the workspace is in use",
        facts: [("workspace", location.root), ("held by", holder?.description ?? "a process that is just starting")],
        hint: "wait for it to end, or stop it: nothing has to be unlocked afterwards", status: .inUse)
    }
  }

  /// How a command that changes something gets to the workspace.
  enum Access {
    case opened(WorkspaceSession)
    /// The process that holds it did what was asked.
    case answered(ExitStatus)
  }

  /// How long one that holds the workspace and does not answer is waited for: longer than it may take to tell of what it did.
  private static let patienceSeconds = NotificationDelivery.budgetSeconds + 2
  private static let pauseSeconds = 0.1

  /// Opens the workspace, or hands the request to whoever holds it.
  /// - Throws: `UserError` with status 75 if the holder does not answer.
  static func openOrAsk(
    _ location: WorkspaceLocation, _ request: ControlRequest, parameters: [String], shared: SharedOptions, host: Host
  ) throws -> Access {
    var tries = 0
    var holder: ProcessIdentity?
    while true {
      do {
        let session = try WorkspaceSession(location, host: host, parameters: parameters)
        for note in session.notes { shared.note("note: \(note)", host) }
        for entry in try session.expireGates() { shared.note("note: \(entry.sentence)", host) }
        return .opened(session)
      } catch let error as UserError where error.status == .inUse {
        if let status = try ControlClient.ask(request, location: location, shared: shared, host: host) {
          return .answered(status)
        }
        // The holder is just starting, or has done its work and tells of it, which takes the longest. Then somebody else may come first.
        // Where only the store is held the file names this process, anew each time.
        let now = (try? location.holder())?.process
        tries = now == holder ? tries + 1 : 1
        holder = now
        guard Double(tries) * pauseSeconds < patienceSeconds else { throw error }
        _ = Mailbox().next(timeoutSeconds: pauseSeconds)
      }
    }
  }

  /// A store that is new although there are checkpoints takes them from their files.
  /// - Returns: whether there were any.
  private func rebuildStore() throws -> Bool {
    if let note = store.origin.note { notes.append(note) }
    guard try store.needsRebuild() else { return false }
    let files = try CheckpointFiles.read(root: location.root)
    notes += files.unreadable.map(CheckpointFiles.note)
    try store.adopt(checkpoints: files.checkpoints)
    return !files.checkpoints.isEmpty
  }

  /// What a run that was killed had renamed survives the kill but perhaps no loss of power: synced before anything is told of it.
  private func syncWhatWasPublished() throws {
    for checkpoint in try store.reader.checkpointsOfUnfinishedRuns() {
      if let whole = try store.reader.checkpoint(checkpoint.instance) { try workspace.mendFile(of: whole) }
      workspace.markUnsynced(checkpoint.instance, outputs: checkpoint.outputs)
    }
    try workspace.syncFolders()
    try store.sync()
  }

  /// Publications that a crash cut short: those whose bytes are all there are finished, the others undone. An error of
  /// the file system ends the command with the intents open.
  private func finishPublications() throws {
    let intents = try store.reader.openIntents()
    guard !intents.isEmpty else { return }
    var entries: [JournalEntry] = []
    for (intent, publication) in zip(intents, try finish(intents)) {
      let instance = intent.checkpoint.instance
      switch publication {
      case .published: entries.append(.published(attempt: intent.attempt, instances: [instance]))
      case .failed: entries.append(.publishUndone(attempt: intent.attempt, instances: [instance]))
      }
    }
    // Only a writer that stopped uncleanly leaves intents: what was put in place is synced with all else that it published.
    try store.commit(entries)
  }

  private func finish(_ intents: [PublishIntent]) throws -> [Publication] {
    do {
      return try workspace.finish(intents)
    } catch {
      throw UserError(
        "cannot finish what an interrupted run was publishing",
        facts: [("workspace", location.root), ("because", "\(error)")],
        hint: "mend that and run again: nothing was thrown away, and the next run goes on from here")
    }
  }

  var production: WorkspaceProduction { WorkspaceProduction(root: location.root, store: store) }

  /// Puts the link right where a kill left it behind the history.
  private func takeUpProduction() throws {
    switch try production.takeUp(history) {
    case .asRecorded:
      guard let current = history.current else { return }
      if let fault = try ReleaseNote.fault(of: current, at: location.root, memo) { notes.append(fault) }
    case .finished(let release): notes.append("\(ReleaseFolder.current) now points to \(release), as the history says")
    case .damaged(let release, let faults): notes.append(ReleaseNote.unusable(release, faults))
    case .historyIsCut:
      notes.append("\(HistoryFile.path) lacks entries that were known: `martlet audit verify` names them")
    }
  }

  /// A backfill that says it runs has lost its engine: this process holds the workspace and has not begun with any.
  private func interruptBackfills() throws {
    for backfill in try store.reader.runningBackfills() {
      // What a person wanted is done: nothing of it runs any more.
      let isPaused = backfill.state == .pausing
      try store.setState(of: backfill.id, isPaused ? .paused : .interrupted, at: host.wallSeconds())
      guard !isPaused else { continue }
      notes.append("backfill \(backfill.id) was interrupted; martlet backfill resume \(backfill.id) goes on with it")
    }
  }

  /// Reads the pipeline file anew, for another request to the same holder.
  func reload(parameters: [String]) throws {
    loaded = try LoadedPipeline(location, parameters: parameters, host: host)
    loaded.file.keep()
    history = try HistoryFile(root: location.root).read()
  }

  // MARK: Looking

  func planner(_ selection: Selection = .everything) -> Planner {
    Planner(pipeline: loaded.pipeline, partitions: loaded.partitions, selection: selection)
  }

  func facts(for planner: Planner) throws -> Facts {
    let reader = store.reader
    let libraries = try LibraryVersions(
      environment: host.environment, executableFolder: host.executableFolder, known: try reader.libraryVersions()
    ).versions(of: Survey.libraries(of: loaded.pipeline))
    for memo in libraries.learnt { try store.saveLibraryVersion(memo) }
    let survey = Survey(
      location: location, memo: memo, history: history, libraries: libraries.versions,
      checkpoints: try reader.checkpoints(), held: try reader.heldFailures(),
      // Without ingredients the reason is less exact, and nothing else is lost.
      recordedIngredients: { (try? reader.ingredients(of: $0)) ?? nil })
    let facts = try survey.facts(for: planner)
    try store.save(memo.takeChanges())
    return facts
  }

  /// Tells whoever is to be told, then lets go of the workspace.
  /// - Parameter line: takes a line for a person.
  func close(_ line: (String) -> Void) throws {
    if let complaint = try deliverNotifications() { line("note: \(complaint)") }
    try leave()
  }

  func leave() throws {
    try store.save(memo.takeChanges())
    try store.leave()
    // The lock goes with this object.
  }
}

extension Store.Origin {
  /// What a person should know of it.
  var note: String? {
    guard case .setAside(let path, let detail) = self else { return nil }
    return "the store was damaged (\(detail)); it lies at \(path) now and was rebuilt from checkpoints/*.ok"
  }
}
