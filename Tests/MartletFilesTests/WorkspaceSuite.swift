// What the tests of the workspace's files share: a scratch workspace, and attempts and publications made from a few words.

import MartletModel

@testable import MartletFiles
@testable import MartletRun

protocol WorkspaceSuite {
  var scratch: ScratchFolder { get }
  var workspace: DiskWorkspace { get }
}

extension WorkspaceSuite {
  /// As another process would open it; configurations are JSON here.
  static func workspace(in scratch: ScratchFolder) -> DiskWorkspace {
    DiskWorkspace(root: scratch.path, memo: DigestMemo(root: scratch.path)) { _, bytes in
      ConfigurationValue(canonicalJSON: String(decoding: bytes, as: UTF8.self)).flatMap { value in
        if case .map(let entries) = value { entries } else { nil }
      }
    }
  }

  func digest(_ text: String) -> Digest { Digest(of: text.utf8) }

  func output(_ name: String, _ target: ArtifactPath, inPlace: Bool = false) -> AttemptPlan.ItemOutput {
    let slash = target.isFolder ? "/" : ""
    let staged = ArtifactPath(".martlet/attempts/r.1/out/0/\(name)/\(target.lastComponent)\(slash)")
    return AttemptPlan.ItemOutput(
      name: name, staged: inPlace ? target : staged, target: target, previous: nil, isImmutable: false)
  }

  func plan(
    attempt: String = "r.1", inputs: [AttemptPlan.ItemInput] = [], outputs: [AttemptPlan.ItemOutput] = [], inPlace: Bool = false,
    code: [ArtifactPath: Digest] = [:]
  ) -> AttemptPlan {
    let ingredients = Ingredients([])
    let instance = TaskInstance(task: "train")
    let record = AttemptRecord(
      id: attempt, run: "r", task: "train", instances: [instance], fingerprints: [ingredients.fingerprint],
      ingredients: [ingredients], number: 1, resources: Resources(cpu: 1, memoryBytes: 1), seedIndex: 0, createdAt: 0)
    let item = AttemptPlan.Item(
      instance: instance, fingerprint: ingredients.fingerprint, ingredients: ingredients, inputs: inputs, outputs: outputs)
    return AttemptPlan(
      record: record, specification: "{}", items: [item], shellCommand: nil, environment: [:], timeoutSeconds: nil,
      inPlace: inPlace, code: code)
  }

  func intent(_ moves: [PublishIntent.Move], attempt: String = "r.1") -> PublishIntent {
    let ingredients = Ingredients([])
    let checkpoint = Checkpoint(
      instance: TaskInstance(task: "train"), fingerprint: ingredients.fingerprint, ingredients: ingredients, outputs: [],
      verdict: nil, message: nil, figures: [:], run: "r", attempt: attempt)
    return PublishIntent(attempt: attempt, checkpoint: checkpoint, moves: moves)
  }

  func move(_ name: String, _ content: String, previous: String? = nil) throws -> PublishIntent.Move {
    let staged = ArtifactPath(".martlet/attempts/r.1/out/\(name)")
    _ = try scratch.file(staged.string, content)
    return PublishIntent.Move(
      staged: staged, target: ArtifactPath("models/\(name)"), digest: digest(content), previous: previous.map(digest))
  }

  func content(_ path: String) throws -> String? { try text("\(scratch.path)/\(path)") }
}
