/// Outputs that `gc` removed: they count as present until a task that must run reads them; then they are made again first.

import MartletModel

extension Planner {
  /// The nodes that must run again before this one can, because it reads what `gc` removed of them.
  public func collectedProducers(of position: Int, _ facts: Facts) -> [Int] {
    var found: [Int] = []
    for input in graph.nodes[position].inputs {
      guard case .nodes(let producers, let output) = input.origin else { continue }
      found += producers.filter { facts.checkpoints[graph.nodes[$0].instance]?.collected.contains(output) == true }
    }
    return found
  }

  /// Why a node whose checkpoint stands is made again.
  public func rebuildReasons(_ position: Int, _ facts: Facts) -> [Reason] {
    let checkpoint = facts.checkpoints[graph.nodes[position].instance]
    return (checkpoint?.outputs ?? []).filter { checkpoint!.collected.contains($0.name) }.map { .outputCollected(path: $0.path) }
  }

  /// What runs, or may run, makes those run, or perhaps run, whose removed outputs it reads: from the last node to the first, since one
  /// that is made again may itself read what was removed.
  func planningRebuilds(_ entries: [Plan.Entry?], _ facts: Facts) -> [Plan.Entry?] {
    guard facts.checkpoints.values.contains(where: { !$0.collected.isEmpty }) else { return entries }
    var entries = entries
    for position in graph.nodes.indices.reversed() {
      guard let reader = entries[position], reader.action == .run || reader.action == .maybe else { continue }
      for producer in collectedProducers(of: position, facts) {
        let known = entries[producer]
        // One that is sure to run needs no further reason; one that may run needs it only from a reader that is sure to.
        let isOpen = known == nil || known!.action == .reuse || (known!.action == .maybe && reader.action == .run)
        guard isOpen else { continue }
        entries[producer] = Plan.Entry(
          instance: graph.nodes[producer].instance, action: reader.action, reasons: rebuildReasons(producer, facts),
          ingredients: known?.ingredients)
      }
    }
    return entries
  }
}
