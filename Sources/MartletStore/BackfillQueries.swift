/// Questions about backfills: what was asked, what was planned, how far each has come.

import GRDB
import MartletModel

extension StoreReader {
  /// The newest backfills, newest first.
  public func backfills(limit: Int) throws -> [Backfill] {
    try backfills(where: "TRUE ORDER BY sequence DESC LIMIT ?", [limit])
  }

  public func backfill(_ id: String) throws -> Backfill? {
    try backfills(where: "id = ?", [id]).first
  }

  /// The backfills whose ids begin with `prefix`, newest first, at most two: enough to see whether an abbreviation is ambiguous.
  public func backfills(prefix: String) throws -> [Backfill] {
    try backfills(where: "substr(id, 1, length(?1)) = ?1 ORDER BY sequence DESC LIMIT 2", [prefix])
  }

  /// Those that an engine works on, or did when it was killed, oldest first.
  public func runningBackfills() throws -> [Backfill] {
    try backfills(where: "state IN ('running', 'pausing') ORDER BY sequence", [])
  }

  /// Those that neither ended nor were cancelled, oldest first.
  public func openBackfills() throws -> [Backfill] {
    try backfills(where: "state NOT IN ('ended', 'cancelled') ORDER BY sequence", [])
  }

  private func backfills(where condition: String, _ arguments: StatementArguments) throws -> [Backfill] {
    let sql = """
      SELECT id, pipeline, range, tasks, choice, partition_order, jobs, comment, by_user, created_at, state, note, changed_at
      FROM backfills WHERE \(condition)
      """
    return try connection.perform { database in
      try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments).map(Backfill.init(row:))
    }
  }

  /// The plan, in its order, with what became of each item.
  public func items(ofBackfill id: String) throws -> [BackfillItem] {
    let sql = """
      SELECT instance, recipe, reasons, state, failure_class, message, run FROM backfill_items WHERE backfill = ? ORDER BY sequence
      """
    return try connection.perform { database in
      try Row.fetchAll(database.cachedStatement(sql: sql), arguments: [id]).map { row in
        BackfillItem(
          instance: try row.instance(0), recipe: try row.fingerprint(1).digest, reasons: try row.texts(2),
          state: try row.requiredWord(3), failureClass: try row.word(4), message: try row.optional(5), run: try row.optional(6))
      }
    }
  }

  /// How many items stand how.
  public func counts(ofBackfill id: String) throws -> [BackfillItem.State: Int] {
    let sql = "SELECT state, count(*) FROM backfill_items WHERE backfill = ? GROUP BY state"
    return try connection.perform { database in
      var counts: [BackfillItem.State: Int] = [:]
      for row in try Row.fetchAll(database.cachedStatement(sql: sql), arguments: [id]) {
        counts[try row.requiredWord(0)] = try row.required(1)
      }
      return counts
    }
  }

  /// The runs that worked for it, oldest first; one that never began is left out.
  public func runs(ofBackfill id: String) throws -> [String] {
    let sql = """
      SELECT r.id FROM backfill_runs b JOIN runs r ON r.id = b.run WHERE b.backfill = ? ORDER BY r.sequence
      """
    return try connection.perform { try String.fetchAll($0.cachedStatement(sql: sql), arguments: [id]) }
  }

  /// The recipe with this digest; `nil` if no backfill was planned with it.
  public func recipe(_ digest: Digest) throws -> Recipe? {
    let sql = "SELECT entries FROM backfill_recipes WHERE digest = ?"
    return try connection.perform { database in
      try Row.fetchOne(
        database.cachedStatement(sql: sql), arguments: [Fingerprint(digest: digest).data]
      ).map { row in Recipe(try row.withBytes(0) { try Ingredient.decode($0) }) }
    }
  }
}

extension Backfill {
  fileprivate init(row: Row) throws {
    let text: String = try row.required(2)
    guard let range = PartitionRange(text) else { throw ByteReaderError(detail: "the range \(text)") }
    self.init(
      id: try row.required(0), pipeline: try row.required(1), range: range, tasks: try row.texts(3),
      choice: try row.requiredWord(4), order: try row.requiredWord(5), jobs: try row.optional(6), comment: try row.optional(7),
      by: try row.required(8), createdAt: try row.required(9), state: try row.requiredWord(10), note: try row.optional(11),
      changedAt: try row.required(12))
  }
}
