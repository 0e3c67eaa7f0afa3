/// Finds what `release: current` stands for.

import MartletModel

extension Planner {
  public enum ReleaseAnswer {
    /// Something that this task reads is not settled.
    case unknown
    case none
    case found(PromotedRelease)
  }

  /// Of the promoted releases, from the current one backwards, the newest that was made from other outputs than this task reads now:
  /// so that promoting a release makes nothing stale that was compared with its forerunner.
  public func release(for node: InstanceGraph.Node, facts: Facts, standing: (Int) -> Standing) -> ReleaseAnswer {
    guard !facts.releases.isEmpty else { return .none }
    var digests: [String: Digest] = [:]
    for input in node.inputs {
      guard case .nodes(let producers, let output) = input.origin else { continue }
      for producer in producers {
        switch standing(producer) {
        case .unsettled: return .unknown
        case .stands(let checkpoint):
          let instance = graph.nodes[producer].instance
          let suffix = instance.partition.map { "[\($0.value)]" } ?? ""
          digests["\(instance.task).\(output)\(suffix)"] = checkpoint.output(output)?.digest
        default: continue
        }
      }
    }
    let other = facts.releases.first { release in digests.contains { release.lineage[$0.key] != $0.value } }
    return other.map(ReleaseAnswer.found) ?? .none
  }
}
