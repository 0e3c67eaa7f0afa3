// The digest of a folder: its files' relative paths, as sorted bytes, with their digests.

import MartletModel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

enum FolderDigest {
  private struct Entry {
    let path: [UInt8]
    let digest: Digest
  }

  /// Empty folders, rights and times don't count. Folders reached through links are refused: they can lead in circles.
  static func content(of folder: borrowing OpenFile, followingLinks: Bool) throws -> ContentDigest {
    var entries: [Entry] = []
    var byteCount: Int64 = 0
    try collect(folder, prefix: [], followingLinks: followingLinks, into: &entries, byteCount: &byteCount)
    entries.sort { $0.path.lexicographicallyPrecedes($1.path) }
    var encoder = CanonicalEncoder(domain: "martlet.folder/1")
    for entry in entries {
      encoder.append(tag: 1, entry.path)
      encoder.append(tag: 2, entry.digest.bytes)
    }
    return ContentDigest(digest: encoder.digest, byteCount: byteCount, stamp: nil)
  }

  private static func collect(
    _ folder: borrowing OpenFile, prefix: [UInt8], followingLinks: Bool, into entries: inout [Entry], byteCount: inout Int64
  ) throws {
    for name in try FolderListing.names(in: folder) {
      let path = prefix + name.bytes
      let kind = try folder.kind(of: name)
      if kind == .link && !followingLinks {
        throw UnfitFileError(path: "\(folder.path)/\(name)", found: .link, expected: .file)
      }
      let noFollow = kind == .link ? 0 : O_NOFOLLOW
      let file = try OpenFile(in: folder, name: name, O_RDONLY | O_NONBLOCK | noFollow)
      if kind == .folder {
        try collect(
          file, prefix: path + [UInt8(ascii: "/")], followingLinks: followingLinks, into: &entries, byteCount: &byteCount)
      } else {
        let content = try FileDigest.content(of: file)
        entries.append(Entry(path: path, digest: content.digest))
        byteCount += content.byteCount
      }
    }
  }
}

extension OpenFile {
  /// The kind of an entry of this open folder, links not followed.
  borrowing func kind(of name: FileName) throws -> FileKind {
    var status = stat()
    let parent = descriptor
    try check("look at", "\(path)/\(name)") { name.withPointer { fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) } }
    return FileKind(mode: status.st_mode)
  }
}
