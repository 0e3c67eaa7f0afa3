// `artifact/history.jsonl`: read whole, appended one line at a time, synced before anyone is told.

import MartletModel

public struct HistoryFile: Sendable {
  /// Relative to the workspace.
  public static let path: ArtifactPath = "artifact/history.jsonl"

  private let fullPath: String

  /// - Parameter root: the workspace's absolute path.
  public init(root: String) {
    fullPath = "\(root)/\(HistoryFile.path)"
  }

  /// The history; empty if there is no file.
  /// - Throws: `History.Damage` for a file that was changed, `SystemError` for one that cannot be read.
  public func read() throws -> History {
    try text().map { try History(text: $0, file: HistoryFile.path.string) } ?? History()
  }

  /// The file as it stands; `nil` if there is none.
  public func text() throws -> String? {
    try FileContent.read(fullPath).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Syncs the file and the names that lead to it.
  public func sync() throws {
    let folder = DurableFile.folder(ofItemAt: fullPath)
    for path in [fullPath, folder, DurableFile.folder(ofItemAt: folder)] { try DurableFile.sync(path) }
  }

  /// Adds one entry. The caller holds the workspace's lock and has made the entry to follow `read()`'s last.
  public func append(_ entry: HistoryEntry) throws {
    if let bytes = try FileContent.read(fullPath), let last = bytes.last, last != UInt8(ascii: "\n") {
      // A line that a crash cut off was never acknowledged.
      let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { Array(bytes[...$0]) } ?? []
      try DurableFile.write(whole, to: fullPath)
    }
    let folder = DurableFile.folder(ofItemAt: fullPath)
    // One that is empty was made by somebody who was killed then.
    let isNew = try FileContent.read(fullPath)?.isEmpty ?? true
    try FileTree.makeFolder(folder)
    // The folder may be new too, and is an entry of the workspace's.
    if isNew { try DurableFile.syncFolder(ofItemAt: folder) }
    try DurableFile.append(line: Array(entry.line.utf8), to: fullPath)
  }
}
