/// Prints a log file, and what is appended to it while its writer lives.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct LogTail {
  let path: String

  private static let pollMilliseconds: Int32 = 150

  /// - Parameter hasEnded: whether nothing more will be appended; asked before each reading, so that nothing is missed.
  /// - Returns: whether there is such a file.
  func print(to console: Console, until hasEnded: () throws -> Bool) throws -> Bool {
    var position: off_t = 0
    var wasThere = false
    while true {
      let isLast = try hasEnded()
      if let descriptor = try open() {
        wasThere = true
        position = try copy(descriptor, from: position, to: console)
        close(descriptor)
      }
      if isLast { return wasThere }
      poll(nil, 0, LogTail.pollMilliseconds)
    }
  }

  private func open() throws -> Int32? {
    let descriptor = openFile(path)
    if descriptor < 0 && errno != ENOENT { throw failure() }
    return descriptor < 0 ? nil : descriptor
  }

  private func copy(_ descriptor: Int32, from start: off_t, to console: Console) throws -> off_t {
    var position = start
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = pread(descriptor, &buffer, buffer.count, position)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure() }
      if count == 0 { return position }
      buffer.withUnsafeBytes { console.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      position += off_t(count)
    }
  }

  private func failure() -> UserError {
    UserError("cannot read the log", facts: [("file", path), ("because", String(cString: strerror(errno)))])
  }
}

private func openFile(_ path: String) -> Int32 {
  open(path, O_RDONLY | O_CLOEXEC)
}
