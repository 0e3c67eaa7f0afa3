/// Questions that the next run asks after a crash, or about failures that wait for a change.

import GRDB
import MartletModel
import MartletRun

/// A wait before an instance's next attempt; each stands for one try that its class's budget has spent.
public struct StoredWait: Hashable, Sendable {
  public let run: String
  public let instance: TaskInstance
  public let fingerprint: Fingerprint
  public let failureClass: FailureClass
  /// Seconds since 1970.
  public let notBefore: Double
}

/// A failure that no later run tries again by itself while the fingerprint stays the same.
public struct StoredFailure: Hashable, Sendable {
  public let instance: TaskInstance
  public let fingerprint: Fingerprint
  public let failureClass: FailureClass
  public let run: String
  public let message: String?
}

extension StoreReader {
  /// The waits of a run that has not ended, oldest first. The last of an instance is the one that counts, the earlier ones are spent
  /// budget.
  public func waits(run: String) throws -> [StoredWait] {
    let sql = "SELECT instance, fingerprint, failure_class, not_before FROM waits WHERE run = ? ORDER BY sequence"
    return try connection.perform { database in
      try Row.fetchAll(database.cachedStatement(sql: sql), arguments: [run]).map { row in
        StoredWait(
          run: run, instance: try row.instance(0), fingerprint: try row.fingerprint(1),
          failureClass: try row.requiredWord(2), notBefore: try row.required(3))
      }
    }
  }

  /// Publications that were begun and neither finished nor undone, oldest first.
  public func openIntents() throws -> [PublishIntent] {
    let sql = """
      SELECT instance, fingerprint, outputs, verdict, message, figures, run, attempt, ingredients, moves, by_attempt
      FROM publish_intents ORDER BY sequence
      """
    return try connection.perform { database in
      try Row.fetchAll(database.cachedStatement(sql: sql)).map { row in
        let ingredients = Ingredients(try row.withBytes(8) { try Ingredient.decode($0) })
        return PublishIntent(
          attempt: try row.required(10), checkpoint: Checkpoint(try CheckpointSummary(row: row), ingredients: ingredients),
          moves: try row.withBytes(9) { try PublishIntent.Move.decode($0) })
      }
    }
  }

  /// Failures of the classes that wait for a changed fingerprint, where nothing newer settled the instance.
  public func heldFailures() throws -> [StoredFailure] {
    let classes = FailureClass.allCases.filter { !$0.isPlannedAgain }.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let sql = """
      SELECT i.instance, i.failure_class, i.run, i.message, i.fingerprint FROM instances i
      WHERE i.failure_class IN (\(classes)) AND i.fingerprint IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM instances later
        WHERE later.instance = i.instance AND later.sequence > i.sequence
          AND (later.failure_class IS NOT NULL OR later.settlement IN ('succeeded', 'reused')))
      ORDER BY i.sequence
      """
    return try connection.perform { database in
      try Row.fetchAll(database.cachedStatement(sql: sql)).map { row in
        StoredFailure(
          instance: try row.instance(0), fingerprint: try row.fingerprint(4), failureClass: try row.requiredWord(1),
          run: try row.required(2), message: try row.optional(3))
      }
    }
  }
}
