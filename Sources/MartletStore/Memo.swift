/// What was read once and need not be read again while a file's stamp stays the same.

import Foundation
import GRDB
import MartletModel

/// A file's digest with what the system said of the file when it was read. Whether an entry can be trusted is not decided here.
public struct MemoEntry: Hashable, Sendable {
  public let path: ArtifactPath
  public let device: UInt64
  public let inode: UInt64
  public let bytes: Int
  /// Nanoseconds since 1970.
  public let modifiedNanoseconds: Int
  /// Nanoseconds since 1970.
  public let changedNanoseconds: Int
  public let digest: Digest

  public init(
    path: ArtifactPath, device: UInt64, inode: UInt64, bytes: Int, modifiedNanoseconds: Int, changedNanoseconds: Int,
    digest: Digest
  ) {
    self.path = path
    self.device = device
    self.inode = inode
    self.bytes = bytes
    self.modifiedNanoseconds = modifiedNanoseconds
    self.changedNanoseconds = changedNanoseconds
    self.digest = digest
  }
}

extension MemoEntry {
  /// One column for all but the path: a plan reads thousands of these.
  private var stamp: Data {
    var writer = ByteWriter()
    for number in [Int(bitPattern: UInt(device)), Int(bitPattern: UInt(inode)), bytes, modifiedNanoseconds, changedNanoseconds] {
      writer.append(number)
    }
    writer.append(fixed: digest.bytes)
    return Data(writer.bytes)
  }

  init(path: String, stamp: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(stamp)
    self.init(
      path: ArtifactPath(path), device: UInt64(UInt(bitPattern: try reader.integer())),
      inode: UInt64(UInt(bitPattern: try reader.integer())), bytes: try reader.integer(),
      modifiedNanoseconds: try reader.integer(), changedNanoseconds: try reader.integer(), digest: try Digest(from: &reader))
  }

  func save(_ database: Database) throws {
    try database.cachedStatement(sql: "INSERT OR REPLACE INTO digest_memo VALUES (?, ?)").execute(arguments: [path.string, stamp])
  }

  static func remove(_ path: ArtifactPath, _ database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM digest_memo WHERE path = ?").execute(arguments: [path.string])
  }
}

/// The version of a native library, asked of the library once for each state of its file.
public struct LibraryVersionMemo: Hashable, Sendable {
  public let library: String
  /// Whatever the caller takes to tell one state of the library's file from another.
  public let stamp: String
  public let version: String

  public init(library: String, stamp: String, version: String) {
    self.library = library
    self.stamp = stamp
    self.version = version
  }

  func save(_ database: Database) throws {
    try database.cachedStatement(sql: "INSERT OR REPLACE INTO library_versions VALUES (?, ?, ?)")
      .execute(arguments: [library, stamp, version])
  }
}

extension StoreReader {
  /// Every remembered digest, in the order of the paths' bytes.
  public func memo() throws -> [MemoEntry] {
    try connection.perform { database in
      var entries: [MemoEntry] = []
      let rows = try Row.fetchCursor(database.cachedStatement(sql: "SELECT path, stamp FROM digest_memo ORDER BY path"))
      while let row = try rows.next() {
        let path: String = try row.required(0)
        entries.append(try row.withBytes(1) { try MemoEntry(path: path, stamp: $0) })
      }
      return entries
    }
  }

  public func libraryVersions() throws -> [LibraryVersionMemo] {
    try connection.perform { database in
      try Row.fetchAll(database.cachedStatement(sql: "SELECT library, stamp, version FROM library_versions ORDER BY library"))
        .map { LibraryVersionMemo(library: try $0.required(0), stamp: try $0.required(1), version: try $0.required(2)) }
    }
  }
}
