// Whether a release's bytes are as its manifest says.

import MartletModel
import Testing

@testable import MartletFiles

@Suite struct ReleaseFolderTests {
  let scratch: ScratchFolder
  init() throws { scratch = try ScratchFolder() }

  private func release() throws -> ReleaseFolder {
    let digest = Digest(of: "tree".utf8).hex
    _ = try scratch.file("artifact/model_v1/model.txt", "tree")
    _ = try scratch.file(
      "artifact/model_v1/manifest.json",
      #"{"model_version":"1","data":{},"files":[{"path":"model.txt","bytes":4,"sha256":"\#(digest)"}]}"#)
    return ReleaseFolder(root: scratch.path, path: "artifact/model_v1/")
  }

  @Test func `every file is compared, missing and added ones are named`() throws {
    let release = try release()
    #expect(try release.faults() == [])
    try release.verify()
    _ = try scratch.file("artifact/model_v1/model.txt", "twig")
    #expect(try release.faults() == ["model.txt was changed"])
    #expect(throws: ReleaseError.self) { try release.verify() }
    try FileTree.remove("\(scratch.path)/artifact/model_v1/model.txt")
    #expect(try release.faults() == ["model.txt is not there"])
    _ = try self.release()
    _ = try scratch.file("artifact/model_v1/more.txt", "")
    #expect(try release.faults() == ["more.txt is not in the manifest"])
  }
}
