/// The last entry of the history that this store knows: what shows that the file lost its end since.

import GRDB
import MartletModel

extension StoreReader {
  /// `nil` where none was recorded.
  public func historyEnd() throws -> HistoryEnd? {
    try connection.perform { database in
      let row = try Row.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'history'")
      return try row.map { row in
        let parts = try row.required(0, as: String.self).split(separator: " ")
        guard parts.count == 2, let sequence = Int(parts[0]), let digest = Digest(hex: parts[1]) else {
          throw ByteReaderError(detail: "a history's end that is no number and digest")
        }
        return HistoryEnd(sequence: sequence, digest: digest)
      }
    }
  }
}

extension Store {
  public func saveHistoryEnd(_ end: HistoryEnd) throws {
    try write {
      try $0.execute(sql: "INSERT OR REPLACE INTO meta VALUES ('history', ?)", arguments: ["\(end.sequence) \(end.digest.hex)"])
    }
  }
}
