/// Questions about attempts.

import GRDB
import MartletModel
import MartletRun

extension StoreReader {
  /// The run's attempts, of one task or of all, in the order in which they were decided.
  public func attempts(run: String, task: String? = nil) throws -> [AttemptRecord] {
    guard let task else { return try attempts(where: "run = ? ORDER BY sequence", [run]) }
    return try attempts(where: "run = ? AND task = ? ORDER BY sequence", [run, task])
  }

  /// A run's own attempts, oldest first, and those of earlier runs that it took over: their end was written while it went on, as one run
  /// goes on at a time.
  public func attempts(takenBy run: String) throws -> [AttemptRecord] {
    let condition = """
      run = ?1 OR ended_at BETWEEN (SELECT started_at FROM runs WHERE id = ?1) AND (
        SELECT COALESCE(r.ended_at, (SELECT MIN(started_at) FROM runs WHERE sequence > r.sequence), 1e300)
        FROM runs AS r WHERE id = ?1)
      ORDER BY sequence
      """
    return try attempts(where: condition, [run])
  }

  public func attempt(_ id: String) throws -> AttemptRecord? {
    try attempts(where: "id = ?", [id]).first
  }

  /// The newest attempts of a task over all runs, newest first.
  public func latestAttempts(task: String, limit: Int) throws -> [AttemptRecord] {
    try attempts(where: "task = ? ORDER BY sequence DESC LIMIT ?", [task, limit])
  }

  /// The names of all tasks that ever had an attempt, in order.
  public func attemptedTasks() throws -> [String] {
    try connection.perform { try String.fetchAll($0.cachedStatement(sql: "SELECT DISTINCT task FROM attempts ORDER BY task")) }
  }

  /// Attempts without an end, oldest first.
  public func unfinishedAttempts() throws -> [AttemptRecord] {
    try attempts(where: "outcome IS NULL ORDER BY sequence", [])
  }

  private func attempts(where condition: String, _ arguments: StatementArguments) throws -> [AttemptRecord] {
    let sql = """
      SELECT id, run, task, number, cpu, memory_bytes, seed_index, created_at, pid, start_ticks, boot_id,
        outcome, failure_class, rule, message, next_attempt_at, ended_at, exit, follow_up
      FROM attempts WHERE \(condition)
      """
    return try connection.snapshot { database in
      try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments).map { row in
        let parts = try instances(of: row.required(0), database)
        return AttemptRecord(
          id: try row.required(0), run: try row.required(1), task: try row.required(2), instances: parts.map(\.instance),
          fingerprints: parts.map(\.fingerprint),
          ingredients: parts.map(\.ingredients), number: try row.required(3),
          resources: Resources(cpu: try row.required(4), memoryBytes: try row.required(5)),
          seedIndex: try row.required(6), createdAt: try row.required(7), identity: try identity(row), end: try end(row))
      }
    }
  }

  /// What decided the result of each attempt of an instance, by its fingerprint.
  public func triedIngredients(of instance: TaskInstance) throws -> [Fingerprint: Ingredients] {
    let sql = "SELECT fingerprint, ingredients FROM attempt_instances WHERE instance = ?"
    return try connection.perform { database in
      var tried: [Fingerprint: Ingredients] = [:]
      for row in try Row.fetchAll(database.cachedStatement(sql: sql), arguments: [instance.key]) {
        tried[try row.fingerprint(0)] = Ingredients(try row.withBytes(1) { try Ingredient.decode($0) })
      }
      return tried
    }
  }

  private func instances(of attempt: String, _ database: Database) throws
    -> [(instance: TaskInstance, fingerprint: Fingerprint, ingredients: Ingredients)]
  {
    let sql = "SELECT instance, fingerprint, ingredients FROM attempt_instances WHERE attempt = ? ORDER BY position"
    return try Row.fetchAll(database.cachedStatement(sql: sql), arguments: [attempt]).map { row in
      (try row.instance(0), try row.fingerprint(1), Ingredients(try row.withBytes(2) { try Ingredient.decode($0) }))
    }
  }

  private func identity(_ row: Row) throws -> ProcessIdentity? {
    guard let pid = try row.optional(8, as: Int32.self), let ticks = try row.optional(9, as: Int64.self),
      let bootID = try row.optional(10, as: String.self)
    else { return nil }
    return ProcessIdentity(pid: pid, startTicks: UInt64(bitPattern: ticks), bootID: bootID)
  }

  private func end(_ row: Row) throws -> AttemptEnd? {
    guard let outcome: Outcome = try row.word(11) else { return nil }
    return AttemptEnd(
      outcome: outcome, failureClass: try row.word(12), rule: try row.optional(13),
      message: try row.optional(14),
      exit: row.hasNull(atIndex: 17) ? nil : try row.json(17), nextAttemptAt: try row.optional(15), at: try row.required(16),
      followUp: try row.optional(18))
  }
}
