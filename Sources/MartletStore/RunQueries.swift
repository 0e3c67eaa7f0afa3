/// Questions about runs and what they made of each task instance.

import GRDB
import MartletModel
import MartletRun

extension StoreReader {
  /// The newest runs, newest first.
  public func runs(limit: Int) throws -> [RunRecord] {
    try runs(where: "TRUE ORDER BY sequence DESC LIMIT ?", [limit])
  }

  public func run(_ id: String) throws -> RunRecord? {
    try runs(where: "id = ?", [id]).first
  }

  /// The runs whose ids begin with `prefix`, newest first, at most two: enough to see whether an abbreviation is ambiguous.
  public func runs(prefix: String) throws -> [RunRecord] {
    try runs(where: "substr(id, 1, length(?1)) = ?1 ORDER BY sequence DESC LIMIT 2", [prefix])
  }

  public func latestRun() throws -> RunRecord? {
    try runs(limit: 1).first
  }

  /// Who started the run that made an instance's checkpoint; `nil` where the store does not know.
  public func requester(of instance: TaskInstance) throws -> String? {
    let sql = "SELECT r.started_by FROM checkpoints c JOIN runs r ON r.id = c.run WHERE c.instance = ?"
    return try connection.perform { database in
      try Row.fetchOne(database.cachedStatement(sql: sql), arguments: [instance.key]).flatMap { try $0.optional(0) }
    }
  }

  private func runs(where condition: String, _ arguments: StatementArguments) throws -> [RunRecord] {
    let sql = """
      SELECT id, pipeline, started_at, ended_at, result, arguments, parameters, engine_version, ran, reused, failed, blocked, waiting,
        command, started_by
      FROM runs WHERE \(condition)
      """
    return try connection.perform { database in
      try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments).map { row in
        RunRecord(
          id: try row.required(0), pipeline: try row.required(1), startedAt: try row.required(2), endedAt: try row.optional(3),
          result: try row.word(4), command: try row.required(13), startedBy: try row.optional(14), arguments: try row.texts(5),
          parameters: try row.map(6), engineVersion: try row.required(7),
          counts: row.hasNull(atIndex: 8)
            ? nil
            : RunCounts(
              ran: try row.required(8), reused: try row.required(9), failed: try row.required(10), blocked: try row.required(11),
              waiting: try row.required(12)))
      }
    }
  }

  /// What the run made of each instance, in the order in which they were settled.
  public func instances(run: String) throws -> [InstanceRecord] {
    let sql = """
      SELECT run, instance, settlement, failure_class, reasons, verdict, message, at, fingerprint FROM instances WHERE run = ? ORDER BY sequence
      """
    return try connection.perform {
      try Row.fetchAll($0.cachedStatement(sql: sql), arguments: [run]).map(InstanceRecord.init(row:))
    }
  }

  /// For each instance, what the newest run that settled it made of it, in the order in which they were settled.
  public func latestSettlements() throws -> [InstanceRecord] {
    let sql = """
      SELECT run, instance, settlement, failure_class, reasons, verdict, message, at, fingerprint FROM instances
      WHERE sequence IN (SELECT max(sequence) FROM instances GROUP BY instance) ORDER BY sequence
      """
    return try connection.perform { try Row.fetchAll($0.cachedStatement(sql: sql)).map(InstanceRecord.init(row:)) }
  }

  /// The instances that the newest run that settled them failed, blocked or cancelled.
  public func troubledInstances() throws -> Set<TaskInstance> {
    let sql = """
      SELECT instance FROM instances WHERE sequence IN (SELECT max(sequence) FROM instances GROUP BY instance)
        AND settlement IN ('failed', 'blocked', 'cancelled')
      """
    return try connection.perform { database in
      Set(try Row.fetchAll(database.cachedStatement(sql: sql)).map { try $0.instance(0) })
    }
  }

  /// What the newest run that settled `instance` made of it.
  public func latestSettlement(of instance: TaskInstance) throws -> InstanceRecord? {
    let sql = """
      SELECT run, instance, settlement, failure_class, reasons, verdict, message, at, fingerprint FROM instances WHERE instance = ?
      ORDER BY sequence DESC LIMIT 1
      """
    return try connection.perform {
      try Row.fetchOne($0.cachedStatement(sql: sql), arguments: [instance.key]).map(InstanceRecord.init(row:))
    }
  }
}

extension InstanceRecord {
  fileprivate init(row: Row) throws {
    let word: String = try row.required(2)
    guard let settlement = Settlement(word: word, failureClass: try row.word(3)) else {
      throw ByteReaderError(detail: "the settlement \(word)")
    }
    self.init(
      run: try row.required(0), instance: try row.instance(1), settlement: settlement, reasons: try row.texts(4),
      verdict: try row.word(5),
      message: try row.optional(6), fingerprint: row.hasNull(atIndex: 8) ? nil : try row.fingerprint(8), at: try row.required(7))
  }
}

extension Settlement {
  fileprivate init?(word: String, failureClass: FailureClass?) {
    let plain: [Settlement] = [.reused, .succeeded, .blocked, .missing, .waiting, .rejected, .cancelled]
    if let failureClass {
      self = .failed(failureClass)
    } else if let settlement = plain.first(where: { $0.word == word }) {
      self = settlement
    } else {
      return nil
    }
  }
}
