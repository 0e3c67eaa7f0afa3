// `in_place`: the old outputs lie aside while an attempt writes, and come back whole unless it is published.

import MartletModel
import Testing

@testable import MartletFiles
@testable import MartletRun

@Suite struct InPlaceTests: WorkspaceSuite {
  let scratch: ScratchFolder
  let workspace: DiskWorkspace

  init() throws {
    scratch = try ScratchFolder()
    workspace = Self.workspace(in: scratch)
  }

  @Test func `in place: the old outputs come back after a failure and stay away after a success`() throws {
    let plan = plan(outputs: [output("a", "models/a", inPlace: true)], inPlace: true)
    for isPublished in [false, true] {
      _ = try scratch.file("models/a", "old")
      #expect(workspace.prepare(plan) == .ready)
      #expect(try FileKind.of("\(scratch.path)/models/a") == nil)
      _ = try scratch.file("models/a", "new")
      if isPublished {
        let move = PublishIntent.Move(staged: "models/a", target: "models/a", digest: digest("new"), previous: nil)
        #expect(try workspace.publish([intent([move])]) == [.published(asides: [])])
      }
      workspace.discard(attempt: "r.1", keepOutputs: false)
      #expect(try content("models/a") == (isPublished ? "new" : "old"))
    }
  }

  @Test func `in place: a folder comes back whole, and what was not there before goes away`() throws {
    let plan = plan(
      outputs: [output("images", "images/", inPlace: true), output("a", "models/a", inPlace: true)], inPlace: true)
    _ = try scratch.file("images/one/a.svg", "old")
    #expect(try FolderListing.names(of: scratch.path).map(\.description) == ["images"])
    for isSwept in [false, true] {
      #expect(workspace.prepare(plan) == .ready)
      #expect(try FileKind.of("\(scratch.path)/images") == nil)
      _ = try scratch.file("images/b.svg", "half")
      _ = try scratch.file("models/a", "half")
      // The workspace of another process, after a crash.
      let other = DiskWorkspace(root: scratch.path, memo: DigestMemo(root: scratch.path)) { _, _ in nil }
      if isSwept { try other.sweep(except: []) { _ in false } } else { workspace.discard(attempt: "r.1", keepOutputs: false) }
      #expect(try FolderListing.names(of: "\(scratch.path)/images").map(\.description) == ["one"])
      #expect(try content("images/one/a.svg") == "old")
      #expect(try FileKind.of("\(scratch.path)/models/a") == nil)
      #expect(try FolderListing.names(of: "\(scratch.path)/\(plan.folder)").map(\.description) == ["spec.json"])
    }
  }

  @Test func `in place: what was not moved aside yet when the engine died stays`() throws {
    let plan = plan(outputs: [output("a", "models/a", inPlace: true)], inPlace: true)
    #expect(workspace.prepare(plan) == .ready)
    _ = try scratch.file("models/a", "old")
    _ = try scratch.file("\(plan.folder)/in-place.json", #"[{"path":"models/a","existed":true}]"#)
    try workspace.sweep(except: []) { _ in false }
    #expect(try content("models/a") == "old")
  }

  @Test func `in place: a list that a loss of power tore speaks of nothing that was moved`() throws {
    _ = try scratch.file("models/a", "old")
    _ = try scratch.file(".martlet/attempts/q.9/in-place.json", "")
    let plan = plan(outputs: [output("a", "models/a", inPlace: true)], inPlace: true)
    #expect(workspace.prepare(plan) == .ready)
    _ = try scratch.file("models/a", "half")
    for attempt in ["r.1", "q.9"] { workspace.discard(attempt: attempt, keepOutputs: false) }
    #expect(try content("models/a") == "old")
  }

  @Test(arguments: [false, true])
  func `what a killed engine's attempt moved aside is put back before the next one moves it, whenever it is cleared`(
    isClearedLast: Bool
  ) throws {
    _ = try scratch.file("models/a", "old")
    let outputs = [output("a", "models/a", inPlace: true), output("b", "models/b", inPlace: true)]
    #expect(Self.workspace(in: scratch).prepare(plan(attempt: "q.9", outputs: outputs, inPlace: true)) == .ready)
    for name in ["a", "b"] { _ = try scratch.file("models/\(name)", "half") }
    #expect(workspace.prepare(plan(attempt: "r.1", outputs: [outputs[0]], inPlace: true)) == .ready)
    #expect(try FileKind.of("\(scratch.path)/models/a") == nil)
    #expect(try FileKind.of("\(scratch.path)/models/b") == nil)
    _ = try scratch.file("models/a", "half again")
    for attempt in isClearedLast ? ["r.1", "q.9"] : ["q.9", "r.1"] { workspace.discard(attempt: attempt, keepOutputs: false) }
    #expect(try content("models/a") == "old")
  }

  @Test func `what a killed engine's attempt moved aside does not come back over what was published since`() throws {
    _ = try scratch.file("models/a", "old")
    let outputs = [output("a", "models/a", inPlace: true)]
    #expect(Self.workspace(in: scratch).prepare(plan(attempt: "q.9", outputs: outputs, inPlace: true)) == .ready)
    #expect(workspace.prepare(plan(attempt: "r.1", outputs: outputs, inPlace: true)) == .ready)
    _ = try scratch.file("models/a", "new")
    let move = PublishIntent.Move(staged: "models/a", target: "models/a", digest: digest("new"), previous: nil)
    #expect(try workspace.publish([intent([move])]) == [.published(asides: [])])
    for attempt in ["q.9", "r.1"] { workspace.discard(attempt: attempt, keepOutputs: false) }
    #expect(try content("models/a") == "new")
  }
}
