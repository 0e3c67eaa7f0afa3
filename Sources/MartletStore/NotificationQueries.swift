/// What is to be told to somebody outside, and what was.

import GRDB
import MartletModel

/// An event for one address.
public struct StoredNotification: Hashable, Sendable {
  public let sequence: Int
  /// `NotificationTarget.Address.name`
  public let address: String
  public let body: String
  /// Seconds since 1970.
  public let createdAt: Double
  public let tries: Int
}

extension StoreReader {
  /// What nobody has taken yet, oldest first.
  public func openNotifications() throws -> [StoredNotification] {
    let sql = "SELECT sequence, url, body, created_at, tries FROM notifications WHERE ended_at IS NULL ORDER BY sequence"
    return try connection.perform { database in
      try Row.fetchAll(database.cachedStatement(sql: sql)).map { row in
        StoredNotification(
          sequence: try row.required(0), address: try row.required(1), body: try row.required(2), createdAt: try row.required(3),
          tries: try row.required(4))
      }
    }
  }
}

extension Store {
  /// Keeps an event for an address, unless it was kept before.
  /// - Parameter now: seconds since 1970.
  public func keep(_ event: CloudEvent, for address: String, now: Double) throws {
    try write {
      try $0.execute(
        sql: "INSERT OR IGNORE INTO notifications (event, url, body, created_at) VALUES (?, ?, ?, ?)",
        arguments: [event.id, address, event.json, now])
    }
  }

  /// Notes what came of a notification.
  /// - Parameters:
  ///   - endedAt: when it was taken or given up, seconds since 1970; `nil` if it is to be tried again.
  ///   - fault: why it was not taken.
  public func note(_ notification: StoredNotification, tries: Int, endedAt: Double?, fault: String?) throws {
    try write {
      try $0.execute(
        sql: "UPDATE notifications SET tries = ?, ended_at = ?, fault = ? WHERE sequence = ?",
        arguments: [tries, endedAt, fault, notification.sequence])
    }
  }

  /// Forgets what ended before a time, seconds since 1970.
  public func forgetNotifications(endedBefore time: Double) throws {
    try write { try $0.execute(sql: "DELETE FROM notifications WHERE ended_at < ?", arguments: [time]) }
  }
}
