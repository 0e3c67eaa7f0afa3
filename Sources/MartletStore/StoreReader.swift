/// Reads the store beside its writer: never blocks it, never changes anything.

import Foundation
import GRDB
import MartletModel

/// Everything that can be asked of a store. The questions stand in the extensions, one file a subject.
public struct StoreReader: Sendable {
  let connection: Connection

  init(connection: Connection) {
    self.connection = connection
  }

  /// Opens the store at `path` for reading.
  /// - Throws: `StoreError`, `.absent` if no run has made one yet.
  public init(path: String) throws {
    let file = StoreFile(path: path)
    guard let size = file.size, size > 0 else { throw StoreError.absent(path: path) }
    connection = try Connection(file: file, readOnly: true)
    let version = try connection.perform { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
    let known = Migration.all.count
    guard version != 0 else { throw StoreError.absent(path: path) }
    guard version <= known else { throw StoreError.newer(path: path, found: version, known: known) }
    guard version == known else { throw StoreError.older(path: path, found: version, known: known) }
  }

  /// What a look at every page finds wrong; `nil` if the file is sound. Takes as long as reading all of it.
  public func damage() throws -> String? {
    let finding = try connection.perform { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
    return finding == "ok" ? nil : finding ?? "the check says nothing"
  }

  /// Ends the connection of a reader that was opened by path.
  public func close() throws {
    try connection.close()
  }
}

extension Row {
  /// A column that is never NULL. GRDB's own subscripts end the process where a damaged file holds something else.
  func required<Value: DatabaseValueConvertible>(_ column: Int, as type: Value.Type = Value.self) throws -> Value {
    guard let value: Value = try optional(column) else { throw ByteReaderError(detail: "a \(Value.self) that is missing") }
    return value
  }

  func optional<Value: DatabaseValueConvertible>(_ column: Int, as type: Value.Type = Value.self) throws -> Value? {
    let stored: DatabaseValue = self[column]
    guard !stored.isNull else { return nil }
    guard let value = Value.fromDatabaseValue(stored) else {
      throw ByteReaderError(detail: "something else in place of a \(Value.self)")
    }
    return value
  }

  /// The bytes of a column that is never NULL, without a copy.
  func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
    try withUnsafeData(atIndex: column) { data in
      guard let data else { throw ByteReaderError(detail: "a column without bytes") }
      return try data.withUnsafeBytes(body)
    }
  }

  func fingerprint(_ column: Int) throws -> Fingerprint {
    try withBytes(column) { buffer in
      guard let digest = Digest(bytes: Array(buffer)) else {
        throw ByteReaderError(detail: "a fingerprint of \(buffer.count) bytes")
      }
      return Fingerprint(digest: digest)
    }
  }

  func instance(_ column: Int) throws -> TaskInstance {
    let key: String = try required(column)
    guard let instance = TaskInstance(key: key) else { throw ByteReaderError(detail: "a task instance named \(key)") }
    return instance
  }

  func figures(_ column: Int) throws -> [String: ConfigurationValue] {
    guard !hasNull(atIndex: column) else { return [:] }
    let values = try withBytes(column) { try ConfigurationValue.decode($0) }
    guard case .map(let figures) = values.first else { throw ByteReaderError(detail: "figures that are no map") }
    return figures
  }

  /// A value of a closed list, stored by its raw word; `nil` for NULL.
  func word<Word: RawRepresentable<String>>(_ column: Int, as type: Word.Type = Word.self) throws -> Word? {
    guard let raw: String = try optional(column) else { return nil }
    guard let word = Word(rawValue: raw) else { throw ByteReaderError(detail: "the word \(raw)") }
    return word
  }

  func requiredWord<Word: RawRepresentable<String>>(_ column: Int, as type: Word.Type = Word.self) throws -> Word {
    guard let word: Word = try word(column) else { throw ByteReaderError(detail: "a word that is missing") }
    return word
  }

  /// A list of texts, stored as canonical JSON.
  func texts(_ column: Int) throws -> [String] {
    guard case .list(let values) = ConfigurationValue(canonicalJSON: try required(column)) else {
      throw ByteReaderError(detail: "JSON that is no list")
    }
    return values.map(\.display)
  }

  /// Values by name, stored as canonical JSON.
  func map(_ column: Int) throws -> [String: ConfigurationValue] {
    guard case .map(let entries) = ConfigurationValue(canonicalJSON: try required(column)) else {
      throw ByteReaderError(detail: "JSON that is no map")
    }
    return entries
  }

  func json<Value: Decodable>(_ column: Int, as type: Value.Type = Value.self) throws -> Value {
    let text: String = try required(column)
    do {
      return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    } catch {
      throw ByteReaderError(detail: "JSON that is no \(Value.self)")
    }
  }
}
