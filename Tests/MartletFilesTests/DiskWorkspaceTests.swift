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

@Suite struct DiskWorkspaceTests {
  let scratch: ScratchFolder
  let workspace: DiskWorkspace

  init() throws {
    scratch = try ScratchFolder()
    workspace = DiskWorkspace(root: scratch.path, memo: DigestMemo(root: scratch.path)) { _, bytes in
      ConfigurationValue(canonicalJSON: String(decoding: bytes, as: UTF8.self)).flatMap { value in
        if case .map(let entries) = value { entries } else { nil }
      }
    }
  }

  // MARK: what an attempt looks like

  private func digest(_ text: String) -> Digest { Digest(of: text.utf8) }

  private func output(_ name: String, _ target: ArtifactPath, inPlace: Bool = false) -> AttemptPlan.ItemOutput {
    let slash = target.isFolder ? "/" : ""
    let staged = ArtifactPath(".martlet/attempts/r.1/out/0/\(name)/\(target.lastComponent)\(slash)")
    return AttemptPlan.ItemOutput(
      name: name, staged: inPlace ? target : staged, target: target, previous: nil, isImmutable: false)
  }

  private func plan(
    inputs: [AttemptPlan.ItemInput] = [], outputs: [AttemptPlan.ItemOutput] = [], inPlace: Bool = false
  ) -> AttemptPlan {
    let ingredients = Ingredients([])
    let instance = TaskInstance(task: "train")
    let record = AttemptRecord(
      id: "r.1", run: "r", task: "train", instances: [instance], fingerprints: [ingredients.fingerprint],
      ingredients: [ingredients], number: 1, resources: Resources(cpu: 1, memoryBytes: 1), seedIndex: 0, createdAt: 0)
    let item = AttemptPlan.Item(
      instance: instance, fingerprint: ingredients.fingerprint, ingredients: ingredients, inputs: inputs, outputs: outputs)
    return AttemptPlan(
      record: record, specification: "{}", items: [item], shellCommand: nil, environment: [:], timeoutSeconds: nil,
      inPlace: inPlace, code: [:])
  }

  private func intent(_ moves: [PublishIntent.Move]) -> PublishIntent {
    let ingredients = Ingredients([])
    let checkpoint = Checkpoint(
      instance: TaskInstance(task: "train"), fingerprint: ingredients.fingerprint, ingredients: ingredients, outputs: [],
      verdict: nil, message: nil, figures: [:], run: "r", attempt: "r.1")
    return PublishIntent(attempt: "r.1", checkpoint: checkpoint, moves: moves)
  }

  private func move(_ name: String, _ content: String, previous: String? = nil) throws -> PublishIntent.Move {
    let staged = ArtifactPath(".martlet/attempts/r.1/out/\(name)")
    _ = try scratch.file(staged.string, content)
    return PublishIntent.Move(
      staged: staged, target: ArtifactPath("models/\(name)"), digest: digest(content), previous: previous.map(digest))
  }

  private func content(_ path: String) throws -> String? { try text("\(scratch.path)/\(path)") }

  // MARK: preparing and verifying

  @Test func `an attempt gets its specification, scratch and the folders of its outputs`() throws {
    let plan = plan(outputs: [output("model", "models/m.pkl"), output("images", "images/")])
    #expect(workspace.prepare(plan) == .ready)
    #expect(try content("\(plan.folder)/spec.json") == "{}")
    for folder in ["scratch", "out/0/model", "out/0/images"] {
      #expect(try FileKind.of("\(scratch.path)/\(plan.folder)/\(folder)") == .folder)
    }
    #expect(try FileKind.of("\(scratch.path)/models") == nil)
  }

  @Test func `inputs that are no longer what was planned stop the attempt before it starts`() throws {
    _ = try scratch.file("a.csv", "new")
    let input = AttemptPlan.ItemInput(
      name: "data", paths: ["a.csv", "b.csv"], digests: [digest("old"), digest("b")], partitions: [], keys: nil, keyValues: [:])
    let changed = ChangedInputs(digests: ["a.csv": digest("new")], gone: ["b.csv"])
    #expect(workspace.prepare(plan(inputs: [input])) == .inputsChanged(changed))
  }

  @Test func `of a configuration only the keys that are read count, under every name`() throws {
    _ = try scratch.file("c.json", #"{"one":1,"two":2}"#)
    func input(_ name: String, _ key: String, _ value: String) -> AttemptPlan.ItemInput {
      AttemptPlan.ItemInput(
        name: name, paths: ["c.json"], digests: [], partitions: [], keys: [key], keyValues: [key: value])
    }
    #expect(workspace.prepare(plan(inputs: [input("a", "one", "1"), input("b", "two", "2")])) == .ready)
    #expect(workspace.prepare(plan(inputs: [input("a", "none", absentValue)])) == .ready)
    let changed = ChangedInputs(configurations: ["c.json": ["one": .integer(1), "two": .integer(2)]])
    #expect(workspace.prepare(plan(inputs: [input("a", "one", "1"), input("b", "two", "3")])) == .inputsChanged(changed))
  }

  @Test func `outputs that are missing or unfit are named, the others digested`() throws {
    let outputs = [output("model", "models/m.pkl"), output("images", "images/")]
    let plan = plan(outputs: outputs)
    #expect(workspace.prepare(plan) == .ready)
    _ = try scratch.file("\(plan.folder)/log", "said\n")
    _ = try scratch.file(outputs[1].staged.string + "a.svg", "picture")
    let missing = workspace.verify(plan)
    #expect(missing.faults == [TaskInstance(task: "train"): "output model was not written (models/m.pkl)"])
    #expect(missing.logTail == "said\n")
    mkfifo("\(scratch.path)/\(outputs[0].staged)", 0o600)
    #expect(
      workspace.verify(plan).faults.values.first == "output model is a FIFO, expected a regular file (models/m.pkl)")
    unlink("\(scratch.path)/\(outputs[0].staged)")
    _ = try scratch.file(outputs[0].staged.string, "model")
    let whole = workspace.verify(plan)
    #expect(whole.faults.isEmpty)
    #expect(whole.outputs.values.first?.map(\.bytes) == [5, 7])
    #expect(whole.outputs.values.first?.first?.digest == digest("model"))
    symlink("a.svg", "\(scratch.path)/\(outputs[1].staged)b.svg")
    #expect(workspace.verify(plan).faults.count == 1)
  }

  @Test func `records are read up to the line that a dying process cut off`() throws {
    let plan = plan()
    let lines = #"{"status":"succeeded","partition":"1"}"# + "\n" + #"{"status":"failed","class":"data"}"# + "\n" + #"{"stat"#
    _ = try scratch.file("\(plan.folder)/result.jsonl", lines)
    #expect(
      workspace.verify(plan).records == [
        ResultRecord(partition: "1", status: "succeeded"), ResultRecord(status: "failed", failureClass: .data),
      ])
  }

  @Test func `of two records of one item the last counts, here and for the run`() throws {
    let plan = plan(outputs: [output("model", "models/m.pkl")])
    #expect(workspace.prepare(plan) == .ready)
    _ = try scratch.file(plan.items[0].outputs[0].staged.string, "model")
    let lines = [#"{"status":"failed","class":"io"}"#, #"{"status":"succeeded"}"#]
    for (lines, isVerified) in [(lines, true), (lines.reversed(), false)] {
      _ = try scratch.file("\(plan.folder)/result.jsonl", lines.joined(separator: "\n") + "\n")
      let verification = workspace.verify(plan)
      #expect((verification.fault(of: plan.items[0]) == nil) == isVerified)
      #expect((verification.record(for: plan.items[0], of: plan)?.status == "succeeded") == isVerified)
    }
  }

  @Test(arguments: [
    ("{\n", "line 1 of the task's result does not read: it is not a JSON object"),
    ("{\"status\":\"succeeded\"}\nnonsense\n{\"stat", "line 2 of the task's result does not read: it is not a JSON object"),
    (#"{"status":"ok"}"#, "line 1 of the task's result does not read: status ok is neither succeeded nor failed"),
    (#"{"class":"io"}"#, "line 1 of the task's result does not read: status is absent"),
    (#"{"status":"failed","class":"disk"}"#, "line 1 of the task's result does not read: class disk is unknown"),
    (
      "{\n\"status\":\"succeeded\",\n\"verdict\":\"good\"\n}",
      "line 1 of the task's result does not read: verdict good is none of pass, warn and fail"
    ),
  ])
  func `a record that does not read is a fault`(text: String, message: String) throws {
    let plan = plan()
    _ = try scratch.file("\(plan.folder)/result.jsonl", text)
    let verification = workspace.verify(plan)
    #expect(verification.recordFaults == [TaskInstance(task: "train"): message])
    #expect(verification.record(for: plan.items[0], of: plan) == nil)
  }

  @Test func `in a batch a line that names its partition is a fault of that one alone`() {
    func faults(_ text: String) -> [String?] {
      let file = ResultFile(Array(text.utf8))
      return ["1", "2"].map { partition in
        let instance = TaskInstance(task: "ingest", slice: .partition(Partition(name: "dt", value: partition)))
        return file.fault(for: instance, itemCount: 2)
      }
    }
    #expect(faults("{\"partition\":\"1\",\"status\":\"failed\",\"message\":3}\n").map { $0 == nil } == [false, true])
    #expect(faults("{\"partition\":\"1\",\n").map { $0 == nil } == [false, false])
    #expect(faults("\n \r\n{\"partition\":\"1\"").map { $0 == nil } == [true, true])
  }

  // MARK: publishing

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
    guard case .failed(.io, _) = answer.first else { throw TestFailure("\(answer)") }
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

  // MARK: after a crash

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

  // MARK: in place

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
      if isSwept { try other.sweep(except: []) } else { workspace.discard(attempt: "r.1", keepOutputs: false) }
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
    try workspace.sweep(except: [])
    #expect(try content("models/a") == "old")
  }

  @Test func `the sweep clears attempts that nobody owns, and nothing else`() throws {
    for attempt in ["r.1", "r.2", "r.3"] {
      _ = try scratch.file(".martlet/attempts/\(attempt)/out/0/a", "staged")
      _ = try scratch.file(".martlet/attempts/\(attempt)/scratch/b", "")
    }
    workspace.discard(attempt: "r.2", keepOutputs: true)
    try workspace.sweep(except: ["r.3"])
    #expect(try FolderListing.names(of: "\(scratch.path)/.martlet/attempts/r.1").isEmpty)
    #expect(try content(".martlet/attempts/r.2/out/0/a") == "staged")
    #expect(try content(".martlet/attempts/r.3/out/0/a") == "staged")
    #expect(try content(".martlet/attempts/r.3/scratch/b") == "")
  }

  @Test func `discarding leaves the log and the records, and on request the outputs`() throws {
    let plan = plan(outputs: [output("a", "models/a")])
    #expect(workspace.prepare(plan) == .ready)
    _ = try scratch.file("\(plan.folder)/log", "said\n")
    workspace.discard(attempt: "r.1", keepOutputs: true)
    #expect(
      try FolderListing.names(of: "\(scratch.path)/\(plan.folder)").map(\.description) == ["keep", "log", "out", "spec.json"])
    workspace.discard(attempt: "r.1", keepOutputs: false)
    #expect(try FolderListing.names(of: "\(scratch.path)/\(plan.folder)").map(\.description) == ["log", "spec.json"])
  }

  @Test func `a task's log holds the attempts of its newest run`() throws {
    for (attempt, said) in [("r.1", "one\n"), ("r.2", "two\n"), ("s.1", "three\n")] {
      _ = try scratch.file(".martlet/attempts/\(attempt)/log", said)
    }
    workspace.showLog(of: "r.1", task: "train")
    workspace.showLog(of: "r.2", task: "train")
    #expect(try content("logs/train.log") == "=== attempt r.1\none\n=== attempt r.2\ntwo\n")
    workspace.showLog(of: "s.1", task: "train")
    #expect(try content("logs/train.log") == "=== attempt s.1\nthree\n")
  }
}
