/// The `.ok` files: what rebuilds the store where it is lost.

import MartletFiles
import MartletModel

enum CheckpointFiles {
  /// Every checkpoint below `checkpoints/`, read from its file; one that cannot be read as a checkpoint is left out and named.
  static func read(root: String) throws -> (checkpoints: [Checkpoint], unreadable: [String]) {
    var checkpoints: [Checkpoint] = []
    var unreadable: [String] = []
    for path in try paths(below: "\(root)/checkpoints") {
      guard let bytes = try FileContent.read(path) else { continue }
      do {
        checkpoints.append(try CheckpointFile.decode(bytes))
      } catch {
        unreadable.append(path)
      }
    }
    return (checkpoints, unreadable)
  }

  /// What a person is told of a file that is no checkpoint.
  static func note(_ path: String) -> String { "\(path) is no checkpoint of ours and was passed over" }

  private static func paths(below folder: String) throws -> [String] {
    guard try FileKind.of(folder) == .folder else { return [] }
    return try FolderListing.names(of: folder).flatMap { name in
      let path = "\(folder)/\(name)"
      if try FileKind.of(path) == .folder { return try paths(below: path) }
      return path.hasSuffix(".ok") ? [path] : []
    }
  }
}
