/// Making outputs again that `gc` removed, for a task that must run and reads them.

import MartletModel
import MartletPlan

extension RunState {
  /// Opens the nodes again whose removed outputs this one reads: they stood as reused, or outside the selection. The node goes on waiting
  /// for them, and so does whatever else comes behind them and is not decided yet. One that another reader has opened is only waited for.
  /// - Returns: those that can be judged now; `nil` if the node needs none.
  mutating func rebuildUpstream(of position: Int) -> [Int]? {
    let producers = Set(planner.collectedProducers(of: position, facts)).sorted().filter { producer in
      if case .stands = standing(of: producer) { true } else { false }
    }
    guard !producers.isEmpty else { return nil }
    states[position] = .pending
    let closed = producers.filter { !states[$0].isOpen }
    for producer in closed {
      rebuilding.insert(producer)
      transition.effects.append(
        .tell(
          .rebuilding(
            planner.graph.nodes[producer].instance, reasons: planner.rebuildReasons(producer, facts),
            wasSettled: planner.selected[producer])))
      states[producer] = .pending
      openCount += 1
      for follower in planner.graph.downstream[producer] { openUpstream[follower] += 1 }
    }
    return closed.filter { openUpstream[$0] == 0 }
  }

  /// Whether the node stands, and is open only because its outputs are made again. Those that read what is left of it may go on.
  func standsWhileRebuilt(_ position: Int) -> Bool { rebuilding.contains(position) && states[position].isOpen }
}
