/// `martlet gc`: which of what may go goes, and its removal, which survives a crash at any point.

import MartletFiles
import MartletModel
import MartletPlan
import MartletStore

struct Collection {
  let removed: [Collectable]
  /// What may go and stays, because it is young enough and there is room.
  let kept: [Collectable]
  var isDryRun = false

  /// What is older than the order allows goes; then, where there is a limit, the oldest of the rest until the rest fits.
  init(_ items: [Collectable], _ order: CollectionOrder, now: Double) {
    let byAge = items.sorted { ($0.writtenAt, $0.path.string) < ($1.writtenAt, $1.path.string) }
    var removed = byAge.filter { now - $0.writtenAt > order.olderThanSeconds }
    var kept = byAge.filter { now - $0.writtenAt <= order.olderThanSeconds }
    if let limit = order.maximumBytes {
      var bytes = kept.reduce(0) { $0 + $1.bytes }
      while bytes > limit, let oldest = kept.first {
        kept.removeFirst()
        removed.append(oldest)
        bytes -= oldest.bytes
      }
    }
    self.removed = removed
    self.kept = kept
  }

  var bytes: Int { removed.reduce(0) { $0 + $1.bytes } }
}

extension WorkspaceSession {
  /// Finds and removes what the order asks for.
  func collect(_ order: CollectionOrder) throws -> Collection {
    let planner = planner()
    let survey = CollectionSurvey(
      root: location.root, planner: planner, facts: try facts(for: planner), history: history, store: store.reader)
    let collection = Collection(try survey.collectables(order), order, now: host.wallSeconds())
    try markCollected(collection.removed)
    for item in collection.removed { try FileTree.remove("\(location.root)/\(item.path.withoutTrailingSlash)") }
    return collection
  }

  /// Says durably of each output that it was removed before it goes: a crash in between leaves an output that is both, and counts as
  /// what it is, present.
  private func markCollected(_ items: [Collectable]) throws {
    var outputs: [TaskInstance: [String]] = [:]
    for item in items {
      if let instance = item.instance, let output = item.output { outputs[instance, default: []].append(output) }
    }
    guard !outputs.isEmpty else { return }
    let checkpoints = try outputs.keys.sorted { $0.key < $1.key }.compactMap { instance -> Checkpoint? in
      guard var checkpoint = try store.reader.checkpoint(instance) else { return nil }
      checkpoint.collected = Set(checkpoint.collected ?? []).union(outputs[instance]!).sorted()
      return checkpoint
    }
    try workspace.markCollected(checkpoints)
    try store.collect(outputs)
  }
}
