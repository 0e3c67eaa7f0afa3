/// A DuckDB database in memory, which spills to a folder when it reaches its limit.

import CDuckDB

/// An open database; closed when the last reference goes. Not to be shared between threads: DuckDB has its own.
public final class Database {
  /// What a database may use.
  public struct Settings: Sendable {
    /// Number of threads, at least 1.
    public var threads: Int
    /// The memory DuckDB may use, in bytes; `nil` for DuckDB's own default.
    public var memoryBytes: Int?
    /// Where it may spill what does not fit into memory; `nil` for no spilling.
    public var temporaryFolder: String?

    public init(threads: Int = 1, memoryBytes: Int? = nil, temporaryFolder: String? = nil) {
      self.threads = threads
      self.memoryBytes = memoryBytes
      self.temporaryFolder = temporaryFolder
    }

    /// Insertion order is always kept: without it results depend on the number of threads. Extensions are neither
    /// installed nor loaded: a task's result depends on its inputs and on the library's version alone.
    var options: [(name: String, value: String)] {
      var options = [
        ("threads", String(max(1, threads))), ("preserve_insertion_order", "true"),
        ("autoinstall_known_extensions", "false"), ("autoload_known_extensions", "false"),
      ]
      if let memoryBytes { options.append(("memory_limit", "\(memoryBytes / 1024)KiB")) }
      options.append(("temp_directory", temporaryFolder ?? ""))
      return options
    }
  }

  let functions: martlet_duckdb_functions
  private var handle: martlet_duckdb_handle?

  /// Opens a database in memory.
  public init(_ library: DuckDBLibrary, _ settings: Settings) throws {
    functions = library.functions
    var configuration: martlet_duckdb_handle?
    guard functions.create_config(&configuration) == 0 else { throw DuckDBError("DuckDB could not make a configuration") }
    defer { functions.destroy_config(&configuration) }
    for option in settings.options {
      guard functions.set_config(configuration, option.name, option.value) == 0 else {
        throw DuckDBError("DuckDB \(library.version) has no setting \(option.name)")
      }
    }
    var message: UnsafeMutablePointer<CChar>?
    guard functions.open_ext(nil, &handle, configuration, &message) == 0 else {
      let text = message.map { String(cString: $0) } ?? "DuckDB could not open a database"
      functions.free(message)
      throw DuckDBError(text)
    }
  }

  deinit { functions.close(&handle) }

  /// A new connection, which keeps the database open.
  public func connect() throws -> Connection {
    var connection: martlet_duckdb_handle?
    guard functions.connect(handle, &connection) == 0 else { throw DuckDBError("DuckDB could not open a connection") }
    let result = Connection(self, connection)
    // A setting of the built-in ICU extension, which only a connection knows. A text without an offset is UTC.
    try result.execute("SET TimeZone = 'UTC'")
    return result
  }
}
