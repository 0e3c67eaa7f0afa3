// Publications that a crash cut short: finished from wherever they were, or undone as a whole.

import MartletModel
import Testing

@testable import MartletFiles
@testable import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct InterruptedPublicationTests: WorkspaceSuite {
  let scratch: ScratchFolder
  let workspace: DiskWorkspace

  init() throws {
    scratch = try ScratchFolder()
    workspace = Self.workspace(in: scratch)
  }

  @Test func `a checkpoint's file that a loss of power tore is written again, one that somebody removed is not`() throws {
    let checkpoint = intent([]).checkpoint
    let path = checkpoint.instance.checkpointPath.string
    try workspace.mendFile(of: checkpoint)
    #expect(try FileKind.of("\(scratch.path)/\(path)") == nil)
    _ = try scratch.file(path, "")
    try workspace.mendFile(of: checkpoint)
    #expect(try content(path) == String(decoding: try CheckpointFile.encode(checkpoint), as: UTF8.self))
  }

  @Test(arguments: 0...3)
  func `a publication is finished from wherever it was cut short`(steps: Int) throws {
    _ = try scratch.file("models/a", "recorded")
    _ = try scratch.file("models/b", "edited")
    let moves = [
      try move("a", "new a", previous: "recorded"), try move("b", "new b", previous: "recorded"), try move("c", "new c"),
    ]
    for move in moves.prefix(steps) {
      if move.target == "models/c" {
        try Rename.replacing(workspace.full(move.staged), to: workspace.full(move.target))
      } else {
        try Rename.exchanging(workspace.full(move.staged), workspace.full(move.target))
      }
    }
    for _ in 0..<2 {
      guard case .published = try workspace.finish([intent(moves)]).first else { throw TestFailure("not published") }
      for name in ["a", "b", "c"] { #expect(try content("models/\(name)") == "new \(name)") }
      #expect(try content(".martlet/aside/r.1/models/b") == "edited")
      #expect(try FileKind.of("\(scratch.path)/.martlet/aside/r.1/models/a") == nil)
      #expect(try FileKind.of("\(scratch.path)/checkpoints/train.ok") == .file)
    }
  }

  @Test func `a person's bytes are kept aside although a loss of power took the intent`() throws {
    _ = try scratch.file("models/a", "recorded")
    _ = try scratch.file("models/b", "edited")
    // What is in the way of the checkpoint stops the publication after its exchanges, and what is undone is exchanged again.
    _ = try scratch.file("checkpoints/train.ok/in-the-way", "")
    let moves = [try move("a", "new a", previous: "recorded"), try move("b", "new b", previous: "recorded")]
    guard case .failed = try workspace.publish([intent(moves)]).first else { throw TestFailure("published") }
    for move in moves { try Rename.exchanging(workspace.full(move.staged), workspace.full(move.target)) }
    workspace.discard(attempt: "r.1", keepOutputs: false)
    #expect(try content(".martlet/aside/r.1/models/b") == "edited")
    #expect(try FileKind.of("\(scratch.path)/.martlet/aside/r.1/models/a") == nil)
    #expect(try FileKind.of("\(scratch.path)/.martlet/attempts/r.1/edits.json") == nil)
  }

  @Test func `a publication whose staged bytes are damaged is not finished`() throws {
    let intent = intent([try move("a", "1")])
    _ = try scratch.file(intent.moves[0].staged.string, "torn")
    guard case .failed(.io, let message) = try workspace.finish([intent]).first else { throw TestFailure("finished") }
    #expect(message.contains("is not what was verified"))
    #expect(try FileKind.of("\(scratch.path)/models/a") == nil)
  }

  @Test(arguments: [false, true])
  func `where one output is damaged none of them stays in place`(isExchanged: Bool) throws {
    _ = try scratch.file("models/a", "recorded")
    let moves = [try move("a", "new a", previous: "recorded"), try move("b", "new b"), try move("c", "new c")]
    if isExchanged { try Rename.exchanging(workspace.full(moves[0].staged), workspace.full(moves[0].target)) }
    try Rename.replacing(workspace.full(moves[1].staged), to: workspace.full(moves[1].target))
    _ = try scratch.file(moves[2].staged.string, "torn")
    for _ in 0..<2 {
      guard case .failed(.io, let message) = try workspace.finish([intent(moves)]).first else { throw TestFailure("finished") }
      #expect(message == "\(moves[2].staged) is not what was verified")
      #expect(try content("models/a") == "recorded")
      #expect(try FileKind.of("\(scratch.path)/models/b") == nil)
      #expect(try FileKind.of("\(scratch.path)/models/c") == nil)
    }
  }

  @Test func `what a person wrote comes back into its place with the publication that replaced it`() throws {
    _ = try scratch.file("models/a", "edited")
    let moves = [try move("a", "new a", previous: "recorded"), try move("b", "new b")]
    try Rename.exchanging(workspace.full(moves[0].staged), workspace.full(moves[0].target))
    try FileTree.makeFolder("\(scratch.path)/.martlet/aside/r.1/models")
    try Rename.replacing(workspace.full(moves[0].staged), to: "\(scratch.path)/.martlet/aside/r.1/models/a")
    _ = try scratch.file(moves[1].staged.string, "torn")
    guard case .failed = try workspace.finish([intent(moves)]).first else { throw TestFailure("finished") }
    #expect(try content("models/a") == "edited")
    #expect(try content(moves[0].staged.string) == "new a")
  }

  @Test func `an error of the file system leaves a publication to be finished later`() throws {
    _ = try scratch.file("models/a", "edited")
    _ = try scratch.file("checkpoints/train.ok/in-the-way", "")
    let intent = intent([try move("a", "1")])
    try Rename.exchanging(workspace.full(intent.moves[0].staged), workspace.full(intent.moves[0].target))
    #expect(throws: SystemError.self) { try workspace.finish([intent]) }
    try FileTree.remove("\(scratch.path)/checkpoints/train.ok")
    #expect(try workspace.finish([intent]) == [.published(asides: [".martlet/aside/r.1/models/a"])])
    #expect(try content("models/a") == "1")
    #expect(try content(".martlet/aside/r.1/models/a") == "edited")
  }

  @Test func `an output that was edited after its checkpoint came into place stays edited`() throws {
    let intent = intent([try move("a", "1"), try move("b", "2")])
    #expect(try workspace.publish([intent]) == [.published(asides: [])])
    _ = try scratch.file("models/a", "edited")
    #expect(try workspace.finish([intent]) == [.published(asides: [])])
    #expect(try content("models/a") == "edited")
    #expect(try content("models/b") == "2")
  }

  @Test func `undoing goes on after a step that fails, and says so`() {
    var undone: [Int] = []
    let steps: [() throws -> Void] = [
      { undone.append(1) }, { throw SystemError("rename", "b", code: EIO) }, { undone.append(3) },
    ]
    #expect(throws: HalfUndoneError.self) { try workspace.takeBack(steps, after: TestFailure("cause")) }
    #expect(undone == [3, 1])
  }
}
