/// Finds what `martlet gc` may remove: what nothing that is current, pinned, running or the way back rests on.

import MartletFiles
import MartletModel
import MartletPlan
import MartletRun
import MartletStore

/// One thing that may go, with its size and its age.
struct Collectable: Hashable {
  enum Kind: String, CaseIterable {
    /// an attempt's folder: log, records, what it left in staging
    case attempt
    /// a person's bytes that were kept when an output was replaced
    case aside
    /// a release that was never promoted
    case release
    /// an output that only other tasks read, and that can be made again
    case intermediate
  }

  let kind: Kind
  /// Below the workspace.
  let path: ArtifactPath
  let bytes: Int
  /// Seconds since 1970.
  let writtenAt: Double
  /// Of an intermediate: whose output it is, and its name.
  var instance: TaskInstance?
  var output: String?
}

struct CollectionSurvey {
  let root: String
  let planner: Planner
  let facts: Facts
  let history: History
  let store: StoreReader?

  func collectables(_ order: CollectionOrder) throws -> [Collectable] {
    let unfinished = try store?.unfinishedAttempts() ?? []
    let held = Set(unfinished.map(\.id))
    return try attempts(except: held) + below(".martlet/aside", .aside) { !held.contains($0) } + releases()
      + (order.intermediates && unfinished.isEmpty ? intermediates() : [])
  }

  // MARK: Attempts and what was kept aside

  /// The newest attempt of each task stays: its log is what `logs` shows and what the runbook names.
  private func attempts(except held: Set<String>) throws -> [Collectable] {
    let newest = try Set(
      planner.pipeline.tasks.compactMap { try store?.latestAttempts(task: $0.name, limit: 1).first?.id })
    return try below(".martlet/attempts", .attempt) { !held.contains($0) && !newest.contains($0) }
  }

  private func below(_ folder: String, _ kind: Collectable.Kind, _ isFree: (String) -> Bool) throws -> [Collectable] {
    guard try FileKind.of("\(root)/\(folder)") == .folder else { return [] }
    return try FolderListing.names(of: "\(root)/\(folder)").map(\.description).filter(isFree).compactMap { name in
      try collectable(kind, ArtifactPath("\(folder)/\(name)"))
    }
  }

  private func collectable(_ kind: Collectable.Kind, _ path: ArtifactPath) throws -> Collectable? {
    try DiskUse.of("\(root)/\(path.withoutTrailingSlash)").map {
      Collectable(kind: kind, path: path, bytes: $0.bytes, writtenAt: $0.writtenAt)
    }
  }

  // MARK: Releases

  /// Folders under a release's name that were never promoted and that no checkpoint has: neither in production, nor the way back, nor what
  /// a gate shows. None at all where the history cannot be gone by.
  private func releases() throws -> [Collectable] {
    guard try isHistoryWhole() else { return [] }
    let recorded = Set(facts.checkpoints.values.flatMap(\.outputs).map(\.path))
      .union(facts.removedCheckpoints.values.flatMap { $0 }.map(\.path))
    let taken = Set(recorded.union(history.everPromoted).map(\.withoutTrailingSlash))
    var found: [Collectable] = []
    for output in planner.pipeline.tasks.flatMap(\.outputs) where output.path.expressions.contains(.hash) {
      let pattern = ArtifactPath(planner.pipeline.expand(output.path, partition: nil, hash: "*"))
      let parts = pattern.lastComponent.split(separator: "*", omittingEmptySubsequences: false)
      guard parts.count == 2, try FileKind.of("\(root)/\(pattern.parent)") == .folder else { continue }
      for name in try FolderListing.names(of: "\(root)/\(pattern.parent)").map(\.description) {
        let path = "\(pattern.parent)/\(name)"
        guard name.hasPrefix(parts[0]), name.hasSuffix(parts[1]), !taken.contains(path),
          try FileKind.of("\(root)/\(path)", followingLinks: false) == .folder
        else { continue }
        if let release = try collectable(.release, ArtifactPath(path + "/")) { found.append(release) }
      }
    }
    return found
  }

  /// Whether the history holds the last entry that the store knows, and the release in production, since the store may be gone too. If
  /// not, nobody can tell which releases were ever promoted.
  private func isHistoryWhole() throws -> Bool {
    if let known = try store?.historyEnd(), !history.holds(known) { return false }
    guard try ReleaseFolder.linkDestination(root: root) != nil else { return true }
    return try history.everPromoted.contains { try ReleaseFolder(root: root, path: $0).isCurrent() }
  }

  // MARK: Intermediates

  /// Outputs that other tasks read and no person does, of tasks that stand, where all who read them stand too.
  private func intermediates() throws -> [Collectable] {
    let entries = planner.plan(facts).entries
    // What has lost its source stands no more: the bytes that are left of it are the only ones.
    let standing = Set(entries.filter { $0.action == .reuse }.map(\.instance))
    let settled = standing.union(entries.filter { $0.action == .missing || $0.action == .wait }.map(\.instance))
    let shown = Set(planner.pipeline.tasks.compactMap(\.gate).flatMap { $0.show + [$0.subject].compactMap { $0 } })
    var found: [Collectable] = []
    for (position, node) in planner.graph.nodes.enumerated() where standing.contains(node.instance) {
      let task = planner.task(of: position)
      guard !task.inPlace, let checkpoint = facts.checkpoints[node.instance] else { continue }
      for output in checkpoint.outputs where !checkpoint.collected.contains(output.name) && !isForPeople(output, of: task) {
        let readers = readers(of: output.name, at: position)
        guard !readers.isEmpty, readers.allSatisfy({ settled.contains(planner.graph.nodes[$0].instance) }),
          readers.allSatisfy({ planner.task(of: $0).condition == .ready }),
          !shown.contains(OutputReference(task: task.name, output: output.name)),
          task.output(output.name)?.path.expressions.contains(.hash) == false
        else { continue }
        guard var item = try collectable(.intermediate, output.path) else { continue }
        item.instance = node.instance
        item.output = output.name
        found.append(item)
      }
    }
    return found
  }

  /// What ingest could not read is there for a person to look at, although its gather is given it too.
  private func isForPeople(_ output: RecordedOutput, of task: PipelineTask) -> Bool {
    task.builtin?.name == "ingest" && output.name == "rejects"
  }

  private func readers(of output: String, at position: Int) -> [Int] {
    planner.graph.downstream[position].filter { reader in
      planner.graph.nodes[reader].inputs.contains { input in
        if case .nodes(let producers, output) = input.origin { producers.contains(position) } else { false }
      }
    }
  }
}
