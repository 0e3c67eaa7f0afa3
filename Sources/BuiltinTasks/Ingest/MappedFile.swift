/// A file's bytes, mapped instead of read, so that memory stays bounded.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

enum MappedFile {
  /// Gives the bytes of a file to `body`; they are not to be kept.
  static func read<Result>(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    let size = try TaskFile.size(path)
    guard size > 0 else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw TaskFile.failure("read", path) }
    defer { close(file) }
    guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), memory != MAP_FAILED else {
      throw TaskFile.failure("map", path)
    }
    defer { munmap(memory, size) }
    return try body(UnsafeRawBufferPointer(start: memory, count: size))
  }
}
