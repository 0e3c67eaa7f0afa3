/// Why the planner decided as it did, as a closed list that the commands and their JSON render alike.

import MartletModel

public enum Reason: Sendable, Hashable {
  case neverRun
  case inputChanged(name: String, old: String, new: String)
  case parameterChanged(name: String, old: String, new: String)
  case environmentChanged(name: String, old: String, new: String)
  case codeChanged(path: String)
  case commandChanged
  case builtinChanged(old: String, new: String)
  case libraryChanged(name: String, old: String, new: String)
  case outputsDeclaredAnew(name: String)
  case upstreamEndedOtherwise(task: String, old: String, new: String)
  case graphChanged
  case lineageChanged(name: String)
  case outputMissing(path: ArtifactPath)
  case outputModified(path: ArtifactPath)
  /// `gc` removed it, and a task that must run reads it.
  case outputCollected(path: ArtifactPath)
  case checkpointRemoved
  case forced
  /// It stands, and runs once more so that its outputs can be compared.
  case compared
  /// An upstream will run or may run: decided when it has ended.
  case upstreamMayChange(task: String)
  case waitsForGate(String)
  case gateRejected(String)
  /// The release that was approved on this evidence was rolled back: the gate asks again.
  case approvalLapsed(String)
  case blocked(by: String, why: Obstacle)
  case sourceMissing(input: String, path: ArtifactPath)
  case sourceUnreadable(input: String, path: ArtifactPath, why: UnreadableFile)
  case libraryMissing(String)
  /// A failure of the same fingerprint stands: `retry` or a change is needed.
  case heldFailure(FailureClass)
  /// Its last try ended so; said where a backfill is planned.
  case failedBefore(FailureClass)
  /// What it needed failed or was blocked when it was last tried.
  case blockedBefore
  case unchanged

  /// What stands in the way upstream.
  public enum Obstacle: String, Sendable, Hashable {
    case failed
    case blocked
    case verdict
    case noCheckpoint
    case noPartition
    case waits
    case rejected
    case cancelled
  }

  /// A stable word for JSON.
  public var kind: String {
    switch self {
    case .neverRun: "never_run"
    case .inputChanged: "input_changed"
    case .parameterChanged: "parameter_changed"
    case .environmentChanged: "environment_changed"
    case .codeChanged: "code_changed"
    case .commandChanged: "command_changed"
    case .builtinChanged: "builtin_changed"
    case .libraryChanged: "library_changed"
    case .outputsDeclaredAnew: "output_declaration_changed"
    case .upstreamEndedOtherwise: "upstream_outcome_changed"
    case .graphChanged: "graph_changed"
    case .lineageChanged: "lineage_changed"
    case .outputMissing: "output_missing"
    case .outputModified: "output_modified"
    case .outputCollected: "output_collected"
    case .checkpointRemoved: "checkpoint_removed"
    case .forced: "forced"
    case .compared: "compared"
    case .upstreamMayChange: "upstream_may_change"
    case .waitsForGate: "waits_for_gate"
    case .gateRejected: "gate_rejected"
    case .approvalLapsed: "approval_lapsed"
    case .blocked: "blocked"
    case .sourceMissing: "source_missing"
    case .sourceUnreadable: "source_unreadable"
    case .libraryMissing: "library_missing"
    case .heldFailure: "held_failure"
    case .failedBefore: "failed_before"
    case .blockedBefore: "blocked_before"
    case .unchanged: "unchanged"
    }
  }

  /// The reason as a person reads it.
  public var text: String {
    switch self {
    case .neverRun: "never run"
    case .inputChanged(let name, let old, let new): "input \(name) changed (\(old) -> \(new))"
    case .parameterChanged(let name, let old, let new): "parameter \(name) \(old) -> \(new)"
    case .environmentChanged(let name, let old, let new): "environment \(name) \(old) -> \(new)"
    case .codeChanged(let path): "code \(path) changed"
    case .commandChanged: "command changed"
    case .builtinChanged(let old, let new): "built-in \(old) -> \(new)"
    case .libraryChanged(let name, let old, let new): "library \(name) \(old) -> \(new)"
    case .outputsDeclaredAnew(let name): "declaration of output \(name) changed"
    case .upstreamEndedOtherwise(let task, let old, let new): "\(task) ended otherwise (\(old) -> \(new))"
    case .graphChanged: "the graph changed"
    case .lineageChanged(let name): "lineage changed (\(name))"
    case .outputMissing(let path): "output missing: \(path)"
    case .outputModified(let path): "output modified: \(path)"
    case .outputCollected(let path): "output collected: \(path)"
    case .checkpointRemoved: "checkpoint removed"
    case .forced: "forced"
    case .compared: "runs once more to be compared"
    case .upstreamMayChange(let task): "\(task) runs first"
    case .waitsForGate(let gate): "waits for gate \(gate)"
    case .gateRejected(let gate): "gate \(gate) was rejected"
    case .approvalLapsed: "the approval lapsed when its release was rolled back"
    case .blocked(let task, let why): "blocked by \(task), \(why.text)"
    case .sourceMissing(let input, let path): "input \(input) is not there: \(path)"
    case .sourceUnreadable(let input, _, let why): "input \(input) cannot be read: \(why.message)"
    case .libraryMissing(let name): "\(name) cannot be found"
    case .heldFailure(let failureClass): "failed before (\(failureClass.rawValue)) and nothing changed since"
    case .failedBefore(let failureClass): "failed before (\(failureClass.rawValue))"
    case .blockedBefore: "blocked before by one that failed"
    case .unchanged: "unchanged"
    }
  }

  /// The values of this reason, for JSON.
  public var details: [(name: String, value: String)] {
    switch self {
    case .inputChanged(let name, let old, let new), .parameterChanged(let name, let old, let new),
      .environmentChanged(let name, let old, let new), .libraryChanged(let name, let old, let new):
      [("name", name), ("old", old), ("new", new)]
    case .upstreamEndedOtherwise(let task, let old, let new): [("task", task), ("old", old), ("new", new)]
    case .builtinChanged(let old, let new): [("old", old), ("new", new)]
    case .codeChanged(let path): [("path", path)]
    case .outputMissing(let path), .outputModified(let path), .outputCollected(let path): [("path", path.string)]
    case .outputsDeclaredAnew(let name), .lineageChanged(let name), .libraryMissing(let name): [("name", name)]
    case .sourceMissing(let input, let path): [("name", input), ("path", path.string)]
    case .sourceUnreadable(let input, let path, let why):
      [("name", input), ("path", path.string), ("class", why.failureClass.rawValue)]
    case .upstreamMayChange(let task): [("task", task)]
    case .blocked(let task, let why): [("task", task), ("why", why.rawValue)]
    case .waitsForGate(let gate), .gateRejected(let gate), .approvalLapsed(let gate): [("gate", gate)]
    case .heldFailure(let failureClass), .failedBefore(let failureClass): [("class", failureClass.rawValue)]
    case .neverRun, .commandChanged, .graphChanged, .checkpointRemoved, .forced, .compared, .blockedBefore, .unchanged: []
    }
  }
}

extension Reason.Obstacle {
  var text: String {
    switch self {
    case .failed: "which failed"
    case .blocked: "which is blocked itself"
    case .verdict: "whose verdict is fail"
    case .noCheckpoint: "which is not selected and has no checkpoint"
    case .noPartition: "which has no such partition"
    case .waits: "which waits for a person"
    case .rejected: "which was rejected"
    case .cancelled: "which was cancelled"
    }
  }
}
