/// One connection to the store's file, and the translation of what SQLite says into `StoreError`.

import GRDB

/// A connection that serialises its callers. Its closures are the only way to the database.
struct Connection: Sendable {
  let file: StoreFile
  let queue: DatabaseQueue

  /// How long a statement waits for another process, in seconds.
  private static let busySeconds = 5.0

  init(file: StoreFile, readOnly: Bool) throws {
    self.file = file
    var configuration = Configuration()
    // Whoever only reads cannot move the WAL's content into the file either: two processes doing so is the race of SQLite 3.40.1.
    configuration.readonly = readOnly
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(Connection.busySeconds)
    configuration.label = "martlet.store"
    do {
      queue = try DatabaseQueue(path: file.path, configuration: configuration)
    } catch let error as DatabaseError {
      throw Connection.storeError(error, file: file)
    }
  }

  /// Statements outside a transaction: each sees its own snapshot.
  func perform<T>(_ body: (Database) throws -> T) throws -> T {
    try translating { try queue.unsafeRead(body) }
  }

  /// Several queries that see one snapshot.
  func snapshot<T>(_ body: (Database) throws -> T) throws -> T {
    try translating {
      try queue.unsafeRead { database in
        var result: T?
        try database.inTransaction(.deferred) {
          result = try body(database)
          return .commit
        }
        return result!
      }
    }
  }

  /// All or nothing.
  func transaction(_ body: (Database) throws -> Void) throws {
    try translating {
      try queue.inTransaction(.immediate) { database in
        try body(database)
        return .commit
      }
    }
  }

  func close() throws {
    try translating { try queue.close() }
  }

  private func translating<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw Connection.storeError(error, file: file)
    } catch let error as ByteReaderError {
      file.markSuspect(undecodable: error.detail)
      throw StoreError.corrupt(path: file.path, detail: error.detail)
    }
  }

  private static func storeError(_ error: DatabaseError, file: StoreFile) -> StoreError {
    let detail = error.message ?? "SQLite's error \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      file.markSuspect()
      return .corrupt(path: file.path, detail: detail)
    case .SQLITE_FULL: return .full(path: file.path)
    case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy(path: file.path)
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: return .notWritable(path: file.path, detail: detail)
    case .SQLITE_IOERR: return .outcomeUnknown(path: file.path, detail: detail)
    default: return .inconsistent(path: file.path, detail: error.description)
    }
  }
}
