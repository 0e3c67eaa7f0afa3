// Folders that one attempt leaves to the next.

import Testing

@testable import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct SpareFolderTests {
  let scratch: ScratchFolder
  let spares: SpareFolders

  init() throws {
    scratch = try ScratchFolder()
    spares = SpareFolders("\(scratch.path)/spare")
    // The first that is given back finds no place to wait yet.
    try spares.take("\(scratch.path)/first")
    try spares.giveBack("\(scratch.path)/first")
  }

  private func inode(_ name: String) throws -> UInt64? { try FileStamp.of("\(scratch.path)/\(name)")?.inode }

  @Test func `an empty folder goes from one attempt to the next`() throws {
    try spares.take("\(scratch.path)/a")
    let inode = try inode("a")
    try spares.giveBack("\(scratch.path)/a")
    #expect(try FileKind.of("\(scratch.path)/a") == nil)
    try spares.take("\(scratch.path)/b")
    #expect(try self.inode("b") == inode)
  }

  @Test func `what was filled, opened to others or replaced by a link goes away`() throws {
    for (number, change) in ["filled", "opened", "linked", "gone"].enumerated() {
      let path = "\(scratch.path)/\(change)"
      try spares.take(path)
      switch number {
      case 0: _ = try scratch.file("filled/in/it", "x")
      case 1: chmod(path, 0o777)
      case 2:
        rmdir(path)
        symlink("\(scratch.path)/spare", path)
      default: rmdir(path)
      }
      try spares.giveBack(path)
      #expect(try FileKind.of(path, followingLinks: false) == nil)
      #expect(try FolderListing.names(of: "\(scratch.path)/spare").isEmpty, "\(change)")
    }
  }

  @Test func `a spare folder that somebody removed is made anew`() throws {
    try spares.take("\(scratch.path)/a")
    try spares.giveBack("\(scratch.path)/a")
    try FileTree.remove("\(scratch.path)/spare")
    try spares.take("\(scratch.path)/b")
    #expect(try FileKind.of("\(scratch.path)/b") == .folder)
  }

  @Test func `what a killed process left waiting is replaced`() throws {
    for name in 0..<16 { try FileTree.makeFolder("\(scratch.path)/spare/\(name)") }
    try spares.take("\(scratch.path)/a")
    try spares.giveBack("\(scratch.path)/a")
    #expect(try FolderListing.names(of: "\(scratch.path)/spare").count == 16)
  }
}
