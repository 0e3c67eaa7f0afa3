/// What a built-in task is: a name and a version, and something that does it.

import DuckDB
import MartletFiles
import MartletModel

/// A built-in task. It works through the items of its specification and records each with `context.results`; an error that it throws
/// is recorded for every item without a record.
public protocol BuiltinTask: Sendable {
  /// The input in which a person declares what the task is to do.
  static var configuration: String { get }

  /// Reads that input as `run` will.
  /// - Throws: what is wrong with it.
  static func check(_ item: TaskSpecification.Item, _ libraries: NativeLibrarySearch) throws

  static func run(_ context: TaskContext) throws
}

/// Everything a built-in task is given.
public final class TaskContext {
  public let specification: TaskSpecification
  public let progress: ProgressReporter
  /// Finds the native libraries; nothing is loaded before a task asks.
  public let libraries: NativeLibrarySearch
  /// Writes a line to the attempt's log.
  public let log: (String) -> Void
  /// Whether databases are left open for the end of the process to take: the system frees their memory in less time than DuckDB does.
  private let leavesDatabasesOpen: Bool
  private let results: ResultWriter
  private var recorded: Set<String> = []
  /// The first failure recorded: it decides the exit status.
  private(set) var firstFailure: TaskFailure?

  public init(
    _ specification: TaskSpecification, results: ResultWriter, progress: ProgressReporter, libraries: NativeLibrarySearch,
    leavesDatabasesOpen: Bool = false, log: @escaping (String) -> Void
  ) {
    self.specification = specification
    self.results = results
    self.log = log
    self.leavesDatabasesOpen = leavesDatabasesOpen
    self.progress = progress
    self.libraries = libraries
  }

  /// The only item of a task that has no partitions.
  public var item: TaskSpecification.Item { specification.items[0] }

  /// Records that an item's outputs are all written.
  public func succeeded(_ item: TaskSpecification.Item, _ result: ItemResult = ItemResult()) throws {
    try results.succeeded(item, result)
    recorded.insert(item.partition?.value ?? "")
  }

  /// Records that an item failed; the others of a batch go on.
  public func failed(_ item: TaskSpecification.Item, _ failure: TaskFailure) throws {
    log((item.partition.map { "\($0.name)=\($0.value): " } ?? "") + failure.message)
    try results.failed(item, failure)
    if firstFailure == nil { firstFailure = failure }
    recorded.insert(item.partition?.value ?? "")
  }

  /// Items that nothing has been recorded of.
  var unrecorded: [TaskSpecification.Item] { specification.items.filter { !recorded.contains($0.partition?.value ?? "") } }

  /// Opens DuckDB with the attempt's share of threads and memory, spilling into the attempt's scratch folder.
  ///
  /// - Parameter memoryShare: how much of the attempt's memory DuckDB may use; the rest is for what is not DuckDB's.
  public func openDuckDB(memoryShare: Double = 0.7) throws -> Connection {
    let library: DuckDBLibrary
    do {
      library = try DuckDBLibrary(libraries)
    } catch let error as DuckDBError {
      throw TaskFailure(.config, error.message)
    }
    let settings = Database.Settings(
      threads: specification.resources.cpu, memoryBytes: Int(Double(specification.resources.memoryBytes) * memoryShare),
      temporaryFolder: specification.scratch + "/duckdb")
    let connection = try Database(library, settings).connect()
    if leavesDatabasesOpen { _ = Unmanaged.passRetained(connection) }
    return connection
  }
}
