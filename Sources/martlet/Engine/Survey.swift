/// Looks at the workspace once and tells the planner what is there.

import Foundation
import MartletFiles
import MartletModel
import MartletPlan
import MartletStore
import MartletSyntax

struct Survey {
  let location: WorkspaceLocation
  let memo: DigestMemo
  let history: History
  let libraries: [NativeLibrary: String]
  let checkpoints: [CheckpointSummary]
  let held: [StoredFailure]
  let recordedIngredients: @Sendable (TaskInstance) -> Ingredients?

  /// - Throws: `Diagnostics` for a configuration file that does not read; `SystemError` for an output that cannot be read.
  func facts(for planner: Planner) throws -> Facts {
    var unreadable: [ArtifactPath: UnreadableFile] = [:]
    let contents = try memo.contents(of: digestedPaths(planner), refused: { unreadable[$0] = UnreadableFile($1) })
    let configurations = try configurations(planner, &unreadable)
    var facts = Facts(
      sources: contents.mapValues(\.digest), unreadable: unreadable, configurations: configurations, libraries: libraries,
      releases: try releases(), decisions: history.gateDecisions, rulings: history.rulings,
      recordedIngredients: recordedIngredients)
    try add(checkpoints, of: planner, to: &facts)
    for failure in held {
      facts.heldFailures[failure.instance] = HeldFailure(
        fingerprint: failure.fingerprint, failureClass: failure.failureClass, message: failure.message)
    }
    return facts
  }

  /// The libraries that the pipeline's built-ins use.
  static func libraries(of pipeline: Pipeline) -> Set<NativeLibrary> {
    Set(pipeline.tasks.flatMap { $0.builtin.flatMap(BuiltinCatalog.description(of:))?.libraries ?? [] })
  }

  /// Every path outside of tasks' outputs that decides something.
  static func sources(of planner: Planner) -> [ArtifactPath] {
    let inputs = planner.graph.nodes.flatMap(\.inputs).compactMap { input -> ArtifactPath? in
      guard case .source(let path) = input.origin else { return nil }
      return path
    }
    return inputs + planner.pipeline.tasks.flatMap(\.code)
  }

  private func digestedPaths(_ planner: Planner) -> [ArtifactPath] {
    var paths: Set<ArtifactPath> = []
    for node in planner.graph.nodes {
      for input in node.inputs where input.keys == nil {
        if case .source(let path) = input.origin { paths.insert(path) }
      }
    }
    for task in planner.pipeline.tasks { paths.formUnion(task.code) }
    return Array(paths)
  }

  private func configurations(
    _ planner: Planner, _ unreadable: inout [ArtifactPath: UnreadableFile]
  ) throws -> [ArtifactPath: [String: ConfigurationValue]] {
    var paths: Set<ArtifactPath> = []
    for node in planner.graph.nodes {
      for input in node.inputs where input.keys != nil {
        if case .source(let path) = input.origin { paths.insert(path) }
      }
    }
    var configurations: [ArtifactPath: [String: ConfigurationValue]] = [:]
    var diagnostics: [Diagnostic] = []
    for path in paths.sorted() {
      let bytes: [UInt8]?
      do {
        bytes = try FileContent.read("\(location.root)/\(path)")
      } catch {
        unreadable[path] = UnreadableFile(error)
        continue
      }
      guard let bytes else { continue }
      switch ConfigurationReader.read(text: String(decoding: bytes, as: UTF8.self), file: path.string) {
      case .success(let keys): configurations[path] = keys
      case .failure(let failure): diagnostics += failure.entries
      }
    }
    guard diagnostics.isEmpty else { throw Diagnostics(diagnostics) }
    return configurations
  }

  private func add(_ checkpoints: [CheckpointSummary], of planner: Planner, to facts: inout Facts) throws {
    let wanted = checkpoints.filter { planner.graph.index[$0.instance] != nil }
    var unfit: Set<ArtifactPath> = []
    let contents = try memo.contents(of: wanted.flatMap { $0.outputs.map(\.path) }) { path, _ in unfit.insert(path) }
    let root = location.root
    let areThere = try mapInParts(wanted) { try FileKind.of("\(root)/\($0.instance.checkpointPath)") == .file }
    for (checkpoint, isThere) in zip(wanted, areThere) {
      guard isThere else {
        facts.removedCheckpoints[checkpoint.instance] = checkpoint.outputs
        continue
      }
      var damage: [String: StandingCheckpoint.Damage] = [:]
      var collected: Set<String> = []
      for output in checkpoint.outputs {
        guard let found = contents[output.path] else {
          if checkpoint.collected.contains(output.name), !unfit.contains(output.path) {
            collected.insert(output.name)
            continue
          }
          damage[output.name] = unfit.contains(output.path) ? .modified : .missing
          continue
        }
        if found.digest != output.digest { damage[output.name] = .modified }
      }
      facts.checkpoints[checkpoint.instance] = StandingCheckpoint(
        fingerprint: checkpoint.fingerprint, outputs: checkpoint.outputs, verdict: checkpoint.verdict,
        message: checkpoint.message, damage: damage, collected: collected)
    }
  }

  /// The releases that can be read: a damaged one is as good as none, and whoever holds the workspace names it.
  private func releases() throws -> [PromotedRelease] {
    try history.promoted.compactMap { path in
      let folder = ReleaseFolder(root: location.root, path: path)
      guard let manifest = try readable({ try folder.manifest() }), let content = try readable({ try memo.content(of: path) })
      else { return nil }
      return PromotedRelease(
        folder: path, lineage: manifest.lineage,
        files: Dictionary(manifest.files.map { ($0.path, $0.sha256) }, uniquingKeysWith: { first, _ in first }),
        digest: content.digest)
    }
  }

  private func readable<Value>(_ read: () throws -> Value?) throws -> Value? {
    do {
      return try read()
    } catch is ReleaseError {
      return nil
    } catch is UnfitFileError {
      return nil
    }
  }
}

extension UnreadableFile {
  fileprivate init(_ error: any Error) {
    self.init(message: "\(error)", failureClass: (error as? SystemError)?.failureClass ?? .config)
  }
}
