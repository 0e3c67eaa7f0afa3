// What is in a folder, sorted by bytes: the system lists in no order.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum FolderListing {
  /// The names in the folder at `path`, sorted by their bytes, without `.` and `..`.
  public static func names(of path: String) throws -> [FileName] {
    guard let stream = opendir(path) else { throw SystemError("list", path) }
    return try names(in: stream, path)
  }

  static func names(in folder: borrowing OpenFile) throws -> [FileName] {
    // `fdopendir` takes the descriptor over, so it gets one of its own.
    let path = folder.path
    let own = try OpenFile(in: folder, name: FileName("."), O_RDONLY | O_DIRECTORY)
    let duplicate = try check("list", path) { fcntl(own.descriptor, F_DUPFD_CLOEXEC, 3) }
    guard let stream = fdopendir(duplicate) else {
      let error = SystemError("list", path)
      close(duplicate)
      throw error
    }
    return try names(in: stream, path)
  }

  /// Closes the stream.
  private static func names(in stream: OpaquePointer, _ path: String) throws -> [FileName] {
    defer { closedir(stream) }
    var names: [FileName] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw SystemError("list", path) }
        break
      }
      let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
      let name = Array(UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))))
      if name != [46] && name != [46, 46] { names.append(FileName(bytes: name)) }
    }
    return names.sorted()
  }
}
