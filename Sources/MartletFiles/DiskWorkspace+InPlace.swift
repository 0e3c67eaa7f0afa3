// `in_place`: the old outputs lie aside while a command writes where they were, and come back if it fails.

import MartletModel
import MartletRun

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension DiskWorkspace {
  /// What an attempt with `in_place` took away. It is written before anything is moved, so that whoever comes later can put things back
  /// without the plan.
  struct Replaced: Codable, Hashable {
    /// Relative to the workspace, without a slash at the end.
    let path: String
    /// Whether anything was there before.
    let existed: Bool
  }

  private func attemptFolder(_ attempt: String) -> String { "\(root)/\(AttemptPlan.folder(of: attempt))" }

  private func listPath(_ attempt: String) -> String { "\(attemptFolder(attempt))/in-place.json" }

  /// A list that does not read was never synced, so nothing had been moved when the power went.
  private func replaced(by attempt: String) throws -> [Replaced] {
    guard let bytes = try FileContent.read(listPath(attempt)) else { return [] }
    do {
      return try JSONDecoder().decode([Replaced].self, from: Data(bytes))
    } catch is DecodingError {
      return []
    }
  }

  /// Synced: a loss of power may keep the moves that follow, and what they took away must be known then.
  private func write(_ list: [Replaced], of attempt: String) throws {
    try writeSynced(Array(try JSONEncoder().encode(list)), to: listPath(attempt))
  }

  func moveAsideBefore(_ plan: AttemptPlan) throws {
    let attempt = plan.record.id
    let paths = plan.items.flatMap(\.outputs).map(\.target.withoutTrailingSlash)
    try inPlace.withLock { _ in
      // An attempt that failed and that nobody has cleared yet, of this process or of a killed one, must not pass its half output on as
      // the last good one, nor take this attempt's away when it is cleared.
      for holder in try holders(of: paths, except: attempt) { try putBackReplaced(by: holder) }
      let list = try paths.map {
        Replaced(path: $0, existed: try FileKind.of("\(root)/\($0)", followingLinks: false) != nil)
      }
      try write(list, of: attempt)
      for entry in list where entry.existed {
        let place = "\(attemptFolder(attempt))/before/\(entry.path)"
        try FileTree.makeFolder(DurableFile.folder(ofItemAt: place))
        try Rename.replacing("\(root)/\(entry.path)", to: place)
      }
    }
  }

  /// The attempts whose lists, as they lie on the disk, still name one of `paths`; the newest first.
  private func holders(of paths: [String], except own: String) throws -> [String] {
    let paths = Set(paths.map { ArtifactPath($0) })
    let attempts = "\(root)/.martlet/attempts"
    return try FolderListing.names(of: attempts).map(\.description).filter { attempt in
      try attempt != own && replaced(by: attempt).contains { paths.contains(ArtifactPath($0.path)) }
    }.sorted(by: isNewer)
  }

  /// Puts back what `in_place` moved aside; what the failed attempt wrote there goes away. Once more does no harm.
  func putBack(_ attempt: String) throws {
    try inPlace.withLock { _ in try putBackReplaced(by: attempt) }
  }

  private func putBackReplaced(by attempt: String) throws {
    let folder = attemptFolder(attempt)
    for entry in try replaced(by: attempt) {
      let target = "\(root)/\(entry.path)"
      let place = "\(folder)/before/\(entry.path)"
      if entry.existed {
        // Not moved aside yet when the engine died, or back already.
        guard try FileKind.of(place, followingLinks: false) != nil else { continue }
        try FileTree.remove(target)
        try FileTree.makeFolder(DurableFile.folder(ofItemAt: target))
        try Rename.replacing(place, to: target)
      } else {
        try FileTree.remove(target)
      }
    }
    try FileTree.remove(listPath(attempt))
    try FileTree.remove("\(folder)/before")
  }

  /// What one publication put in place stays there whatever becomes of the rest of its attempt.
  /// - Returns: how to undo that; `nil` if nothing of it had been replaced.
  func forgetBefore(_ intent: PublishIntent) throws -> (() throws -> Void)? {
    let targets = Set(intent.moves.map(\.target.withoutTrailingSlash))
    let list = try replaced(by: intent.attempt)
    let rest = list.filter { !targets.contains($0.path) }
    guard rest.count < list.count else { return nil }
    try write(rest, of: intent.attempt)
    return { try self.write(list, of: intent.attempt) }
  }
}
