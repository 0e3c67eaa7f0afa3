// One component of a path, as the bytes that the file system keeps.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A name in a folder. Names are bytes: they need not be UTF-8, and two spellings that Unicode calls equal are two files.
public struct FileName: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let bytes: [UInt8]

  public init(bytes: [UInt8]) { self.bytes = bytes }
  public init(_ text: String) { bytes = Array(text.utf8) }

  public static func < (left: FileName, right: FileName) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  /// Invalid UTF-8 shows as replacement characters: for people, not for opening.
  public var description: String { String(decoding: bytes, as: UTF8.self) }

  func withPointer<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    var text = bytes.map { CChar(bitPattern: $0) }
    text.append(0)
    return text.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}
