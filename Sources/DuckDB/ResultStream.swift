/// The rows of a query, a chunk at a time, so that memory stays bounded however long the result is.

import CDuckDB

/// A running query's result. `next` gives chunks of up to 2048 rows; the stream ends the query when it goes.
public final class ResultStream {
  /// A column's name and DuckDB type.
  public struct Column: Sendable, Equatable {
    public let name: String
    public let type: ColumnType
  }

  public let columns: [Column]
  private let connection: Connection
  private let functions: martlet_duckdb_functions
  private var result: martlet_duckdb_result

  init(_ connection: Connection, _ functions: martlet_duckdb_functions, _ result: martlet_duckdb_result) {
    self.connection = connection
    self.functions = functions
    var result = result
    columns = (0..<functions.column_count(&result)).map { index in
      Column(
        name: String(cString: functions.column_name(&result, index)!),
        type: ColumnType(rawValue: functions.column_type(&result, index)) ?? .other)
    }
    self.result = result
  }

  deinit { functions.destroy_result(&result) }

  /// The next chunk; `nil` after the last. It is valid until released, also when the stream has moved on.
  public func next() throws -> Chunk? {
    let handle = functions.fetch_chunk(result)
    guard let handle else {
      if let message = functions.result_error(&result) { throw DuckDBError(String(cString: message)) }
      return nil
    }
    let chunk = Chunk(functions, handle, columns)
    return chunk.rowCount == 0 ? nil : chunk
  }
}

/// Up to 2048 rows of a result, column by column.
public final class Chunk {
  public let rowCount: Int
  public private(set) var columns: [Vector] = []
  private let functions: martlet_duckdb_functions
  private var handle: martlet_duckdb_handle?

  init(_ functions: martlet_duckdb_functions, _ handle: martlet_duckdb_handle, _ columns: [ResultStream.Column]) {
    self.functions = functions
    self.handle = handle
    rowCount = Int(functions.data_chunk_get_size(handle))
    self.columns = columns.indices.map { index in
      let vector = functions.data_chunk_get_vector(handle, UInt64(index))
      return Vector(
        column: columns[index], count: rowCount, data: functions.vector_get_data(vector),
        validity: functions.vector_get_validity(vector))
    }
  }

  deinit { functions.destroy_data_chunk(&handle) }
}
