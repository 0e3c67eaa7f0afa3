/// Opens a workspace to look at it, beside whatever else goes on in it: for plan, why and gates.

import MartletFiles
import MartletModel
import MartletPlan
import MartletStore

struct WorkspaceReader {
  let location: WorkspaceLocation
  let loaded: LoadedPipeline
  let memo: DigestMemo
  let survey: Survey
  /// `nil` where no run has made a store, or it was deleted: then the `.ok` files speak.
  let store: StoreReader?
  /// Things a person should know of how the workspace was found.
  let notes: [String]

  init(_ location: WorkspaceLocation, host: Host, parameters: [String] = []) throws {
    self.location = location
    loaded = try LoadedPipeline(location, parameters: parameters, host: host)
    let store = try location.reader(path: location.storePath(in: loaded.pipeline.storeFolder))
    self.store = store
    memo = DigestMemo(root: location.root, entries: try store?.memoEntries() ?? [:])
    let libraries = LibraryVersions(
      environment: host.environment, executableFolder: host.executableFolder, known: try store?.libraryVersions() ?? [])
    let history = try HistoryFile(root: location.root).read()
    let (checkpoints, unreadable) = try store == nil ? CheckpointFiles.read(root: location.root) : ([], [])
    notes = try unreadable.map(CheckpointFiles.note) + [ReleaseNote.onLooking(at: location.root, history, memo)].compactMap { $0 }
    let byInstance = Dictionary(checkpoints.map { ($0.instance, $0.ingredients) }, uniquingKeysWith: { first, _ in first })
    survey = Survey(
      location: location, memo: memo, history: history,
      libraries: try libraries.versions(of: Survey.libraries(of: loaded.pipeline)).versions,
      checkpoints: try store?.checkpoints() ?? checkpoints.map(CheckpointSummary.init), held: try store?.heldFailures() ?? [],
      recordedIngredients: { instance in
        if let known = byInstance[instance] { return known }
        // Without ingredients the reason is less exact, and nothing else is lost.
        return (try? store?.ingredients(of: instance)) ?? nil
      })
  }

  /// Tells a person on stderr what there is to know; with `--json` the document says it too.
  func tellNotes(_ shared: SharedOptions, _ host: Host) {
    for note in notes { shared.note("note: \(note)", host) }
  }

  /// For a document: absent where there are none.
  var notesDocument: ConfigurationValue? { notes.isEmpty ? nil : .list(notes.map(ConfigurationValue.text)) }

  func planner(_ selection: Selection = .everything) -> Planner {
    Planner(pipeline: loaded.pipeline, partitions: loaded.partitions, selection: selection)
  }

  func plan(_ selection: Selection = .everything) throws -> Plan {
    let planner = planner(selection)
    return planner.plan(try survey.facts(for: planner))
  }

  /// The plan as a person is told it: what was tried in vain is not said to have never run.
  func told(_ plan: Plan) throws -> Plan {
    guard plan.entries.contains(where: { $0.reasons == [.neverRun] }) else { return plan }
    return plan.telling(try store?.latestSettlements().troubles ?? [:])
  }
}

extension CheckpointSummary {
  init(_ checkpoint: Checkpoint) {
    self.init(
      instance: checkpoint.instance, fingerprint: checkpoint.fingerprint, outputs: checkpoint.outputs,
      verdict: checkpoint.verdict, message: checkpoint.message, figures: checkpoint.figures, run: checkpoint.run,
      attempt: checkpoint.attempt, collected: Set(checkpoint.collected ?? []))
  }
}

extension StoreReader {
  /// The digest memo as `DigestMemo` takes it.
  func memoEntries() throws -> [ArtifactPath: DigestMemo.Entry] {
    Dictionary(
      try memo().map { entry in
        let stamp = FileStamp(
          device: entry.device, inode: entry.inode, size: Int64(entry.bytes),
          modifiedNanoseconds: Int64(entry.modifiedNanoseconds), changedNanoseconds: Int64(entry.changedNanoseconds))
        return (entry.path, DigestMemo.Entry(stamp: stamp, digest: entry.digest, byteCount: entry.bytes))
      }, uniquingKeysWith: { first, _ in first })
  }
}

extension Store {
  /// Keeps what a memo has learnt since the last time.
  func save(_ changes: DigestMemo.Changes) throws {
    try saveMemo(
      changes.learnt.map { path, entry in
        MemoEntry(
          path: path, device: entry.stamp.device, inode: entry.stamp.inode, bytes: entry.byteCount,
          modifiedNanoseconds: Int(entry.stamp.modifiedNanoseconds), changedNanoseconds: Int(entry.stamp.changedNanoseconds),
          digest: entry.digest)
      }, forgotten: changes.forgotten)
  }
}
