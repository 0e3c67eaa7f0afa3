/// Digests of files and folders, as sha256sum prints them.

import MartletModel
import Testing

@testable import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct FileDigestTests {
  let scratch: ScratchFolder
  init() throws { scratch = try ScratchFolder() }

  @Test func `a file's digest is what sha256sum prints`() throws {
    let path = try scratch.file("a", "abc")
    let content = try FileDigest.content(of: path)
    #expect(content.digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(content.byteCount == 3)
    #expect(try content.stamp == FileStamp.of(path))
  }

  @Test func `a file larger than the buffer is read to its end`() throws {
    let bytes = [UInt8](repeating: 7, count: 3 << 20 | 5)
    let path = "\(scratch.path)/large"
    try DurableFile.replace(path, with: bytes)
    #expect(try FileDigest.content(of: path).digest == Digest(of: bytes))
  }

  @Test func `a folder's digest is pinned and does not depend on the order of creation`() throws {
    _ = try scratch.file("x/b/c", "2")
    _ = try scratch.file("x/a", "1")
    _ = try scratch.file("y/a", "1")
    _ = try scratch.file("y/b/c", "2")
    try FileTree.makeFolder("\(scratch.path)/y/empty")
    let first = try FileDigest.content(of: "\(scratch.path)/x")
    #expect(first == (try FileDigest.content(of: "\(scratch.path)/y/")))
    #expect(first.byteCount == 2)
    var encoder = CanonicalEncoder(domain: "martlet.folder/1")
    for (name, content) in [("a", "1"), ("b/c", "2")] {
      encoder.append(tag: 1, name)
      encoder.append(tag: 2, Digest(of: content.utf8).bytes)
    }
    #expect(first.digest == encoder.digest)
  }

  @Test func `names that are not UTF-8 are two files`() throws {
    try FileTree.makeFolder("\(scratch.path)/x")
    let folder = try OpenFile("\(scratch.path)/x", O_RDONLY | O_DIRECTORY)
    for byte in [0xfe, 0xff] as [UInt8] {
      let file = try OpenFile(in: folder, name: FileName(bytes: [byte]), O_WRONLY | O_CREAT)
      try withUnsafeBytes(of: byte) { try file.write($0) }
    }
    let both = try FileDigest.content(of: "\(scratch.path)/x")
    #expect(both.byteCount == 2)
    try FileTree.remove("\(scratch.path)/x")
    #expect(try FileKind.of("\(scratch.path)/x") == nil)
  }

  @Test func `what is no regular file is refused without waiting`() throws {
    mkfifo("\(scratch.path)/fifo", 0o600)
    let error = #expect(throws: UnfitFileError.self) { try FileDigest.content(of: "\(scratch.path)/fifo") }
    #expect(error?.description == "\(scratch.path)/fifo is a FIFO, expected a regular file")
    symlink("fifo", "\(scratch.path)/link")
    #expect(throws: UnfitFileError.self) { try FileDigest.content(of: "\(scratch.path)/link", followingLinks: false) }
    #expect(throws: UnfitFileError.self) { try FileDigest.content(of: scratch.path) }
  }

  @Test func `a link counts as its file for inputs and is refused for outputs`() throws {
    let path = try scratch.file("a", "abc")
    symlink("a", "\(scratch.path)/link")
    #expect(try FileDigest.content(of: "\(scratch.path)/link").digest == FileDigest.content(of: path).digest)
    let error = #expect(throws: UnfitFileError.self) {
      try FileDigest.content(of: "\(scratch.path)/link", followingLinks: false)
    }
    #expect(error?.found == .link)
  }

  @Test func `many files give their results in order, a missing one its error`() throws {
    var paths = try (0..<100).map { try scratch.file("f\($0)", "\($0)") }
    paths.insert("\(scratch.path)/none", at: 50)
    let results = FileDigest.contents(of: paths, threads: 8)
    #expect(results.count == 101)
    for (path, result) in zip(paths, results) where path != paths[50] {
      let bytes = try FileContent.read(path) ?? []
      #expect(try result.get().digest == Digest(of: bytes))
    }
    let error = #expect(throws: SystemError.self) { try results[50].get() }
    #expect(error?.description == "could not read \(scratch.path)/none: No such file or directory (error 2)")
  }

  @Test func `a stamp is trusted once the clock has left the tick in which the file changed`() {
    let tick: Int64 = 1_700_000_000_123_456_789
    let fine = FileStamp(device: 1, inode: 2, size: 3, modifiedNanoseconds: tick, changedNanoseconds: tick + 5)
    #expect(!fine.isTrusted(nowNanoseconds: tick + 5))
    #expect(!fine.isTrusted(nowNanoseconds: tick + 20_000_005))
    #expect(fine.isTrusted(nowNanoseconds: tick + 20_000_006))
    #expect(!fine.isTrusted(nowNanoseconds: tick - 1_000_000_000))
    let second: Int64 = 1_700_000_000_000_000_000
    let coarse = FileStamp(device: 1, inode: 2, size: 3, modifiedNanoseconds: second, changedNanoseconds: second)
    #expect(!coarse.isTrusted(nowNanoseconds: second + 2_000_000_000))
    #expect(coarse.isTrusted(nowNanoseconds: second + 2_000_000_001))
  }
}
