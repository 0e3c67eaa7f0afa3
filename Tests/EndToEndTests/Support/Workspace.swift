// A scratch folder with a pipeline, which goes away with the test.

import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a story needed and did not find.
struct StoryFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

final class Workspace {
  /// Absolute.
  private(set) var root: String

  init() {
    root = Workspace.scratchFolder()
  }

  /// A copy with every file's times, as `cp -a` makes it.
  init(copyOf other: String) throws {
    root = Workspace.scratchFolder()
    try shell("cp -a \(other)/. .")
  }

  deinit { if !isKept { Workspace.removeFolder(root) } }

  private static func removeFolder(_ path: String) { _ = Program(["rm", "-rf", path], in: "/").end() }

  /// Leaves the folder to the tests that follow; it goes when the test process ends.
  func keptUntilExit() -> String {
    isKept = true
    let isFirst = Workspace.kept.withLock { kept in
      kept.append(root)
      return kept.count == 1
    }
    if isFirst { atexit { for path in Workspace.kept.withLock({ $0 }) { Workspace.removeFolder(path) } } }
    return root
  }

  private static let kept = Mutex<[String]>([])
  private var isKept = false

  private static func scratchFolder() -> String {
    var template = Array("/tmp/martlet-story-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
    precondition(made != nil, "no scratch folder: \(String(cString: strerror(errno)))")
    return String(cString: made!)
  }

  /// Moves the whole workspace elsewhere.
  func move() throws {
    try shell("mv \(root) \(root)-moved")
    root += "-moved"
  }

  // MARK: Files

  func exists(_ path: String) -> Bool { access("\(root)/\(path)", F_OK) == 0 }

  func read(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  func bytes(_ path: String) throws -> [UInt8] {
    guard let file = fopen("\(root)/\(path)", "r") else { throw StoryFailure("\(path) cannot be read in \(root)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return bytes
  }

  func write(_ path: String, _ text: String) throws {
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    if !folder.isEmpty { try shell("mkdir -p \(folder)") }
    guard let file = fopen("\(root)/\(path)", "w") else { throw StoryFailure("\(path) cannot be written in \(root)") }
    defer { fclose(file) }
    guard fputs(text, file) >= 0 else { throw StoryFailure("\(path) cannot be written in \(root)") }
  }

  func append(_ path: String, _ text: String) throws { try write(path, try read(path) + text) }

  func remove(_ path: String) throws { try shell("rm -r \(path)") }

  /// Replaces text that must be there.
  func edit(_ path: String, _ old: String, _ new: String) throws {
    let text = try read(path)
    guard text.contains(old) else { throw StoryFailure("\(path) has no \"\(old)\"") }
    try write(path, text.replacing(old, with: new))
  }

  /// Where a symbolic link points to.
  func link(_ path: String) throws -> String { try shell("readlink \(path)").out.trimmingLineEnd }

  /// The digests of files, as `sha256sum` prints them.
  func digests(_ paths: [String]) throws -> String { try shell("sha256sum \(paths.joined(separator: " "))").out }

  /// The paths that a shell pattern stands for.
  func paths(_ pattern: String) throws -> [String] {
    try shell("ls -d \(pattern) 2>/dev/null || true").out.split(separator: "\n").map(String.init)
  }

  // MARK: Programs

  @discardableResult
  func shell(_ command: String) throws -> Ending {
    let ending = Program(["/bin/sh", "-ec", command], in: root).end()
    guard ending.status == 0 else { throw StoryFailure("\(command) failed in \(root): \(ending)") }
    return ending
  }

  /// Runs Python with the packages of the tests; what it prints is the answer.
  func python(_ script: String, _ arguments: String..., environment: [String: String] = [:]) throws -> String {
    let ending = Program([Checkout.python, "-c", script] + arguments, in: root, environment: environment).end()
    guard ending.status == 0 else { throw StoryFailure("Python failed: \(ending)") }
    return ending.out.trimmingLineEnd
  }

  func martlet(_ arguments: String..., environment: [String: String] = [:]) -> Ending {
    start(arguments, environment: environment).end()
  }

  /// Starts `martlet` beside the test.
  func start(_ arguments: [String], environment: [String: String] = [:]) -> Program {
    Program([Checkout.programs + "/martlet"] + arguments, in: root, environment: environment)
  }

  /// `martlet run --json`, understood.
  func run(_ arguments: String..., environment: [String: String] = [:]) throws -> RunReport {
    try RunReport(start(["run", "--json"] + arguments, environment: environment).end())
  }

  /// Any command with `--json`.
  func document(_ arguments: String...) throws -> JSON {
    let ending = start(arguments + ["--json"]).end()
    guard let json = JSON(ending.out) else { throw StoryFailure("martlet \(arguments) gave no JSON: \(ending)") }
    return json
  }

  /// Looks until there is something to see, for at most a minute.
  func wait<Seen>(for what: String, _ look: () throws -> Seen?) throws -> Seen {
    let deadline = time(nil) + 60
    while time(nil) < deadline {
      if let seen = try look() { return seen }
      poll(nil, 0, 20)
    }
    throw StoryFailure("a minute went by without \(what)")
  }
}

extension String {
  /// Without the line end that a program puts behind its answer.
  var trimmingLineEnd: String { hasSuffix("\n") ? String(dropLast()) : self }
}
