// Reading a whole small file.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum FileContent {
  /// All bytes of a file, or `nil` if there is none. Also for `/proc`, whose files claim to be empty.
  /// - Parameter limit: reading stops after so many bytes.
  public static func read(_ path: String, limit: Int = .max) throws -> [UInt8]? {
    do {
      return try all(of: OpenFile(path, O_RDONLY | O_NONBLOCK, operation: "read"), limit: limit)
    } catch let error as SystemError where error.code == ENOENT || error.code == ENOTDIR {
      return nil
    }
  }

  /// The last `count` bytes of a file, or `nil` if there is none.
  public static func tail(of path: String, count: Int) throws -> [UInt8]? {
    do {
      let file = try OpenFile(path, O_RDONLY | O_NONBLOCK, operation: "read")
      let size = Int(try file.status().st_size)
      let descriptor = file.descriptor
      if size > count { try check("read", path) { lseek(descriptor, off_t(size - count), SEEK_SET) } }
      return try all(of: file, limit: count)
    } catch let error as SystemError where error.code == ENOENT || error.code == ENOTDIR {
      return nil
    }
  }

  private static func all(of file: borrowing OpenFile, limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16384, alignment: 16)
    defer { buffer.deallocate() }
    while bytes.count < limit, case let count = try file.read(into: buffer), count > 0 {
      bytes.append(contentsOf: buffer[..<min(count, limit - bytes.count)])
    }
    return bytes
  }
}
