// A folder in which a built-in task runs as the engine would run it.

import BuiltinTasks
import DuckDB
import Foundation
import MartletFiles
import MartletModel
import Testing

/// Files to write, a task to run, outputs to query. The folder goes with the value's last reference.
final class TaskWorkspace {
  /// What a task left behind.
  struct Ending {
    let status: Int32
    let records: [ConfigurationValue]
    let complaint: String

    /// The only record, or the first.
    var record: ConfigurationValue { records.first ?? .null }
    var message: String { record["message"]?.display ?? "" }
  }

  /// A path with its partition: what an item of a specification reads or writes.
  struct Item {
    var partition: String?
    var inputs: [String: Any]
    var outputs: [String: String]
  }

  let folder: String

  init() throws {
    var template = Array("/tmp/martlet-tasks-test-XXXXXX".utf8CString)
    folder = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit { TaskWorkspace.remove(folder) }

  /// `MARTLET_NATIVE_DIR`, by default `.native` at the package's root, where set-up installs the libraries.
  static var nativeFolder: String {
    if let given = ProcessInfo.processInfo.environment["MARTLET_NATIVE_DIR"] { return given }
    let root = #filePath.components(separatedBy: "/Tests/")[0]
    return root + "/.native"
  }

  static let library = Result {
    try DuckDBLibrary(NativeLibrarySearch(environment: ["MARTLET_NATIVE_DIR": nativeFolder], executableFolder: nil))
  }

  func path(_ name: String) -> String { folder + "/" + name }

  /// Writes a file, with the folders above it.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, bytes: Array(text.utf8)) }

  @discardableResult
  func write(_ name: String, bytes: [UInt8]) throws -> String {
    let path = path(name)
    try TaskFile.makeFolder(String(path[..<path.lastIndex(of: "/")!]))
    try TaskFile.write(bytes, to: path)
    return path
  }

  func input(_ names: String..., keys: [String]? = nil, partitions: [String]? = nil) -> [String: Any] {
    var input: [String: Any] = ["paths": names.map(path), "digests": names.map { _ in "" }]
    input["keys"] = keys
    input["partitions"] = partitions
    return input
  }

  /// Runs a task with its items.
  ///
  /// - Parameter extra: further keys of the specification, or other values for those given here.
  func run(
    _ uses: String, _ items: [Item], mode: String = "task", parameters: [String: Any] = [:], cpu: Int = 1,
    extra: [String: Any] = [:]
  ) throws -> Ending {
    for name in ["result", "events"] where TaskFile.exists(path(name)) { unlink(path(name)) }
    try TaskFile.makeFolder(path("scratch"))
    let described = try items.map { item -> [String: Any] in
      for output in item.outputs.values {
        // The engine makes the folders of outputs, not the outputs.
        let name = output.hasSuffix("/") ? String(output.dropLast()) : output
        try write(name, "")
        unlink(path(name))
      }
      var entry: [String: Any] = ["inputs": item.inputs, "outputs": item.outputs.mapValues(path)]
      if let partition = item.partition { entry["partition"] = ["name": "dt", "value": partition] }
      return entry
    }
    let specification: [String: Any] = [
      "schema": "martlet.spec/1", "task": "task", "uses": uses, "mode": mode, "run": "run", "attempt": "attempt", "key": "key",
      "parameters": parameters, "seedIndex": 0, "resources": ["cpu": cpu, "memoryBytes": 1 << 30], "scratch": path("scratch"),
      "diagnostics": path("diagnostics"),
      "items": described,
    ]
    let merged = specification.merging(extra) { _, given in given }
    try write("spec.json", bytes: Array(try JSONSerialization.data(withJSONObject: merged)))
    let complaints = Complaints()
    let status = TaskProcess.run(
      environment: [
        "MARTLET_SPEC": path("spec.json"), "MARTLET_RESULT": path("result"), "MARTLET_EVENTS": path("events"),
        "MARTLET_NATIVE_DIR": Self.nativeFolder,
      ], executableFolder: nil, complain: complaints.add)
    let lines = TaskFile.exists(path("result")) ? try TaskFile.text(path("result")).split(separator: "\n") : []
    let records = try lines.map { try JSONDecoder().decode(ConfigurationValue.self, from: Data($0.utf8)) }
    return Ending(status: status, records: records, complaint: complaints.text)
  }

  /// Rows of a query as text, values joined by `|`. `{name}` stands for a file of the folder, quoted.
  func rows(_ sql: String) throws -> [String] {
    var sql = sql
    while let open = sql.firstIndex(of: "{"), let close = sql[open...].firstIndex(of: "}") {
      sql.replaceSubrange(open...close, with: SQL.literal(path(String(sql[sql.index(after: open)..<close]))))
    }
    let connection = try Database(try Self.library.get(), .init()).connect()
    return try connection.rows("SELECT columns(*)::VARCHAR FROM (\(sql))").map { row in
      row.map { $0.string ?? "∅" }.joined(separator: "|")
    }
  }

  func bytes(_ name: String) throws -> [UInt8] { try TaskFile.read(path(name)) }

  private static func remove(_ folder: String) {
    do {
      try FileTree.remove(folder)
    } catch {
      Issue.record("cannot remove \(folder): \(error)")
    }
  }
}

/// Lines that a task wrote for its log.
private final class Complaints {
  private(set) var text = ""

  func add(_ line: String) { text += line + "\n" }
}

extension TaskWorkspace {
  /// A connection to an empty database.
  static func connect(threads: Int = 1) throws -> Connection {
    try Database(try library.get(), .init(threads: threads)).connect()
  }
}
