// An attempt's folder: what is prepared in it, what is read and checked there, what is cleared and what stays.

import MartletModel
import Testing

@testable import MartletFiles
@testable import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct AttemptFolderTests: WorkspaceSuite {
  let scratch: ScratchFolder
  let workspace: DiskWorkspace

  init() throws {
    scratch = try ScratchFolder()
    workspace = Self.workspace(in: scratch)
  }

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

  @Test func `inputs and code that change while the attempt runs are noticed at its end`() throws {
    _ = try scratch.file("a.csv", "a")
    _ = try scratch.file("score.py", "pass")
    let input = AttemptPlan.ItemInput(
      name: "data", paths: ["a.csv"], digests: [digest("a")], partitions: [], keys: nil, keyValues: [:])
    let plan = plan(inputs: [input], code: ["score.py": digest("pass")])
    #expect(workspace.prepare(plan) == .ready)
    #expect(workspace.verify(plan).changedInputs.isEmpty)
    _ = try scratch.file("a.csv", "b")
    _ = try scratch.file("score.py", "fail")
    #expect(workspace.verify(plan).changedInputs == ChangedInputs(digests: ["a.csv": digest("b"), "score.py": digest("fail")]))
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

  @Test func `an optional input that was absent and is there now has changed`() throws {
    var whole = AttemptPlan.ItemInput(name: "notes", paths: [], digests: [], partitions: [], keys: nil, keyValues: [:])
    whole.absentPaths = ["notes.md"]
    var keys = AttemptPlan.ItemInput(name: "more", paths: [], digests: [], partitions: [], keys: ["a"], keyValues: [:])
    keys.absentPaths = ["more.json"]
    let plan = plan(inputs: [whole, keys])
    #expect(workspace.prepare(plan) == .ready)
    _ = try scratch.file("notes.md", "words")
    _ = try scratch.file("more.json", #"{"a":1}"#)
    let changed = ChangedInputs(digests: ["notes.md": digest("words")], configurations: ["more.json": ["a": .integer(1)]])
    #expect(workspace.verify(plan).changedInputs == changed)
    #expect(workspace.prepare(plan) == .inputsChanged(changed))
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
      let instances = ["1", "2"].map { TaskInstance(task: "ingest", slice: .partition(Partition(name: "dt", value: $0))) }
      return instances.map { file.fault(for: $0, of: instances) }
    }
    #expect(faults("{\"partition\":\"1\",\"status\":\"failed\",\"message\":3}\n").map { $0 == nil } == [false, true])
    #expect(faults("{\"partition\":\"1\",\n").map { $0 == nil } == [false, false])
    #expect(faults("\n \r\n{\"partition\":\"1\"").map { $0 == nil } == [true, true])
    #expect(faults("{\"partition\":\"3\",\"status\":1}\n").map { $0 == nil } == [false, false])
    let stranger = "the task's result names the partition 3, which is none of this attempt's"
    #expect(faults("{\"partition\":\"3\",\"status\":\"succeeded\"}\n") == [stranger, stranger])
  }

  // MARK: afterwards

  @Test func `the sweep clears attempts that nobody owns, and nothing else`() throws {
    for attempt in ["r.1", "r.2", "r.3", "r.4"] {
      _ = try scratch.file(".martlet/attempts/\(attempt)/out/0/a", "staged")
      _ = try scratch.file(".martlet/attempts/\(attempt)/scratch/b", "")
    }
    workspace.discard(attempt: "r.2", keepOutputs: true)
    // A folder that was to be kept, and whose engine was killed before it said so there.
    for _ in 0..<2 { try workspace.sweep(except: ["r.3"]) { $0 == "r.4" } }
    #expect(try FolderListing.names(of: "\(scratch.path)/.martlet/attempts/r.1").isEmpty)
    for kept in ["r.2", "r.4"] { #expect(try FolderListing.names(of: "\(scratch.path)/.martlet/attempts/\(kept)").count == 2) }
    #expect(try content(".martlet/attempts/r.2/out/0/a") == "staged")
    #expect(try content(".martlet/attempts/r.4/out/0/a") == "staged")
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

  @Test func `a task's log stays small however much its attempts print`() throws {
    _ = try scratch.file(".martlet/attempts/r.1/log", String(repeating: "x", count: TaskLog.mostOfAttempt) + "end of one")
    workspace.showLog(of: "r.1", task: "train")
    #expect(try content("logs/train.log")?.hasSuffix("xend of one\n") == true)
    for number in 2...8 {
      _ = try scratch.file(".martlet/attempts/r.\(number)/log", String(repeating: "y", count: TaskLog.mostOfAttempt) + "\n")
      workspace.showLog(of: "r.\(number)", task: "train")
    }
    let size = try FileStamp.of("\(scratch.path)/logs/train.log")!.size
    #expect(size > TaskLog.mostBytes && size < TaskLog.mostBytes + 8 * (TaskLog.leastOfAttempt + 200))
    let tail = String(
      decoding: try FileContent.tail(of: "\(scratch.path)/logs/train.log", count: TaskLog.leastOfAttempt + 200)!, as: UTF8.self)
    #expect(tail.contains("=== attempt r.8\n(… the \(TaskLog.mostOfAttempt + 1 - TaskLog.leastOfAttempt) bytes before are in "))
  }
}
