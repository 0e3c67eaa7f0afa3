/// One column of a chunk: typed access to DuckDB's own memory, valid as long as its chunk is.

import CDuckDB

/// The types of columns that can be read, by the numbers of DuckDB's C API. Others are to be cast in SQL.
public enum ColumnType: Int32, Sendable {
  case other = 0
  case boolean = 1
  case tinyInteger = 2
  case smallInteger = 3
  case integer = 4
  case bigInteger = 5
  case unsignedTinyInteger = 6
  case unsignedSmallInteger = 7
  case unsignedInteger = 8
  case unsignedBigInteger = 9
  case float = 10
  case double = 11
  case timestamp = 12
  case date = 13
  case hugeInteger = 16
  case text = 17
}

/// A column's values within one chunk. It must not outlive the chunk it came from.
public struct Vector {
  public let column: ResultStream.Column
  public let count: Int
  let data: UnsafeMutableRawPointer?
  let validity: UnsafeMutablePointer<UInt64>?

  /// Whether the value in a row is null.
  @inline(__always)
  public func isNull(at row: Int) -> Bool {
    guard let validity else { return false }
    return validity[row >> 6] & (1 << UInt64(row & 63)) == 0
  }

  /// The memory of a DOUBLE column; values of null rows mean nothing.
  public var doubles: UnsafeBufferPointer<Double> { memory(of: .double) }

  /// The memory of a BIGINT column.
  public var int64s: UnsafeBufferPointer<Int64> { memory(of: .bigInteger) }

  /// The memory of an INTEGER column.
  public var int32s: UnsafeBufferPointer<Int32> { memory(of: .integer) }

  /// The memory of a TIMESTAMP column, in microseconds since 1970-01-01.
  public var timestamps: UnsafeBufferPointer<Int64> { memory(of: .timestamp) }

  /// The memory of a BOOLEAN column.
  public var booleans: UnsafeBufferPointer<Bool> { memory(of: .boolean) }

  /// The memory of a DATE column, in days since 1970-01-01.
  public var dates: UnsafeBufferPointer<Int32> { memory(of: .date) }

  /// Copies a DOUBLE column, nulls as NaN, to `target`, whose elements lie `stride` apart.
  public func copyDoubles(to target: UnsafeMutablePointer<Double>, stride: Int = 1) {
    let values = doubles
    if validity == nil {
      for row in 0..<count { target[row * stride] = values[row] }
    } else {
      for row in 0..<count { target[row * stride] = isNull(at: row) ? .nan : values[row] }
    }
  }

  /// The text in a row of a VARCHAR column; empty for a null.
  public func string(at row: Int) -> String {
    withBytes(at: row) { String(decoding: $0, as: UTF8.self) }
  }

  /// Reads a text's UTF-8 bytes in place.
  @inline(__always)
  public func withBytes<Result>(at row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    precondition(column.type == .text, "column \(column.name) is no text")
    guard !isNull(at: row) else { return try body(UnsafeBufferPointer(start: nil, count: 0)) }
    let string = data!.assumingMemoryBound(to: martlet_duckdb_string.self) + row
    let bytes = UnsafeRawPointer(martlet_duckdb_string_bytes(string)!).assumingMemoryBound(to: UInt8.self)
    return try body(UnsafeBufferPointer(start: bytes, count: Int(string.pointee.length)))
  }

  /// The value in a row, whatever its type.
  ///
  /// - Throws: `DuckDBError` for a type that has to be cast in SQL.
  public func value(at row: Int) throws -> Value {
    guard !isNull(at: row) else { return .null }
    switch column.type {
    case .boolean: return .boolean(element(Bool.self, row))
    case .tinyInteger: return .integer(Int64(element(Int8.self, row)))
    case .smallInteger: return .integer(Int64(element(Int16.self, row)))
    case .integer, .date: return .integer(Int64(element(Int32.self, row)))
    case .bigInteger, .timestamp: return .integer(element(Int64.self, row))
    case .unsignedTinyInteger: return .integer(Int64(element(UInt8.self, row)))
    case .unsignedSmallInteger: return .integer(Int64(element(UInt16.self, row)))
    case .unsignedInteger: return .integer(Int64(element(UInt32.self, row)))
    case .unsignedBigInteger: return exactOrNumber(element(UInt64.self, row))
    case .float: return .number(Double(element(Float.self, row)))
    case .double: return .number(element(Double.self, row))
    case .text: return .text(string(at: row))
    case .hugeInteger: return exactOrNumber(element(Int128.self, row))
    case .other: throw DuckDBError("column \(column.name) has a type that must be cast in SQL")
    }
  }

  private func exactOrNumber(_ value: some BinaryInteger) -> Value {
    Int64(exactly: value).map { .integer($0) } ?? .number(Double(value))
  }

  private func element<Element>(_ type: Element.Type, _ row: Int) -> Element {
    data!.loadUnaligned(fromByteOffset: row * MemoryLayout<Element>.stride, as: type)
  }

  private func memory<Element>(of type: ColumnType) -> UnsafeBufferPointer<Element> {
    precondition(column.type == type, "column \(column.name) is \(column.type), not \(type)")
    return UnsafeBufferPointer(start: data?.assumingMemoryBound(to: Element.self), count: count)
  }
}
