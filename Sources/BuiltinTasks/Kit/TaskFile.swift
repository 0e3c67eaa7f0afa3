/// Reads and writes whole small files: configuration, reports, records.

import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files of a task, by plain POSIX calls. Every error is a `TaskFailure` that names the path: of class `io` if
/// it may pass, else `config`.
public enum TaskFile {
  /// The bytes of a file, or of its beginning.
  public static func read(_ path: String, atMost limit: Int = Int.max) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure("read", path) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure("read", path) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(limit, Int(status.st_size)))
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < limit {
      let count = posixRead(file, &buffer)
      guard count >= 0 else { throw failure("read", path) }
      if count == 0 { break }
      bytes += buffer[..<min(count, limit - bytes.count)]
    }
    return bytes
  }

  /// The text of a file, with invalid UTF-8 repaired.
  public static func text(_ path: String) throws -> String { String(decoding: try read(path), as: UTF8.self) }

  /// Writes a whole file, replacing what was there.
  public static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

  /// Writes a whole file, replacing what was there.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try write(bytes, to: path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC)
  }

  /// Appends a line with one `write`, so that lines of several writers do not mix.
  public static func append(_ line: String, to path: String) throws {
    try write(Array(line.utf8), to: path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC)
  }

  /// Whether there is something at a path.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The size of a file in bytes.
  public static func size(_ path: String) throws -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure("read", path) }
    return Int(status.st_size)
  }

  /// Makes a folder and those above it.
  public static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw failure("make the folder", path)
    }
    try makeFolder(String(path[..<slash]))
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure("make the folder", path) }
  }

  private static func write(_ bytes: [UInt8], to path: String, _ flags: Int32) throws {
    let file = open(path, flags, 0o666)
    guard file >= 0 else { throw failure("write", path) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { posixWrite(file, $0.baseAddress! + written, bytes.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        defer { close(file) }
        throw failure("write", path)
      }
      written += count
    }
    guard close(file) == 0 else { throw failure("write", path) }
  }

  /// What the call just made was refused for.
  static func failure(_ verb: String, _ path: String) -> TaskFailure {
    let error = SystemError(verb, path)
    return TaskFailure(error.failureClass, "cannot \(verb) \(path): \(String(cString: strerror(error.code)))", path: path)
  }
}

private func posixRead(_ file: Int32, _ buffer: inout [UInt8]) -> Int {
  while true {
    let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    if count >= 0 || errno != EINTR { return count }
  }
}

private func posixWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(file, bytes, count) }
