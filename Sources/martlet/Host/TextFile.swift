/// Reads small files whole.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

enum TextFile {
  /// The file's bytes; `nil` if there is none.
  /// - Throws: `UserError` if it is there and cannot be read.
  static func bytes(_ path: String) throws -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw unreadable(path)
    }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path) }
      if count == 0 { return content }
      content += buffer[..<count]
    }
  }

  /// The file's text; `nil` if there is none.
  static func text(_ path: String) throws -> String? {
    try bytes(path).map { String(decoding: $0, as: UTF8.self) }
  }

  static func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }

  private static func unreadable(_ path: String) -> UserError {
    UserError(
      "cannot read \(path)", facts: [("because", String(cString: strerror(errno)))],
      hint: "check its owner, its mode and its folder")
  }
}
