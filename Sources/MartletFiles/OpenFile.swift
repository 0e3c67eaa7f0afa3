// An open file descriptor that closes itself.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Owns a descriptor. Everything is opened close-on-exec: task processes inherit nothing of ours.
struct OpenFile: ~Copyable {
  let descriptor: Int32
  let path: String

  init(_ path: String, _ flags: Int32, mode: mode_t = 0o666, operation: String = "open") throws {
    self.path = path
    descriptor = try check(operation, path) { open(path, flags | O_CLOEXEC | O_NOCTTY, mode) }
  }

  /// Opens `name` inside an open folder; the name's bytes are taken as they are.
  init(in folder: borrowing OpenFile, name: FileName, _ flags: Int32, mode: mode_t = 0o666) throws {
    path = "\(folder.path)/\(name)"
    let parent = folder.descriptor
    descriptor = try check("open", path) { name.withPointer { openat(parent, $0, flags | O_CLOEXEC | O_NOCTTY, mode) } }
  }

  deinit { close(descriptor) }

  func status() throws -> stat {
    var facts = stat()
    try check("look at", path) { fstat(descriptor, &facts) }
    return facts
  }

  func sync() throws {
    try check("sync", path) { fsync(descriptor) }
  }

  /// Reads up to the buffer's size; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try check("read", path) { posixRead(descriptor, buffer.baseAddress, buffer.count) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < bytes.count {
      written += try check("write", path) {
        posixWrite(descriptor, bytes.baseAddress! + written, bytes.count - written)
      }
    }
  }
}

// The methods above hide the functions of the same name.
private func posixRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
private func posixWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, buffer, count)
}
