/// A release as it stands: its place in the history, whether every byte is there, and what is known of it.

import MartletFiles
import MartletModel
import MartletPlan
import MartletStore
import MartletSyntax

struct ReleaseView {
  /// Where a release stands in the history.
  enum State: String {
    case current
    /// what a rollback would go back to
    case previous
    /// promoted before those
    case earlier
    case rolledBack = "rolled_back"
    case neverPromoted = "never_promoted"

    var words: String { rawValue.replacing("_", with: " ") }
  }

  let path: ArtifactPath
  let state: State
  let isPinned: Bool
  /// What is wrong with its bytes, each with the file's name.
  let faults: [String]
  /// What made it current the last time.
  let promotion: HistoryEntry?
  /// `nil` where the manifest does not read.
  let record: ReleaseRecord?
}

extension ReleaseCatalog {
  func view(_ path: ArtifactPath, _ judgements: [RecordedJudgement]) throws -> ReleaseView {
    let state: ReleaseView.State =
      switch path {
      case history.current: .current
      case history.beforeCurrent: .previous
      case _ where history.promoted.contains(path): .earlier
      case _ where history.everPromoted.contains(path): .rolledBack
      default: .neverPromoted
      }
    return ReleaseView(
      path: path, state: state, isPinned: state == .current && history.isPinned, faults: try faults(of: path),
      promotion: history.promotion(of: path), record: try record(path, judgements))
  }

  /// What is wrong with a release's bytes: compared with its manifest, and the whole folder with what was approved.
  func faults(of path: ArtifactPath) throws -> [String] {
    let faults = try ReleaseFolder(root: root, path: path).faults()
    guard faults.isEmpty, let approved = history.approvedDigests(of: path) else { return faults }
    let digest = try FileDigest.content(of: "\(root)/\(path.withoutTrailingSlash)").digest.hex
    return approved.contains(digest) ? [] : ["\(ReleaseFolder.manifestName) was changed: the folder is not what was approved"]
  }

  /// What is known of a release; `nil` where its manifest does not read. Figures come from the record of its approval; without one,
  /// from the tasks whose newest judgement is on the very outputs that it was made from.
  func record(_ path: ArtifactPath, _ judgements: [RecordedJudgement]) throws -> ReleaseRecord? {
    let folder = ReleaseFolder(root: root, path: path)
    guard let manifest = try folder.document(ReleaseFolder.manifestName) else { return nil }
    var figures = history.entries.last { $0.release == path && !$0.figures.isEmpty }?.figures
    if figures == nil, let lineage = try? folder.manifest()?.lineage {
      let judged = judgements.filter { $0.isOn(lineage) }
      if !judged.isEmpty {
        figures = Dictionary(judged.map { ($0.instance.task, .map($0.figures)) }, uniquingKeysWith: { first, _ in first })
      }
    }
    return ReleaseRecord(
      manifest: manifest, training: try folder.document("train_metrics.json"), schema: try schema(path), figures: figures)
  }

  private func schema(_ path: ArtifactPath) throws -> [String: ConfigurationValue]? {
    guard let bytes = try FileContent.read("\(root)/\(path.withoutTrailingSlash)/schema.yaml") else { return nil }
    return try? ConfigurationReader.read(text: String(decoding: bytes, as: UTF8.self), file: "schema.yaml").get()
  }
}

extension History {
  /// The digests that were shown when a release was approved, its own among them; `nil` if no approval names it.
  fileprivate func approvedDigests(of release: ArtifactPath) -> Set<String>? {
    let approval = entries.last { $0.kind == .approved && $0.release == release }
    guard case .gate(_, _, let shown, _)? = approval?.subject else { return nil }
    return Set(shown.values)
  }
}
