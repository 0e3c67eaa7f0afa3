// Digests of the workspace's files that were read before, so that unchanged bytes are read once.

import MartletModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Remembers digests by a file's stamp. It only ever saves reading: without it every answer is the same.
public final class DigestMemo: Sendable {
  /// What is known of one path.
  public struct Entry: Hashable, Sendable {
    public let stamp: FileStamp
    public let digest: Digest
    /// In bytes; of a folder, the sum of its files'.
    public let byteCount: Int

    public init(stamp: FileStamp, digest: Digest, byteCount: Int) {
      self.stamp = stamp
      self.digest = digest
      self.byteCount = byteCount
    }
  }

  /// What came to be known since the last call of `takeChanges`.
  public struct Changes: Sendable {
    public let learnt: [ArtifactPath: Entry]
    public let forgotten: [ArtifactPath]
  }

  private struct State {
    var entries: [ArtifactPath: Entry]
    var learnt: Set<ArtifactPath> = []
    var forgotten: Set<ArtifactPath> = []
  }

  private let root: String
  private let state: Mutex<State>

  /// - Parameter root: the workspace's absolute path.
  public init(root: String, entries: [ArtifactPath: Entry] = [:]) {
    self.root = root
    state = Mutex(State(entries: entries))
  }

  /// The digest of a file or folder of the workspace; `nil` if it is not there. Reads it unless a trusted entry has the same stamp.
  public func content(of path: ArtifactPath) throws -> (digest: Digest, byteCount: Int)? {
    let full = "\(root)/\(path.withoutTrailingSlash)"
    guard let observation = try Observation(full) else {
      state.withLock { state in
        guard state.entries.removeValue(forKey: path) != nil else { return }
        state.learnt.remove(path)
        state.forgotten.insert(path)
      }
      return nil
    }
    if let known = state.withLock({ $0.entries[path] }), known.stamp == observation.stamp {
      return (known.digest, known.byteCount)
    }
    let before = wallNanoseconds()
    let content = try FileDigest.content(of: full)
    let byteCount = Int(content.byteCount)
    // Remembered only if nothing moved meanwhile and a later write must give another stamp.
    if try Observation(full)?.stamp == observation.stamp, observation.isTrusted(nowNanoseconds: before) {
      state.withLock { state in
        state.entries[path] = Entry(stamp: observation.stamp, digest: content.digest, byteCount: byteCount)
        state.learnt.insert(path)
        state.forgotten.remove(path)
      }
    }
    return (content.digest, byteCount)
  }

  /// What the entries answer for the paths without reading them, in order; `nil` where they cannot.
  private func remembered(_ paths: [ArtifactPath]) throws -> [(digest: Digest, byteCount: Int)?] {
    let entries = state.withLock { $0.entries }
    // What the system refuses is refused once more when it is read, and told there.
    return try mapInParts(paths) { try? self.remembered($0, entries[$0]) }
  }

  private func remembered(_ path: ArtifactPath, _ entry: Entry?) throws -> (digest: Digest, byteCount: Int)? {
    guard let known = entry else { return nil }
    let full = "\(root)/\(path.withoutTrailingSlash)"
    // One look is enough for a file, and thousands of them are looked at when there is nothing to do.
    let stamp = path.isFolder ? try Observation(full)?.stamp : try FileStamp.of(full)
    return stamp == known.stamp ? (known.digest, known.byteCount) : nil
  }

  /// Digests of many paths, those that must be read on threads of their own; absent ones are absent from the result.
  /// - Throws: the first error in the paths' order.
  public func contents(of paths: [ArtifactPath]) throws -> [ArtifactPath: (digest: Digest, byteCount: Int)] {
    try contents(of: paths, refused: { throw $1 })
  }

  /// As `contents(of:)`; what is there and has no digest, such as a FIFO or a link inside a folder, goes to `unfit`.
  public func contents(
    of paths: [ArtifactPath], unfit: (ArtifactPath, UnfitFileError) throws -> Void
  ) throws -> [ArtifactPath: (digest: Digest, byteCount: Int)] {
    try contents(
      of: paths,
      refused: { path, error in
        guard let error = error as? UnfitFileError else { throw error }
        try unfit(path, error)
      })
  }

  /// As `contents(of:)`; what is there and cannot be read, for whatever reason, goes to `refused`.
  public func contents(
    of paths: [ArtifactPath], refused: (ArtifactPath, any Error) throws -> Void
  ) throws -> [ArtifactPath: (digest: Digest, byteCount: Int)] {
    var result: [ArtifactPath: (digest: Digest, byteCount: Int)] = [:]
    result.reserveCapacity(paths.count)
    var unknown: [ArtifactPath] = []
    for (path, known) in zip(paths, try remembered(paths)) {
      if let known { result[path] = known } else { unknown.append(path) }
    }
    for (path, answer) in zip(unknown, parallelMap(unknown) { try self.content(of: $0) }) {
      do {
        result[path] = try answer.get()
      } catch {
        try refused(path, error)
      }
    }
    return result
  }

  /// The stamp with which a path's digest is remembered; `nil` where none is.
  public func stamp(of path: ArtifactPath) -> FileStamp? {
    state.withLock { $0.entries[path]?.stamp }
  }

  /// Has the next look at these paths read their bytes, whatever their stamps say.
  public func distrust(_ paths: [ArtifactPath]) {
    state.withLock { state in
      for path in paths where state.entries.removeValue(forKey: path) != nil {
        state.learnt.remove(path)
        state.forgotten.insert(path)
      }
    }
  }

  public func takeChanges() -> Changes {
    state.withLock { state in
      var learnt: [ArtifactPath: Entry] = [:]
      for path in state.learnt { learnt[path] = state.entries[path] }
      defer {
        state.learnt = []
        state.forgotten = []
      }
      return Changes(learnt: learnt, forgotten: state.forgotten.sorted())
    }
  }
}

extension FileStamp {
  /// The stamp of a file, or of a folder with everything in it; `nil` if nothing is there.
  static func ofEverything(in path: String) throws -> FileStamp? { try Observation(path)?.stamp }
}

/// A file's stamp, or one made of the stamps of everything in a folder.
private struct Observation {
  let stamp: FileStamp
  private let parts: [FileStamp]

  /// `nil` if nothing is there.
  init?(_ path: String) throws {
    guard let own = try FileStamp.of(path) else { return nil }
    guard try FileKind.of(path) == .folder else {
      stamp = own
      parts = [own]
      return
    }
    var parts = [own]
    var names = CanonicalEncoder(domain: "martlet.folder-stamp/1")
    try Observation.collect(path, into: &parts, &names)
    for part in parts {
      for field in [
        Int64(bitPattern: part.device), Int64(bitPattern: part.inode), part.size, part.modifiedNanoseconds,
        part.changedNanoseconds,
      ] {
        names.append(tag: 2, withUnsafeBytes(of: field.bigEndian) { Array($0) })
      }
    }
    // The digest's first eight bytes stand for everybody's times: a folder has no time of its own that would.
    let mixed = names.digest.bytes.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
    self.parts = parts
    stamp = FileStamp(
      device: own.device, inode: own.inode, size: parts.dropFirst().reduce(0) { $0 + $1.size }, modifiedNanoseconds: mixed,
      changedNanoseconds: parts.map(\.changedNanoseconds).max()!)
  }

  func isTrusted(nowNanoseconds: Int64) -> Bool {
    parts.allSatisfy { $0.isTrusted(nowNanoseconds: nowNanoseconds) }
  }

  private static func collect(_ folder: String, into parts: inout [FileStamp], _ names: inout CanonicalEncoder) throws {
    for name in try FolderListing.names(of: folder) {
      let path = "\(folder)/\(name)"
      names.append(tag: 1, name.bytes)
      guard let stamp = try FileStamp.of(path) else { continue }
      parts.append(stamp)
      if try FileKind.of(path, followingLinks: false) == .folder { try collect(path, into: &parts, &names) }
    }
  }
}
