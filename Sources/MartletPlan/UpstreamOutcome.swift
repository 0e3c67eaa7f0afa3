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
  /// One for each task directly upstream: the worst of its nodes, by outcome, then by verdict.
  public func upstreamOutcomes(of position: Int, _ standing: (Int) -> Standing) -> [UpstreamOutcome] {
    outcomes(graph.nodes[position].upstream, standing)
  }

  func outcomes(_ nodes: [Int], _ standing: (Int) -> Standing) -> [UpstreamOutcome] {
    var worst: [String: (rank: Int, outcome: UpstreamOutcome)] = [:]
    for position in nodes {
      let task = graph.nodes[position].instance.task
      let standing = standing(position)
      let now = outcome(of: position, standing)
      let rank = rank(of: now, standing)
      if let known = worst[task], known.rank >= rank { continue }
      worst[task] = (rank, now)
    }
    return worst.values.map(\.outcome).sorted { $0.task < $1.task }
  }

  /// A missing partition says nothing of its task while another partition is there.
  private func rank(of outcome: UpstreamOutcome, _ standing: Standing) -> Int {
    if case .missing = standing { return 0 }
    switch outcome.outcome {
    case "failed": return 6
    case "blocked": return 5
    default:
      switch outcome.verdict {
      case .fail: return 4
      case .warn: return 3
      case .pass: return 2
      case nil: return 1
      }
    }
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
