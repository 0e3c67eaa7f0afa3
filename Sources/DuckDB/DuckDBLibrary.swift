/// DuckDB's shared library, loaded: the table of its functions.

import CDuckDB
import MartletFiles

/// The library as loaded. It stays loaded until the process ends; loading costs about 50 ms, so a process does it once.
public struct DuckDBLibrary: Sendable {
  /// The library's file.
  public let path: String
  let functions: martlet_duckdb_functions

  /// Loads the library that a search finds.
  ///
  /// - Throws: `DuckDBError`, naming the places looked at and the line that installs it.
  public init(_ search: NativeLibrarySearch) throws {
    switch search.find(.duckdb) {
    case .found(let path): try self.init(path: path)
    case .missing(let places):
      let list = places.map { "\n  looked in \($0)" }.joined()
      throw DuckDBError("DuckDB was not found\(list)\n  \(NativeLibrarySearch.hint)")
    }
  }

  /// Loads the library at a path.
  public init(path: String) throws {
    var functions = martlet_duckdb_functions()
    var message = [CChar](repeating: 0, count: 1024)
    guard martlet_duckdb_load(path, &functions, &message, Int32(message.count)) == 0 else {
      let reason = message.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      throw DuckDBError("DuckDB could not be loaded from \(path): \(reason)\n  \(NativeLibrarySearch.hint)")
    }
    self.path = path
    self.functions = functions
  }

  /// DuckDB's version, without a leading `v`: `2.0.0`.
  public var version: String {
    let version = String(cString: functions.library_version()!)
    return version.hasPrefix("v") ? String(version.dropFirst()) : version
  }
}
