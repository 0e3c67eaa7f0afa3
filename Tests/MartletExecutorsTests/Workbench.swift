// A folder in which attempts are really run, by the real supervisor.

import MartletExecutors
import MartletFiles
import MartletModel
import MartletRun
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct TestFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Collects what an executor reports.
final class EventLog: Sendable {
  /// Processes are found by their attempt's id, so no two tests may use the same.
  let suffix: String
  private let events = Mutex<[ExecutorEvent]>([])

  init(suffix: String) { self.suffix = suffix }

  func add(_ event: ExecutorEvent) { events.withLock { $0.append(event) } }

  var all: [ExecutorEvent] { events.withLock { $0 } }

  func exit(of attempt: String) -> ExitRecord? {
    for case .exited(let record) in all where record.attempt == attempt + suffix { return record }
    return nil
  }

  func identity(of attempt: String) -> ProcessIdentity? {
    for case .started(attempt + suffix, let identity) in all { return identity }
    return nil
  }

  /// How often an attempt was reported as over.
  func ends(of attempt: String) -> Int {
    all.count { event in
      switch event {
      case .exited(let record): record.attempt == attempt + suffix
      case .lost(attempt + suffix): true
      default: false
      }
    }
  }
}

final class Workbench {
  let path: String
  let log: EventLog
  /// For an engine that is gone when the test's own begins.
  let earlier: EventLog
  var supervisors: String { "\(path)/supervisors" }

  init() throws {
    var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw SystemError("make the folder", "/tmp/martlet-test-XXXXXX") }
    // A socket's address could not hold this.
    path = "\(String(cString: made))/\(String(repeating: "long-", count: 30))"
    try FileTree.makeFolder(path)
    let suffix = "-\(UInt64.random(in: 0 ... .max))"
    log = EventLog(suffix: suffix)
    earlier = EventLog(suffix: suffix)
  }

  deinit {
    do {
      try FileTree.remove(String(path[..<path.lastIndex(of: "/")!]))
    } catch {
      print("left behind: \(error)")
    }
  }

  func id(_ name: String) -> String { name + log.suffix }

  func executor(_ log: EventLog? = nil) throws -> LocalExecutor {
    let log = log ?? self.log
    return try LocalExecutor(supervisorProgram: try Workbench.supervisor(), supervisorsFolder: supervisors) { log.add($0) }
  }

  func request(
    _ name: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil,
    timeoutSeconds: Double? = nil, graceSeconds: Double = 30
  ) throws -> AttemptRequest {
    let folder = folder(name)
    try FileTree.makeFolder(folder)
    let base = ["PATH": "/usr/local/bin:/usr/bin:/bin", "MARTLET_ATTEMPT": id(name)]
    return AttemptRequest(
      attempt: id(name), arguments: arguments, environment: base.merging(environment) { $1 },
      workingDirectory: directory ?? path, folder: folder, logPath: "\(folder)/log", timeoutSeconds: timeoutSeconds,
      graceSeconds: graceSeconds, resources: Resources(cpu: 1, memoryBytes: 1 << 20))
  }

  func shell(
    _ name: String, _ script: String, timeoutSeconds: Double? = nil, graceSeconds: Double = 30
  ) throws -> AttemptRequest {
    try request(name, ["/bin/sh", "-c", script], timeoutSeconds: timeoutSeconds, graceSeconds: graceSeconds)
  }

  func folder(_ name: String) -> String { "\(path)/attempts/\(name)" }

  func text(_ name: String) throws -> String? {
    try FileContent.read("\(path)/\(name)").map { String(decoding: $0, as: UTF8.self) }
  }

  func exit(of name: String) async throws -> ExitRecord {
    try await eventually("the end of \(name)") { self.log.exit(of: name) }
  }

  /// The number that a script has written to a file, line break included.
  func number(in file: String) async throws -> Int32 {
    try await eventually("a number in \(file)") {
      try self.text(file).flatMap { $0.last == "\n" ? Int32($0.dropLast()) : nil }
    }
  }

  /// The process whose number a script has written to a file and that still works.
  func process(named file: String) async throws -> ProcessIdentity {
    let pid = try await number(in: file)
    guard let identity = ProcessTable.identity(of: pid) else { throw TestFailure("process \(pid) of \(file) is gone already") }
    return identity
  }

  /// The supervisors that work in this workbench.
  func supervisorProcesses() throws -> [ProcessEntry] {
    guard try FileKind.of(supervisors) != nil else { return [] }
    let ids = Set(try FolderListing.names(of: supervisors).map(\.description))
    return try ProcessTable.marked("MARTLET_SUPERVISOR").filter { ids.contains($0.key) }.flatMap(\.value)
  }

  /// The built program beside the tests.
  static func supervisor() throws -> String {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let folders =
      CommandLine.arguments.filter { $0.hasSuffix(".xctest") }.map { $0[..<$0.lastIndex(of: "/")!] } + ["/\(root)/.build/debug"]
    let candidates = folders.map { "\($0)/martlet-supervisor" }
    guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw TestFailure("martlet-supervisor is in none of \(candidates)")
    }
    return path
  }
}

/// Looks again and again until there is an answer. The limit only keeps a broken test from hanging.
func eventually<Value: Sendable>(
  _ what: String, seconds: Double = 60, _ look: () throws -> Value?
) async throws -> Value {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while ContinuousClock.now < deadline {
    if let value = try look() { return value }
    await pause()
  }
  throw TestFailure("waited \(seconds) s in vain for \(what)")
}

/// Two milliseconds on a thread of its own: other processes do not tell when they get on.
private func pause() async {
  await withCheckedContinuation { continuation in
    OwnThread {
      poll(nil, 0, 2)
      continuation.resume()
    }.detach()
  }
}

func eventually(_ what: String, _ isTrue: () throws -> Bool) async throws {
  _ = try await eventually(what) { try isTrue() ? true : nil }
}
