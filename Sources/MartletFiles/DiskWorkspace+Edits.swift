// A person's bytes in an output's place: noted before the exchange that brings them to where the output was staged.

import MartletModel
import MartletRun

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension DiskWorkspace {
  private func editsPath(_ attempt: String) -> String { "\(root)/\(AttemptPlan.folder(of: attempt))/edits.json" }

  /// Synced: a loss of power may keep the exchange that follows and take the intent that tells of it. What lies in staging then must not
  /// be thrown away with it.
  func noteEdit(_ move: PublishIntent.Move, of attempt: String) throws {
    let path = editsPath(attempt)
    try FileTree.makeFolder(DurableFile.folder(ofItemAt: path))
    let noted = try edits(of: attempt)
    if !noted.contains(move) { try writeSynced(Array(try JSONEncoder().encode(noted + [move])), to: path) }
  }

  /// A list that does not read was never synced, so nothing had been exchanged when the power went.
  private func edits(of attempt: String) throws -> [PublishIntent.Move] {
    guard let bytes = try FileContent.read(editsPath(attempt)) else { return [] }
    do {
      return try JSONDecoder().decode([PublishIntent.Move].self, from: Data(bytes))
    } catch is DecodingError {
      return []
    }
  }

  /// Keeps aside what a person wrote and nobody else took out of an attempt's staging.
  func keepEdits(of attempt: String) throws {
    for move in try edits(of: attempt) {
      guard try FileKind.of(full(move.staged), followingLinks: false) != nil, try stagedDigest(of: move) != move.digest,
        let aside = try keepAside(move, attempt: attempt)
      else { continue }
      try syncNames(to: aside.fullPath)
    }
    try FileTree.remove(editsPath(attempt))
  }
}
