/// A connection: runs SQL, with parameters, for its effect or for its rows.

import CDuckDB

/// A connection to a database, for one thread at a time.
public final class Connection {
  private let database: Database
  private var handle: martlet_duckdb_handle?
  private var functions: martlet_duckdb_functions { database.functions }

  init(_ database: Database, _ handle: martlet_duckdb_handle?) {
    self.database = database
    self.handle = handle
  }

  deinit { functions.disconnect(&handle) }

  /// Runs one or more statements for their effect and gives the number of rows that the last one changed or wrote.
  @discardableResult
  public func execute(_ sql: String) throws -> Int {
    var result = martlet_duckdb_result()
    let state = functions.query(handle, sql, &result)
    defer { functions.destroy_result(&result) }
    guard state == 0 else { throw error(of: &result) }
    return Int(functions.rows_changed(&result))
  }

  /// Runs one statement and gives its rows as a stream of chunks; `$1`, `$2`, … stand for the parameters.
  public func query(_ sql: String, _ parameters: [Value] = []) throws -> ResultStream {
    var statement: martlet_duckdb_handle?
    let prepared = functions.prepare(handle, sql, &statement)
    defer { functions.destroy_prepare(&statement) }
    guard prepared == 0 else {
      throw DuckDBError(functions.prepare_error(statement).map { String(cString: $0) } ?? "DuckDB refused the statement")
    }
    for (index, value) in parameters.enumerated() {
      guard bind(value, to: statement, at: UInt64(index + 1)) == 0 else {
        throw DuckDBError("parameter \(index + 1) could not be bound: \(sql)")
      }
    }
    var result = martlet_duckdb_result()
    guard functions.execute_prepared_streaming(statement, &result) == 0 else {
      defer { functions.destroy_result(&result) }
      throw error(of: &result)
    }
    return ResultStream(self, functions, result)
  }

  /// All rows of a small result.
  public func rows(_ sql: String, _ parameters: [Value] = []) throws -> [[Value]] {
    let stream = try query(sql, parameters)
    var rows: [[Value]] = []
    while let chunk = try stream.next() {
      for row in 0..<chunk.rowCount {
        rows.append(try chunk.columns.map { try $0.value(at: row) })
      }
    }
    return rows
  }

  /// The single value of a result with one row and one column.
  public func value(_ sql: String, _ parameters: [Value] = []) throws -> Value {
    guard let row = try rows(sql, parameters).first, let value = row.first else { throw DuckDBError("no row: \(sql)") }
    return value
  }

  private func bind(_ value: Value, to statement: martlet_duckdb_handle?, at index: UInt64) -> Int32 {
    switch value {
    case .null: return functions.bind_null(statement, index)
    case .boolean(let value): return functions.bind_boolean(statement, index, value)
    case .integer(let value): return functions.bind_int64(statement, index, value)
    case .number(let value): return functions.bind_double(statement, index, value)
    case .text(var value):
      return value.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          functions.bind_varchar_length(statement, index, $0.baseAddress, UInt64($0.count))
        }
      }
    }
  }

  private func error(of result: inout martlet_duckdb_result) -> DuckDBError {
    DuckDBError(functions.result_error(&result).map { String(cString: $0) } ?? "DuckDB gave no reason")
  }
}
