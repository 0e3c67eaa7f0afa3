// What the memo of digests trusts.

import MartletModel
import Testing

@testable import MartletFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct DigestMemoTests {
  let scratch: ScratchFolder
  init() throws { scratch = try ScratchFolder() }

  /// Sets the time of the last change of content, in seconds since 1970.
  private func set(time seconds: Int, of path: String) {
    var times = [timespec(tv_sec: seconds, tv_nsec: 1), timespec(tv_sec: seconds, tv_nsec: 1)]
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
  }

  @Test func `what may change again without another stamp is not remembered`() throws {
    let path = try scratch.file("a", "one")
    let memo = DigestMemo(root: scratch.path)
    // As where the file's clock runs ahead of ours: no later time of ours tells that its tick is over.
    set(time: time(nil) + 86_400, of: path)
    #expect(try memo.content(of: "a")?.digest == Digest(of: "one".utf8))
    #expect(memo.takeChanges().learnt.isEmpty)
    #expect(memo.stamp(of: "a") == nil)
  }

  @Test func `what is remembered holds as long as the stamp does`() throws {
    let path = try scratch.file("a", "one")
    let stamp = try #require(try FileStamp.of(path))
    let wrong = Digest(of: "something else".utf8)
    let memo = DigestMemo(root: scratch.path, entries: ["a": DigestMemo.Entry(stamp: stamp, digest: wrong, byteCount: 3)])
    #expect(try memo.content(of: "a")?.digest == wrong)
    #expect(try memo.contents(of: ["a"])["a"]?.digest == wrong)
    // Another inode.
    _ = try scratch.file("a", "two")
    #expect(try memo.contents(of: ["a"])["a"]?.digest == Digest(of: "two".utf8))
    #expect(try memo.content(of: "a")?.digest == Digest(of: "two".utf8))
  }
}
