/// The one writer of a workspace's store: opens it, keeps what the run loop tells it, closes it.
///
/// Whoever makes a `Store` holds the workspace's lock. Readers are `StoreReader`.

import GRDB
import MartletModel
import MartletRun
import Synchronization

/// `.martlet/store.sqlite`, open for writing.
///
/// `commit` survives the end of this process (*written*), `sync` also a loss of power (*synced*). After an error that leaves open what
/// was kept, every further call throws it again: the process has to end and the next one looks.
public final class Store: Journal, Sendable {
  /// What the file was when it was opened.
  public enum Origin: Hashable, Sendable {
    case existing
    /// There was none; whoever opens it hands the `.ok` files to `adopt`.
    case created
    /// It was damaged and lies at `path` now; as `created`, and the user is told.
    case setAside(path: String, detail: String)
  }

  public let origin: Origin
  /// Whether a writer stopped without `close` or `leave`: what it wrote is here, but nobody knows what of it was synced.
  public let wasInterrupted: Bool
  /// Everything a reader can ask, through the writer's own connection.
  public let reader: StoreReader

  private let connection: Connection
  private let identity: StoreFile.Identity?
  private let state = Mutex(State())

  private struct State {
    var failure: StoreError?
    /// Whether the file says that it is in use; said with the first commit, taken back by `close`.
    var isMarkedInUse = false
  }

  /// Opens the store at `path`, whose folder exists, and makes it if there is none.
  /// - Parameter networkFileSystemName: the name of the folder's file system if it is one of a network, else `nil`; the caller knows
  ///   how to ask the system.
  /// - Throws: `StoreError`
  public convenience init(path: String, networkFileSystemName: (_ folder: String) -> String? = { _ in nil }) throws {
    try self.init(path: path, networkFileSystemName: networkFileSystemName, migrations: Migration.all)
  }

  init(path: String, networkFileSystemName: (_ folder: String) -> String? = { _ in nil }, migrations: [Migration]) throws {
    let file = StoreFile(path: path)
    if let name = networkFileSystemName(file.folder) { throw StoreError.networkFileSystem(path: file.folder, name: name) }
    var origin = (file.size ?? 0) == 0 ? Origin.created : Origin.existing
    var opened: (connection: Connection, wasInterrupted: Bool)
    do {
      opened = try Store.open(file, migrations: migrations)
    } catch StoreError.corrupt(_, let detail) {
      origin = .setAside(path: try file.setAside(), detail: detail)
      opened = try Store.open(file, migrations: migrations)
    }
    self.origin = origin
    connection = opened.connection
    wasInterrupted = opened.wasInterrupted
    identity = file.identity
    reader = StoreReader(connection: connection)
  }

  private static func open(_ file: StoreFile, migrations: [Migration]) throws -> (Connection, wasInterrupted: Bool) {
    if file.size == nil { try file.create() }
    let connection = try Connection(file: file, readOnly: false)
    do {
      let version = try connection.perform { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
      guard version <= migrations.count else { throw StoreError.newer(path: file.path, found: version, known: migrations.count) }
      try connection.perform { database in
        // Only now: a newer version's file is left as it is.
        try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
      }
      var wasInterrupted = false
      if version > 0 {
        wasInterrupted = try checkIfStoppedUncleanly(connection)
      } else {
        // A mark that stayed behind when the damaged file was set aside does not speak of this one.
        try file.clearSuspect()
      }
      do {
        try Migration.bringUpToDate(connection.queue, from: version, migrations: migrations)
      } catch let error as DatabaseError {
        throw StoreError.notWritable(path: file.path, detail: "migration failed: \(error.message ?? error.description)")
      }
      return (connection, wasInterrupted)
    } catch {
      // The first error is the one to report; one of closing would hide it.
      do { try connection.close() } catch let second { _ = second }
      throw error
    }
  }

  /// - Returns: whether the last writer stopped uncleanly.
  private static func checkIfStoppedUncleanly(_ connection: Connection) throws -> Bool {
    let file = connection.file
    if let detail = file.undecodable { throw StoreError.corrupt(path: file.path, detail: detail) }
    let isClean = try connection.perform { try Int.fetchOne($0, sql: "SELECT value FROM meta WHERE name = 'clean'") == 1 }
    guard !isClean || file.isSuspect else { return false }
    let finding = try connection.perform { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
    guard finding == "ok" else { throw StoreError.corrupt(path: file.path, detail: finding ?? "quick_check says nothing") }
    try file.clearSuspect()
    return !isClean
  }

  // MARK: Journal

  public func commit(_ entries: [JournalEntry]) throws {
    guard !entries.isEmpty else { return }
    try write(keepsSettled: entries.allSatisfy(\.isAboutRunsOnly)) { database in
      let writer = JournalWriter(database: database, path: connection.file.path)
      for entry in entries { try writer.write(entry) }
    }
  }

  /// One small commit whose frames reach the disk, and with them every frame before it in the same file.
  public func sync() throws {
    try fullyDurable {
      try write(keepsSettled: true) {
        try $0.cachedStatement(sql: "UPDATE meta SET value = value + 1 WHERE name = 'syncs'").execute()
      }
    }
  }

  // MARK: Other changes

  /// The absolute path of the workspace whose store this is; `nil` until `recordWorkspace`.
  public func workspace() throws -> String? {
    try connection.perform { database in
      try Row.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'workspace'").map { try $0.required(0) }
    }
  }

  public func recordWorkspace(_ root: String) throws {
    try write { try $0.execute(sql: "INSERT OR REPLACE INTO meta VALUES ('workspace', ?)", arguments: [root]) }
  }

  /// Whether this store has not taken the checkpoints of the `.ok` files yet: it is new, or whoever made it was killed before.
  public func needsRebuild() throws -> Bool {
    try connection.perform { try Int.fetchOne($0, sql: "SELECT value FROM meta WHERE name = 'rebuilt'") != 1 }
  }

  /// Puts checkpoints that were read from `.ok` files into a store that has lost them; those it has stay as they are. Also called when
  /// there are none: from then on the store is the one that knows. A loss of power takes all of it or nothing, so it need not be synced.
  public func adopt(checkpoints: [Checkpoint]) throws {
    try write { database in
      let writer = JournalWriter(database: database, path: connection.file.path)
      for checkpoint in checkpoints { try writer.adopt(checkpoint) }
      try database.execute(sql: "UPDATE meta SET value = 1 WHERE name = 'rebuilt'")
    }
  }

  /// Marks outputs as removed by `gc`, durably: once that is so they may go, and count as present.
  public func collect(_ outputs: [TaskInstance: [String]]) throws {
    try fullyDurable {
      try write { database in
        let writer = JournalWriter(database: database, path: connection.file.path)
        for (instance, names) in outputs { try writer.collect(instance, outputs: names) }
      }
    }
  }

  /// Remembers digests, replacing what was known of the same paths, and forgets `forgotten`.
  public func saveMemo(_ entries: [MemoEntry], forgotten: [ArtifactPath] = []) throws {
    guard !entries.isEmpty || !forgotten.isEmpty else { return }
    try write(keepsSettled: true) { database in
      for entry in entries { try entry.save(database) }
      for path in forgotten { try MemoEntry.remove(path, database) }
    }
  }

  /// Remembers the version that the library file with `stamp` had.
  public func saveLibraryVersion(_ memo: LibraryVersionMemo) throws {
    try write { try memo.save($0) }
  }

  /// Says in the file that it is whole and closes it; SQLite moves the WAL into it unless a reader has it open.
  public func close() throws {
    try markWhole()
    try connection.close()
  }

  /// As `close`, for a process that ends now: the WAL stays beside the file for the next open, which spares the syncs of moving it.
  public func leave() throws {
    try markWhole()
    // Never released: closing is what moves the WAL.
    _ = Unmanaged.passRetained(connection.queue)
  }

  private func markWhole() throws {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      guard state.isMarkedInUse else { return }
      try connection.transaction { try $0.execute(sql: "UPDATE meta SET value = 1 WHERE name = 'clean'") }
      state.isMarkedInUse = false
    }
  }

  // MARK: Writing

  /// Whatever `body` writes has reached the disk when this returns.
  func fullyDurable(_ body: () throws -> Void) throws {
    try setSynchronous("FULL")
    do {
      try body()
    } catch {
      try setSynchronous("NORMAL")
      throw error
    }
    try setSynchronous("NORMAL")
  }

  private func setSynchronous(_ level: String) throws {
    try connection.perform { try $0.cachedStatement(sql: "PRAGMA synchronous = \(level)").execute() }
  }

  /// - Parameter keepsSettled: whether what `body` writes decides nothing about any task.
  func write(keepsSettled: Bool = false, _ body: (Database) throws -> Void) throws {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      do {
        guard connection.file.identity == identity else { throw StoreError.moved(path: connection.file.path) }
        try connection.transaction { database in
          if !state.isMarkedInUse { try database.execute(sql: "UPDATE meta SET value = 0 WHERE name = 'clean'") }
          if !keepsSettled { try SettledMark.clear(database) }
          try body(database)
        }
        state.isMarkedInUse = true
      } catch let error as StoreError {
        if error.isFinal { state.failure = error }
        throw error
      }
    }
  }
}

extension StoreError {
  /// Whether the writer must not go on after it.
  fileprivate var isFinal: Bool {
    switch self {
    case .outcomeUnknown, .corrupt, .moved, .inconsistent: true
    case .absent, .newer, .older, .networkFileSystem, .full, .busy, .notWritable: false
    }
  }
}
