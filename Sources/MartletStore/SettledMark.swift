/// The mark that binds `.martlet/settled` to this store: whatever is written that decides about a task takes it away.

import GRDB
import MartletModel
import MartletRun

enum SettledMark {
  static func clear(_ database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM meta WHERE name = 'settled'").execute()
  }
}

extension JournalEntry {
  /// Whether it says that a run began or ended, and nothing about any task.
  var isAboutRunsOnly: Bool {
    switch self {
    case .runStarted, .runEnded: true
    default: false
    }
  }
}

extension StoreReader {
  /// The digest of the `.martlet/settled` that speaks of this store as it is; `nil` where none does.
  public func settledMark() throws -> Digest? {
    try connection.perform { database in
      let row = try Row.fetchOne(database.cachedStatement(sql: "SELECT value FROM meta WHERE name = 'settled'"))
      return try row.flatMap { Digest(hex: try $0.required(0, as: String.self)) }
    }
  }
}

extension Store {
  public func markSettled(_ file: Digest) throws {
    try write(keepsSettled: true) {
      try $0.execute(sql: "INSERT OR REPLACE INTO meta VALUES ('settled', ?)", arguments: [file.hex])
    }
  }
}
