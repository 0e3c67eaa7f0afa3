// `logs/{task}.log`: what the attempts of a task's newest run printed. Each attempt's own log is the record; this file is for convenience.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct TaskLog {
  /// Of one attempt at most so many bytes are shown, its last ones.
  static let mostOfAttempt = 16 << 20
  /// Once the file has so many, later attempts add only a little each.
  static let mostBytes = 64 << 20
  static let leastOfAttempt = 64 << 10

  /// Absolute.
  let path: String

  /// Shows an attempt's log below a line that names it. Both files are read and written a piece at a time.
  /// - Parameter isFirst: whether it takes the place of what an earlier run has left.
  func show(_ attempt: String, log: String, isFirst: Bool) throws {
    let file = isFirst ? "\(path).new" : path
    let shown = try OpenFile(file, O_WRONLY | O_CREAT | O_NOFOLLOW | (isFirst ? O_TRUNC : O_APPEND), operation: "write")
    let room = TaskLog.mostBytes - Int(try shown.status().st_size)
    try write("=== attempt \(attempt)\n", to: shown)
    if try FileKind.of(log) != nil {
      let source = try OpenFile(log, O_RDONLY | O_NONBLOCK, operation: "read")
      let size = Int(try source.status().st_size)
      let count = min(size, TaskLog.mostOfAttempt, max(room, TaskLog.leastOfAttempt))
      if count < size { try write("(… the \(size - count) bytes before are in .martlet/attempts/\(attempt)/log)\n", to: shown) }
      try copy(source, from: size - count, to: shown)
    }
    if isFirst { try Rename.replacing(file, to: path) }
  }

  private func write(_ text: String, to file: borrowing OpenFile) throws {
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
  }

  /// The file ends with a line break, so that the next attempt's line begins one.
  private func copy(_ source: borrowing OpenFile, from start: Int, to target: borrowing OpenFile) throws {
    let descriptor = source.descriptor
    try check("read", source.path) { lseek(descriptor, off_t(start), SEEK_SET) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
    defer { buffer.deallocate() }
    var last = UInt8(ascii: "\n")
    while case let count = try source.read(into: buffer), count > 0 {
      try target.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      last = buffer[count - 1]
    }
    if last != UInt8(ascii: "\n") { try write("\n", to: target) }
  }
}
