// Where two files, or two folders, begin to differ: for a person to look at.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The first place at which the bytes part.
public struct ContentDifference: Sendable, Hashable {
  /// Where in a text.
  public struct Line: Sendable, Hashable {
    /// Counted from 1.
    public let number: Int
    public let old: String
    public let new: String
  }

  /// The file, relative to the folders that were compared; `nil` where files were.
  public let file: String?
  /// Counted from 0; `nil` where only one of the folders has the file.
  public let byteOffset: Int?
  /// Of texts.
  public let line: Line?

  /// Compares what is at two paths. `nil` if all bytes are equal.
  /// - Throws: `SystemError`, `UnfitFileError`
  public static func first(between old: String, and new: String) throws -> ContentDifference? {
    guard try FileKind.of(old) == .folder, try FileKind.of(new) == .folder else {
      return try inFiles(old, new).map { ContentDifference(file: nil, byteOffset: $0.offset, line: $0.line) }
    }
    let (before, after) = (try files(below: old), try files(below: new))
    for name in Set(before).union(after).sorted() {
      guard before.contains(name), after.contains(name) else {
        return ContentDifference(file: name, byteOffset: nil, line: nil)
      }
      if let found = try inFiles("\(old)/\(name)", "\(new)/\(name)") {
        return ContentDifference(file: name, byteOffset: found.offset, line: found.line)
      }
    }
    return nil
  }

  private static func files(below folder: String, _ prefix: String = "") throws -> [String] {
    try FolderListing.names(of: folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      guard try FileKind.of(path, followingLinks: false) == .folder else { return ["\(prefix)\(name)"] }
      return try files(below: path, "\(prefix)\(name)/")
    }
  }

  private static let chunkBytes = 1 << 20

  /// Reads both side by side, a piece at a time.
  private static func inFiles(_ old: String, _ new: String) throws -> (offset: Int, line: Line?)? {
    let before = try OpenFile(old, O_RDONLY, operation: "read")
    let after = try OpenFile(new, O_RDONLY, operation: "read")
    var (offset, lineNumber, lineStart, isText) = (0, 1, 0, true)
    while true {
      let (left, right) = (try bytes(of: before, at: offset, chunkBytes), try bytes(of: after, at: offset, chunkBytes))
      if offset == 0 { isText = looksLikeText(left) && looksLikeText(right) }
      let common = zip(left, right).prefix { $0 == $1 }.count
      for (index, byte) in left[..<common].enumerated() where byte == UInt8(ascii: "\n") {
        lineNumber += 1
        lineStart = offset + index + 1
      }
      offset += common
      if left.count == right.count, common == left.count {
        if left.isEmpty { return nil }
        continue
      }
      guard isText else { return (offset, nil) }
      return (
        offset, Line(number: lineNumber, old: try line(of: before, at: lineStart), new: try line(of: after, at: lineStart))
      )
    }
  }

  private static let longestLine = 200

  private static func line(of file: borrowing OpenFile, at offset: Int) throws -> String {
    String(decoding: try bytes(of: file, at: offset, longestLine).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// Fewer than `count` only at the file's end.
  private static func bytes(of file: borrowing OpenFile, at offset: Int, _ count: Int) throws -> [UInt8] {
    let (descriptor, path) = (file.descriptor, file.path)
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let read = try check("read", path) {
        bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + filled, count - filled, off_t(offset + filled)) }
      }
      if read == 0 { break }
      filled += read
    }
    return Array(bytes[..<filled])
  }

  private static func looksLikeText(_ bytes: [UInt8]) -> Bool {
    // A character may be cut in two where the piece ends.
    !bytes.contains(0) && (0...3).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
  }
}
