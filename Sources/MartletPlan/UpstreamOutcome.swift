/// How a task upstream ended, as a task with `when: settled` is told.

import MartletModel

public struct UpstreamOutcome: Sendable, Hashable {
  public let task: String
  /// `succeeded`, `failed` or `blocked`
  public let outcome: String
  public let verdict: Verdict?
  public let message: String?
}

extension Planner {
  /// One for each task directly upstream: the worst of its nodes.
  public func upstreamOutcomes(of position: Int, _ standing: (Int) -> Standing) -> [UpstreamOutcome] {
    outcomes(graph.nodes[position].upstream, standing)
  }

  func outcomes(_ nodes: [Int], _ standing: (Int) -> Standing) -> [UpstreamOutcome] {
    var byTask: [String: UpstreamOutcome] = [:]
    for position in nodes {
      let task = graph.nodes[position].instance.task
      let now = outcome(of: position, standing(position))
      let rank = ["succeeded": 0, "blocked": 1, "failed": 2]
      if let known = byTask[task], rank[known.outcome]! >= rank[now.outcome]! { continue }
      byTask[task] = now
    }
    return byTask.values.sorted { $0.task < $1.task }
  }

  private func outcome(of position: Int, _ standing: Standing) -> UpstreamOutcome {
    var verdict: Verdict?
    var message: String?
    switch standing {
    case .stands(let checkpoint):
      verdict = checkpoint.verdict
      message = checkpoint.message
    case .failed(let said), .blocked(let said): message = said
    default: break
    }
    return UpstreamOutcome(
      task: graph.nodes[position].instance.task, outcome: standing.outcomeWord, verdict: verdict, message: message)
  }
}
