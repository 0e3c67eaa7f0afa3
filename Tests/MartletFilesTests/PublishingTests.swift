// Publishing on a real file system: what comes into view, what is kept, what is undone.

import MartletModel
import Testing

@testable import MartletFiles
@testable import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct PublishingTests: WorkspaceSuite {
  let scratch: ScratchFolder
  let workspace: DiskWorkspace

  init() throws {
    scratch = try ScratchFolder()
    workspace = Self.workspace(in: scratch)
  }

  @Test func `outputs and their checkpoint come into place`() throws {
    let intent = intent([try move("a", "1")])
    #expect(try workspace.publish([intent]) == [.published(asides: [])])
    #expect(try content("models/a") == "1")
    let bytes = try FileContent.read("\(scratch.path)/checkpoints/train.ok") ?? []
    #expect(try CheckpointFile.decode(bytes) == intent.checkpoint)
    try workspace.syncFolders()
  }

  @Test func `what was recorded is replaced, what a person edited is kept aside`() throws {
    _ = try scratch.file("models/a", "recorded")
    _ = try scratch.file("models/b", "edited")
    let intent = intent([try move("a", "new a", previous: "recorded"), try move("b", "new b", previous: "recorded")])
    #expect(try workspace.publish([intent]) == [.published(asides: [".martlet/aside/r.1/models/b"])])
    #expect(try content("models/a") == "new a")
    #expect(try content("models/b") == "new b")
    #expect(try content(".martlet/aside/r.1/models/b") == "edited")
  }

  @Test func `a link or a FIFO in an output's place is set aside too`() throws {
    _ = try scratch.file("elsewhere", "theirs")
    try FileTree.makeFolder("\(scratch.path)/models")
    symlink("../elsewhere", "\(scratch.path)/models/a")
    mkfifo("\(scratch.path)/models/b", 0o600)
    let asides = [".martlet/aside/r.1/models/a", ".martlet/aside/r.1/models/b"]
    #expect(try workspace.publish([intent([try move("a", "1"), try move("b", "2")])]) == [.published(asides: asides)])
    #expect(try content("models/a") == "1")
    #expect(try content("models/b") == "2")
    #expect(try content("elsewhere") == "theirs")
  }

  @Test func `one output that cannot be placed undoes the others`() throws {
    _ = try scratch.file("models/a", "recorded")
    _ = try scratch.file("models/b", "edited")
    let gone = PublishIntent.Move(staged: "out/gone", target: "models/gone", digest: digest("x"), previous: nil)
    let moves = [
      try move("a", "new a", previous: "recorded"), try move("b", "new b", previous: "recorded"), try move("c", "new c"), gone,
    ]
    #expect(
      try workspace.publish([intent(moves)]) == [.failed(.io, message: "out/gone is gone before it could be published")])
    #expect(try content("models/a") == "recorded")
    #expect(try content("models/b") == "edited")
    #expect(try FileKind.of("\(scratch.path)/models/c") == nil)
    #expect(try FileKind.of("\(scratch.path)/checkpoints/train.ok") == nil)
    for move in moves.prefix(3) { #expect(try FileDigest.content(of: workspace.full(move.staged)).digest == move.digest) }
  }

  @Test func `a checkpoint that cannot be written undoes everything`() throws {
    _ = try scratch.file("models/b", "edited")
    _ = try scratch.file("checkpoints/train.ok/in-the-way", "")
    let answer = try workspace.publish([intent([try move("a", "1"), try move("b", "2")])])
    guard case .failed(.config, _) = answer.first else { throw TestFailure("\(answer)") }
    #expect(try FileKind.of("\(scratch.path)/models/a") == nil)
    #expect(try content("models/b") == "edited")
  }

  @Test func `a release that is there with other bytes is an error, a damaged one is set aside`() throws {
    let hash = Ingredients([]).fingerprint.hash
    func release(_ previous: Digest?) throws -> PublishIntent {
      _ = try scratch.file(".martlet/attempts/r.1/out/r/manifest.json", "new")
      let staged: ArtifactPath = ".martlet/attempts/r.1/out/r/"
      let digest = try FileDigest.content(of: workspace.full(staged)).digest
      return intent([
        PublishIntent.Move(staged: staged, target: ArtifactPath("artifact/model_v\(hash)/"), digest: digest, previous: previous)
      ])
    }
    let manifest = "artifact/model_v\(hash)/manifest.json"
    _ = try scratch.file(manifest, "old")
    let there = try FileDigest.content(of: "\(scratch.path)/artifact/model_v\(hash)").digest
    guard case .failed(.code, let message) = try workspace.publish([try release(there)]).first else {
      throw TestFailure("published")
    }
    #expect(message.contains("packaging is not deterministic"))
    #expect(try content(manifest) == "old")
    guard case .published(let asides) = try workspace.publish([try release(nil)]).first else {
      throw TestFailure("not published")
    }
    #expect(asides == [".martlet/aside/r.1/artifact/model_v\(hash)"])
    #expect(try content(manifest) == "new")
    #expect(try workspace.publish([try release(nil)]) == [.published(asides: [])])
  }
}
