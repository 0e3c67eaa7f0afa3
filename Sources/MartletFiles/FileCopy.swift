// Copies that share blocks where the file system can.

import CLinux

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public enum FileCopy {
  /// Copies a file, a link, or a folder with everything in it, to a path where nothing is; blocks are shared where the file system can.
  /// The copies are synced.
  public static func copy(_ path: String, to target: String) throws {
    switch try FileKind.of(path, followingLinks: false) {
    case .file: try copyFile(path, to: target)
    case .folder:
      try check("make the folder", target) { mkdir(target, 0o777) }
      for name in try FolderListing.names(of: path) { try copy("\(path)/\(name)", to: "\(target)/\(name)") }
      try DurableFile.sync(target)
    case .link:
      guard let destination = try Rename.destination(ofLink: path) else { throw SystemError("copy", path, code: ENOENT) }
      try check("make the link", target) { symlink(destination, target) }
    case .fifo?, .other?: throw UnfitFileError(path: path, found: try FileKind.of(path) ?? .other, expected: .file)
    case nil: throw SystemError("copy", path, code: ENOENT)
    }
  }

  private static func copyFile(_ path: String, to target: String) throws {
    let source = try OpenFile(path, O_RDONLY | O_NONBLOCK, operation: "copy")
    let mode = try source.status().st_mode & 0o777
    let copy = try OpenFile(target, O_WRONLY | O_CREAT | O_EXCL, mode: mode, operation: "copy to")
    if martlet_clone(copy.descriptor, source.descriptor) != 0 {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
      defer { buffer.deallocate() }
      while case let count = try source.read(into: buffer), count > 0 {
        try copy.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
    try copy.sync()
  }
}
