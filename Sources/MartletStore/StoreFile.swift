/// The store's files on disk: making, recognising and setting them aside. Knows nothing of their content.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `store.sqlite` and the files SQLite keeps beside it.
struct StoreFile: Sendable {
  /// What tells a file from another of the same name.
  struct Identity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
  }

  let path: String

  var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A mark that a query met damage. Empty: SQLite found it, and the next writer checks the whole file. Otherwise it says what could not
  /// be decoded, which no check of SQLite's would find.
  var suspectPath: String { path + ".suspect" }

  /// The size in bytes; `nil` if there is no such file.
  var size: Int? {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    return Int(information.st_size)
  }

  var identity: Identity? {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    return Identity(device: UInt64(information.st_dev), inode: UInt64(information.st_ino))
  }

  var isSuspect: Bool { access(suspectPath, F_OK) == 0 }

  /// Makes an empty file that only its owner can read, or the group too where its folder is the group's to write in; SQLite gives its
  /// other files the same mode.
  func create() throws {
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StoreError.notWritable(path: path, detail: systemText(errno)) }
    defer { close(descriptor) }
    guard matchFolder(descriptor) else { throw StoreError.notWritable(path: path, detail: systemText(errno)) }
  }

  /// Gives a file to the group, too, where its folder is the group's.
  private func matchFolder(_ descriptor: Int32) -> Bool {
    var information = stat()
    guard stat(folder, &information) == 0, information.st_mode & S_IWGRP != 0 else { return true }
    return fchmod(descriptor, 0o660) == 0
  }

  /// - Parameter undecodable: what could not be decoded; `nil` if SQLite itself found the damage.
  func markSuspect(undecodable: String? = nil) {
    let descriptor = open(suspectPath, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    // The mark only hastens what the next query would find again; the error that led here is already on its way to the user.
    guard descriptor >= 0 else { return }
    // One that another member of the group made already has its mode.
    _ = matchFolder(descriptor)
    if let undecodable { _ = undecodable.withCString { pwrite(descriptor, $0, min(strlen($0), StoreFile.longestMark), 0) } }
    close(descriptor)
  }

  /// What the mark says could not be decoded; `nil` without a mark, and for damage that SQLite found.
  var undecodable: String? {
    let descriptor = open(suspectPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: StoreFile.longestMark)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }

  /// In bytes.
  private static let longestMark = 1000

  func clearSuspect() throws {
    guard unlink(suspectPath) == 0 || errno == ENOENT else {
      throw StoreError.notWritable(path: suspectPath, detail: systemText(errno))
    }
  }

  /// Renames the damaged files to `store.sqlite.corrupt-N`, the first N that is free.
  /// - Returns: the new path of the main file.
  func setAside() throws -> String {
    var number = 1
    while access("\(path).corrupt-\(number)", F_OK) == 0 { number += 1 }
    let target = "\(path).corrupt-\(number)"
    // The main file goes last: until then the next open finds the damage again.
    for suffix in ["-shm", "-wal", ""] {
      guard rename(path + suffix, target + suffix) == 0 || errno == ENOENT else {
        throw StoreError.notWritable(path: path + suffix, detail: systemText(errno))
      }
    }
    try clearSuspect()
    try syncFolder()
    return target
  }

  private func syncFolder() throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError.notWritable(path: folder, detail: systemText(errno)) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError.outcomeUnknown(path: folder, detail: systemText(errno)) }
  }

  private func systemText(_ number: Int32) -> String {
    String(cString: strerror(number))
  }
}
