/// The history and the link to the release in production, each with a written and a synced layer: a double of what lies under `artifact/`.

import MartletModel
import MartletRun

final class MemoryProduction: Production {
  /// The history's lines as written.
  private var lines: [String] = []
  private var syncedCount = 0
  private(set) var link: ArtifactPath?
  private var syncedLink: ArtifactPath?
  private var known: HistoryEnd?
  /// What each release held when somebody was to decide on it.
  private var packed: [ArtifactPath: Digest] = [:]
  private let files: MemoryFiles
  private let invariants: Invariants

  init(files: MemoryFiles, invariants: Invariants) {
    self.files = files
    self.invariants = invariants
  }

  /// As the next process reads it.
  func history() -> History { read(lines[...]) }

  /// Whether a loss of power would leave all of it.
  var isSynced: Bool { syncedCount == lines.count }

  private func read(_ lines: ArraySlice<String>) -> History {
    do {
      return try History(text: lines.map { $0 + "\n" }.joined(), file: "history.jsonl")
    } catch {
      invariants.fail("the history does not read: \(error.fault)")
      return History()
    }
  }

  /// A release comes before a person.
  func show(_ release: ArtifactPath, _ digest: Digest) {
    if packed[release] == nil { packed[release] = digest }
  }

  func losePower(_ generator: inout SeededGenerator) {
    guard !lines.isEmpty else { return }
    lines.removeLast(lines.count - Int.random(in: syncedCount...lines.count, using: &generator))
    syncedCount = lines.count
    if Bool.random(using: &generator) { link = syncedLink }
    syncedLink = link
    if Bool.random(using: &generator) { known = nil }
    if let link {
      invariants.require(history().everPromoted.contains(link), "\(link) is current and the history knows nothing of it")
    }
  }

  /// One step of whoever holds the workspace.
  private func perform(_ operation: DiskFault.Operation, _ change: () -> Void) throws {
    guard files.mayWrite() else { throw EngineDied() }
    try files.disk.attempt(operation)
    if operation != .sync || !files.disk.lies { change() }
  }

  // MARK: Production

  func knownEnd() -> HistoryEnd? { known }

  func keepEnd(_ end: HistoryEnd) throws { try perform(.commit) { known = end } }

  func append(_ entry: HistoryEntry) throws {
    try perform(.write) { lines.append(entry.line) }
    try syncHistory()
  }

  func syncHistory() throws { try perform(.sync) { syncedCount = lines.count } }

  func isCurrent(_ release: ArtifactPath) -> Bool { link == release }

  func faults(of release: ArtifactPath) -> [String] {
    guard let content = files.contents[release] else { return ["it is gone"] }
    return content.isWhole && content.digest == packed[release] ? [] : ["it was changed"]
  }

  func makeCurrent(_ release: ArtifactPath) throws {
    invariants.require(faults(of: release).isEmpty, "\(release) becomes current and is damaged")
    invariants.require(
      read(lines.prefix(syncedCount)).everPromoted.contains(release), "\(release) becomes current before the history says so")
    try perform(.rename) { link = release }
    invariants.tally[.releasesMoved] += 1
    try perform(.sync) { syncedLink = link }
  }
}
