/// A path of the workspace, relative to its folder, compared byte by byte.
///
/// Swift's `String` calls NFC and NFD spellings of one name equal; a file system does not. A path therefore compares and hashes by its
/// UTF-8 bytes. A trailing slash marks a folder.
public struct ArtifactPath: Sendable {
  /// The path as written, with a trailing slash for a folder.
  public let string: String

  public init(_ string: String) {
    self.string = string
  }

  /// Whether the path names a folder: it ends in a slash.
  public var isFolder: Bool { string.utf8.last == UInt8(ascii: "/") }

  /// The path without its trailing slash.
  public var withoutTrailingSlash: String {
    // Cut as bytes: a slash and a combining mark after it are one `Character`.
    isFolder ? String(string.utf8.dropLast()) ?? string : string
  }

  /// The last component, without a trailing slash.
  public var lastComponent: String {
    let path = withoutTrailingSlash
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  /// The folder that holds this path, without a trailing slash; empty at the workspace's top.
  public var parent: String {
    let path = withoutTrailingSlash
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(path[..<slash])
  }

  /// Whether this path lies inside the folder `other` (or is that folder).
  public func isInside(_ other: ArtifactPath) -> Bool {
    let mine = Array(withoutTrailingSlash.utf8)
    let theirs = Array(other.withoutTrailingSlash.utf8)
    return mine.starts(with: theirs) && (mine.count == theirs.count || mine[theirs.count] == UInt8(ascii: "/"))
  }
}

extension ArtifactPath: Hashable, Comparable {
  public static func == (left: ArtifactPath, right: ArtifactPath) -> Bool {
    left.string.utf8.elementsEqual(right.string.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    var copy = string
    copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xff as UInt8)
  }

  public static func < (left: ArtifactPath, right: ArtifactPath) -> Bool {
    left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
  }
}

extension ArtifactPath: CustomStringConvertible, ExpressibleByStringLiteral {
  public var description: String { string }
  public init(stringLiteral value: String) { self.init(value) }
}

extension ArtifactPath: Codable {
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(string)
  }
}
