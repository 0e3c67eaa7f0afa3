/// Running what stands once more, to see whether it writes the same bytes: nothing is published and no checkpoint changes.

import MartletModel
import MartletPlan

/// What came of running an instance once more.
public struct ComparedNotice: Sendable {
  /// One output, as recorded and as written now.
  public struct Output: Sendable, Hashable {
    public let name: String
    /// Where the recorded bytes are.
    public let path: ArtifactPath
    /// Where the bytes written now are, as long as the attempt's folder is there.
    public let staged: ArtifactPath
    public let recorded: Digest
    public let found: Digest
    /// Whether the recorded bytes were removed by `gc`: then there is nothing to set beside the new ones.
    public let isCollected: Bool

    public var isSame: Bool { recorded == found }
  }

  public let instance: TaskInstance
  public let outputs: [Output]
  public let seconds: Double
  public let attempt: String
}

extension RunState {
  var isComparison: Bool { !settings.comparing.isEmpty }

  /// The instance stands; it runs once more with what decided its result then.
  mutating func compareAgain(_ position: Int, _ judgement: Judgement) {
    guard let ingredients = judgement.ingredients else {
      preconditionFailure("\(planner.graph.nodes[position].instance) stands without ingredients")
    }
    enter(position, Decided(ingredients: ingredients, reasons: [.compared]))
  }

  /// - Returns: the nodes that can be judged now.
  mutating func compare(
    _ position: Int, _ item: AttemptPlan.Item, _ verification: Verification, _ live: LiveAttempt
  ) -> [Int] {
    let checkpoint = facts.checkpoints[item.instance]
    let found = Dictionary(
      (verification.outputs[item.instance] ?? []).map { ($0.name, $0.digest) }, uniquingKeysWith: { first, _ in first })
    let outputs = item.outputs.compactMap { output -> ComparedNotice.Output? in
      guard let recorded = checkpoint?.output(output.name), let digest = found[output.name] else { return nil }
      return ComparedNotice.Output(
        name: output.name, path: output.target, staged: output.staged, recorded: recorded.digest, found: digest,
        isCollected: checkpoint?.collected.contains(output.name) ?? false)
    }
    // What differs stays in the attempt's folder, to be looked at.
    if outputs.contains(where: { !$0.isSame }) { attempts[live.plan.record.id]!.keepsOutputs = true }
    transition.effects.append(
      .tell(
        .compared(
          ComparedNotice(
            instance: item.instance, outputs: outputs, seconds: now - live.startedAt, attempt: live.plan.record.id))))
    return settle(position, .reused, reasons: [.compared])
  }

  /// A comparison is no run: what it did is told, and only its attempts are on record.
  mutating func forgetAllButAttempts() {
    transition.entries.removeAll { entry in
      switch entry {
      case .attemptCreated, .attemptStarted, .attemptEnded: false
      default: true
      }
    }
    transition.effects.removeAll { if case .showLog = $0 { true } else { false } }
  }
}
