// A scratch workspace with whatever files and records a test puts into it.

import MartletModel
import MartletRun
import MartletStore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct CommandWorkspace {
  /// Absolute, symbolic links resolved.
  let root: String

  /// - Parameter pipeline: the text of `martlet.yaml`; `nil` for none.
  init(pipeline: String? = "") {
    var template = Array("/tmp/martlet-workspace-XXXXXX".utf8CString)
    root = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    if let pipeline { write("martlet.yaml", pipeline) }
  }

  func write(_ path: String, _ text: String) {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/" + part
      mkdir(root + folder, 0o755)
    }
    let file = fopen("\(root)/\(path)", "w")!
    precondition(fputs(text, file) >= 0)
    fclose(file)
  }

  func read(_ path: String) -> String? {
    guard let file = fopen("\(root)/\(path)", "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Puts entries into the workspace's store, as a run would.
  func record(_ entries: [JournalEntry]) throws {
    mkdir(root + "/.martlet", 0o755)
    let store = try Store(path: root + "/.martlet/store.sqlite")
    try store.commit(entries)
    try store.close()
  }

  /// Runs `martlet` here. The workspace's path reads as `ROOT` in what it says.
  func martlet(_ arguments: String..., environment: [String: String] = [:]) -> Ending {
    var ending = Program.run([Program.buildFolder + "/martlet"] + arguments, in: root, environment: environment)
    ending.out = ending.out.replacing(root, with: "ROOT")
    ending.err = ending.err.replacing(root, with: "ROOT")
    return ending
  }
}
