/// Writing and renaming so that a reader meets the old content or the new.

import Testing

@testable import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct DurableFileTests {
  let scratch: ScratchFolder
  init() throws { scratch = try ScratchFolder() }

  @Test func `writing replaces the content and leaves no sibling`() throws {
    let path = try scratch.file("a", "old")
    try DurableFile.write(Array("new".utf8), to: path)
    #expect(try text(path) == "new")
    #expect(try FolderListing.names(of: scratch.path).map(\.description) == ["a"])
  }

  @Test func `who reads while it is written sees the old content whole`() throws {
    let path = try scratch.file("a", "old")
    let reader = try OpenFile(path, O_RDONLY)
    try DurableFile.write(Array("new content".utf8), to: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
    defer { buffer.deallocate() }
    let count = try reader.read(into: buffer)
    #expect(String(decoding: buffer[..<count], as: UTF8.self) == "old")
  }

  @Test func `a write that fails leaves the old content and no sibling`() throws {
    _ = try scratch.file("folder/inside", "")
    #expect(throws: SystemError.self) { try DurableFile.write([1], to: "\(scratch.path)/folder") }
    #expect(try FolderListing.names(of: scratch.path).map(\.description) == ["folder"])
  }

  @Test func `lines are appended`() throws {
    let path = "\(scratch.path)/log"
    try DurableFile.append(line: Array("one".utf8), to: path)
    try DurableFile.append(line: Array("two".utf8), to: path)
    #expect(try text(path) == "one\ntwo\n")
    #expect(try FileContent.tail(of: path, count: 5).map { String(decoding: $0, as: UTF8.self) } == "\ntwo\n")
  }

  @Test func `the folder of a path`() {
    #expect(DurableFile.folder(ofItemAt: "a") == ".")
    #expect(DurableFile.folder(ofItemAt: "/a") == "/")
    #expect(DurableFile.folder(ofItemAt: "/") == "/")
    #expect(DurableFile.folder(ofItemAt: "x/y/") == "x")
    #expect(DurableFile.folder(ofItemAt: "x/é/z") == "x/é")
  }

  @Test func `renaming without replacing tells whether something was there`() throws {
    let first = try scratch.file("a", "1")
    let second = try scratch.file("b", "2")
    #expect(try !Rename.withoutReplacing(first, to: second))
    #expect(try text(second) == "2")
    #expect(try Rename.withoutReplacing(first, to: "\(scratch.path)/c"))
    #expect(throws: SystemError.self) { try Rename.withoutReplacing(first, to: "\(scratch.path)/d") }
  }

  @Test func `folders are exchanged`() throws {
    _ = try scratch.file("x/old", "")
    _ = try scratch.file("y/new", "")
    try Rename.exchanging("\(scratch.path)/x", "\(scratch.path)/y")
    #expect(try FolderListing.names(of: "\(scratch.path)/x").map(\.description) == ["new"])
  }

  @Test func `a link is moved in one step and never replaces a file`() throws {
    let link = "\(scratch.path)/current"
    #expect(try Rename.destination(ofLink: link) == nil)
    try Rename.link(link, to: "model_v1")
    try Rename.link(link, to: "model_v2")
    #expect(try Rename.destination(ofLink: link) == "model_v2")
    let file = try scratch.file("file", "")
    #expect(throws: UnfitFileError.self) { try Rename.link(file, to: "model_v1") }
  }

  @Test func `folders are made with those above them and removed with what is in them, links not followed`() throws {
    let kept = try scratch.file("kept/file", "stays")
    let deep = "\(scratch.path)/a/b/c"
    try FileTree.makeFolder(deep)
    try FileTree.makeFolder(deep)
    symlink("\(scratch.path)/kept", "\(deep)/link")
    _ = try scratch.file("a/b/file", "")
    try FileTree.remove("\(scratch.path)/a")
    try FileTree.remove("\(scratch.path)/a")
    #expect(try FolderListing.names(of: scratch.path).map(\.description) == ["kept"])
    #expect(try text(kept) == "stays")
    #expect(throws: (any Error).self) { try FileTree.makeFolder("\(kept)/x") }
    #expect(throws: UnfitFileError.self) { try FileTree.makeFolder(kept) }
  }

  @Test func `a copy on another file system is the same`() throws {
    let elsewhere = "/dev/shm/martlet-test-\(getpid())"
    try FileTree.makeFolder(elsewhere)
    let devices = try [elsewhere, scratch.path].compactMap { try FileStamp.of($0)?.device }
    #expect(Set(devices).count == 2, "this test needs /dev/shm on a file system of its own")
    _ = try scratch.file("x/a/b", "1")
    symlink("a", "\(scratch.path)/x/link")
    chmod("\(scratch.path)/x/a/b", 0o755)
    let before = try FileDigest.content(of: "\(scratch.path)/x/a")
    try FileCopy.copy("\(scratch.path)/x", to: "\(elsewhere)/x")
    #expect(try FileDigest.content(of: "\(elsewhere)/x/a") == before)
    #expect(try Rename.destination(ofLink: "\(elsewhere)/x/link") == "a")
    #expect(access("\(elsewhere)/x/a/b", X_OK) == 0)
    try FileTree.remove(elsewhere)
  }

  @Test func `files and folders are synced together`() throws {
    let paths = try (0..<20).map { try scratch.file("f\($0)", "x") }
    _ = try scratch.file("folder/a/b", "x")
    try Writeback.sync(paths + ["\(scratch.path)/folder"])
    #expect(throws: SystemError.self) { try Writeback.sync(["\(scratch.path)/none"]) }
  }

  @Test func `listings are sorted by bytes`() throws {
    for name in ["b", "a", "Z", "é", "a.b"] { _ = try scratch.file(name, "") }
    #expect(try FolderListing.names(of: scratch.path).map(\.description) == ["Z", "a", "a.b", "b", "é"])
  }

  @Test func `local file systems are not network file systems`() throws {
    #expect(try NetworkFileSystem.name(at: scratch.path) == nil)
    #expect(NetworkFileSystem.names[0x6969] == "NFS")
  }
}
