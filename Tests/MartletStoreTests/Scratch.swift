// A folder of its own for each test, and records to put into a store.

import MartletModel
import MartletRun
import MartletStore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A new folder under the system's temporary folder. It is left for the system to clear.
struct Scratch {
  let folder: String

  init() {
    var template = Array("/tmp/martlet-store-XXXXXX".utf8CString)
    folder = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  var path: String { folder + "/store.sqlite" }

  func bytes(_ name: String) -> [UInt8]? {
    guard let file = fopen(folder + "/" + name, "r") else { return nil }
    defer { fclose(file) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return content }
      content += buffer[..<count]
    }
  }

  func write(_ name: String, _ content: [UInt8]) {
    let file = fopen(folder + "/" + name, "w")!
    precondition(fwrite(content, 1, content.count, file) == content.count)
    fclose(file)
  }

  /// What a kill of the writer leaves at this moment: the file and its WAL, without the shared memory.
  func copyAsKilled() -> Scratch {
    let copy = Scratch()
    for name in ["store.sqlite", "store.sqlite-wal"] {
      if let content = bytes(name) { copy.write(name, content) }
    }
    return copy
  }
}

func digest(_ text: String) -> Digest { Digest(of: Array(text.utf8)) }

func day(_ number: Int) -> TaskInstance {
  TaskInstance(task: "ingest", slice: .partition(Partition(name: "dt", value: CalendarDay(ordinal: 15_706 + number).description)))
}

extension RunRecord {
  static func example(_ id: String, startedAt: Double = 1000) -> RunRecord {
    RunRecord(
      id: id, pipeline: "flights", startedAt: startedAt, arguments: ["train", "--only"], parameters: ["min_rows": .integer(5)],
      engineVersion: "0.1.0")
  }
}

extension Ingredients {
  static func example(_ value: String) -> Ingredients {
    Ingredients([Ingredient(.builtin, "ingest", "1"), Ingredient(.input, "flights", value)])
  }
}

extension Checkpoint {
  static func example(_ instance: TaskInstance, input: String = "a", attempt: String = "a1") -> Checkpoint {
    let ingredients = Ingredients.example(input)
    return Checkpoint(
      instance: instance, fingerprint: ingredients.fingerprint, ingredients: ingredients,
      outputs: [RecordedOutput(name: "part", path: "data/part.parquet", digest: digest("part \(input)"), bytes: 7)],
      verdict: .warn, message: "12 rows", figures: ["rows": .integer(12), "share": .number(0.25), "note": .text("ok")], run: "r1",
      attempt: attempt)
  }
}

extension AttemptRecord {
  static func example(_ id: String, run: String = "r1", _ instances: [TaskInstance], input: String = "a") -> AttemptRecord {
    AttemptRecord(
      id: id, run: run, task: instances[0].task, instances: instances,
      fingerprints: instances.map { _ in Ingredients.example(input).fingerprint },
      ingredients: instances.map { _ in Ingredients.example(input) }, number: 1,
      resources: Resources(cpu: 2, memoryBytes: 1 << 31),
      seedIndex: 0, createdAt: 1001)
  }
}

extension AttemptEnd {
  static func example(_ outcome: Outcome, _ failureClass: FailureClass? = nil, attempt: String = "a1") -> AttemptEnd {
    AttemptEnd(
      outcome: outcome, failureClass: failureClass, rule: failureClass == nil ? nil : "exit status 75", message: "said so",
      exit: ExitRecord(attempt: attempt, status: .exited(75), startedAt: 1002, endedAt: 1003.5, peakMemoryBytes: 4096),
      nextAttemptAt: 1004, at: 1003.6)
  }
}

extension PublishIntent {
  static func example(_ instance: TaskInstance, input: String = "a", attempt: String = "a1") -> PublishIntent {
    PublishIntent(
      attempt: attempt, checkpoint: .example(instance, input: input, attempt: attempt),
      moves: [
        Move(
          staged: ".martlet/attempts/a1/out/0/part", target: "data/part.parquet", digest: digest("part"), previous: digest("old")),
        Move(staged: "x", target: "y", digest: digest("z"), previous: nil),
      ])
  }
}
