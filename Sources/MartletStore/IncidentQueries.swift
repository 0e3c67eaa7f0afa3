/// What incidents ask of earlier runs.

import GRDB
import MartletModel
import MartletRun

extension StoreReader {
  /// How many changes of its inputs, in a row and up to now, left a task instance with a failing verdict or a failure of class `schema`
  /// or `data`. What goes on by itself after such a failure stops at two; a person's `run` asks nobody.
  public func failedMends(of instance: TaskInstance) throws -> Int {
    let sql = """
      SELECT i.settlement, i.failure_class, i.verdict,
        (SELECT a.fingerprint FROM attempt_instances a JOIN attempts t ON t.id = a.attempt
         WHERE a.instance = i.instance AND t.run = i.run ORDER BY t.sequence DESC LIMIT 1)
      FROM instances i WHERE i.instance = ? AND (i.failure_class IS NOT NULL OR i.settlement = 'succeeded')
      ORDER BY i.sequence DESC LIMIT 100
      """
    return try connection.perform { database in
      var tried: Set<Fingerprint> = []
      let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: [instance.key])
      while let row = try rows.next() {
        let failureClass: FailureClass? = try row.word(1)
        let verdict: Verdict? = try row.word(2)
        // Another failure in between says nothing of the data.
        if let failureClass, failureClass != .schema, failureClass != .data { continue }
        if failureClass == nil, verdict != .fail { break }
        if !row.hasNull(atIndex: 3) { tried.insert(try row.fingerprint(3)) }
      }
      return max(0, tried.count - 1)
    }
  }
}
