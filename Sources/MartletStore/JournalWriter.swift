/// Turns journal entries into rows, inside the transaction of whoever calls.

import Foundation
import GRDB
import MartletModel
import MartletRun

struct JournalWriter {
  let database: Database
  /// The store's path, for errors.
  let path: String

  func write(_ entry: JournalEntry) throws {
    switch entry {
    case .runStarted(let run): try insert(run)
    case .attemptCreated(let attempt): try insert(attempt)
    case .attemptStarted(let attempt, let identity): try start(attempt, identity)
    case .attemptEnded(let attempt, let end): try finish(attempt, end)
    case .waitScheduled(let run, let instance, let fingerprint, let failureClass, let notBefore):
      try execute(
        "INSERT INTO waits (run, instance, fingerprint, failure_class, not_before) VALUES (?, ?, ?, ?, ?)",
        [run, instance.key, fingerprint.data, failureClass.rawValue, notBefore])
    case .publishIntended(let intent): try insert(intent)
    case .published(let attempt, let instances): for instance in instances { try publish(attempt, instance) }
    case .publishUndone(let attempt, let instances): for instance in instances { try removeIntent(attempt, instance) }
    case .settled(let record): try upsert(record)
    case .runEnded(let run, let result, let counts, let at): try end(run, result, counts, at)
    }
  }

  // MARK: Runs

  private func insert(_ run: RunRecord) throws {
    try execute(
      """
      INSERT INTO runs (id, pipeline, started_at, ended_at, result, arguments, parameters, engine_version, ran, reused, failed, blocked,
        waiting, command, started_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        run.id, run.pipeline, run.startedAt, run.endedAt, run.result?.rawValue,
        ConfigurationValue.list(run.arguments.map { .text($0) }).canonicalJSON,
        ConfigurationValue.map(run.parameters).canonicalJSON,
        run.engineVersion, run.counts?.ran, run.counts?.reused, run.counts?.failed, run.counts?.blocked, run.counts?.waiting,
        run.command, run.startedBy,
      ])
  }

  private func end(_ run: String, _ result: RunResult, _ counts: RunCounts, _ at: Double) throws {
    try executeOnce(
      "UPDATE runs SET ended_at = ?, result = ?, ran = ?, reused = ?, failed = ?, blocked = ?, waiting = ? WHERE id = ?",
      [at, result.rawValue, counts.ran, counts.reused, counts.failed, counts.blocked, counts.waiting, run],
      otherwise: "the end of run \(run), which never started")
    try execute("DELETE FROM waits WHERE run = ?", [run])
  }

  private func upsert(_ record: InstanceRecord) throws {
    try execute(
      """
      INSERT INTO instances (run, instance, settlement, failure_class, reasons, verdict, message, fingerprint, at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (run, instance) DO UPDATE SET settlement = excluded.settlement, failure_class = excluded.failure_class,
        reasons = excluded.reasons, verdict = excluded.verdict, message = excluded.message,
        fingerprint = excluded.fingerprint, at = excluded.at
      """,
      [
        record.run, record.instance.key, record.settlement.word, record.settlement.failureClass?.rawValue,
        ConfigurationValue.list(record.reasons.map { .text($0) }).canonicalJSON, record.verdict?.rawValue, record.message,
        record.fingerprint?.data, record.at,
      ])
    try settleBackfillItem(record)
  }

  /// What a backfill's run made of an instance stands in the backfill too; what it cancelled is still to run.
  private func settleBackfillItem(_ record: InstanceRecord) throws {
    guard let state = BackfillItem.State(rawValue: record.settlement.word) else { return }
    try execute(
      """
      UPDATE backfill_items SET state = ?, failure_class = ?, message = ?, run = ?
      WHERE instance = ? AND backfill = (SELECT backfill FROM backfill_runs WHERE run = ?)
      """,
      [
        state.rawValue, record.settlement.failureClass?.rawValue, record.message, record.run, record.instance.key, record.run,
      ])
  }

  // MARK: Attempts

  private func insert(_ attempt: AttemptRecord) throws {
    try execute(
      """
      INSERT INTO attempts (id, run, task, number, cpu, memory_bytes, seed_index, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        attempt.id, attempt.run, attempt.task, attempt.number, attempt.resources.cpu, attempt.resources.memoryBytes,
        attempt.seedIndex, attempt.createdAt,
      ])
    for (position, instance) in attempt.instances.enumerated() {
      try execute(
        "INSERT INTO attempt_instances VALUES (?, ?, ?, ?, ?)",
        [
          attempt.id, position, instance.key, attempt.fingerprints[position].data,
          Data(Ingredient.encode(attempt.ingredients[position].entries)),
        ])
    }
    if let identity = attempt.identity { try start(attempt.id, identity) }
    if let end = attempt.end { try finish(attempt.id, end) }
  }

  private func start(_ attempt: String, _ identity: ProcessIdentity) throws {
    try executeOnce(
      "UPDATE attempts SET pid = ?, start_ticks = ?, boot_id = ? WHERE id = ?",
      [identity.pid, Int64(bitPattern: identity.startTicks), identity.bootID, attempt],
      otherwise: "the start of attempt \(attempt), which was never decided")
  }

  private func finish(_ attempt: String, _ end: AttemptEnd) throws {
    try executeOnce(
      """
      UPDATE attempts SET outcome = ?, failure_class = ?, rule = ?, message = ?, next_attempt_at = ?, ended_at = ?, exit = ?, follow_up = ?
      WHERE id = ?
      """,
      [
        end.outcome.rawValue, end.failureClass?.rawValue, end.rule, end.message, end.nextAttemptAt, end.at,
        try end.exit.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }, end.followUp, attempt,
      ],
      otherwise: "the end of attempt \(attempt), which was never decided")
  }

  // MARK: Publication

  private func insert(_ intent: PublishIntent) throws {
    let checkpoint = intent.checkpoint
    try execute(
      """
      INSERT INTO publish_intents (by_attempt, instance, fingerprint, outputs, verdict, message, figures, run, attempt, ingredients, moves)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        intent.attempt, checkpoint.instance.key, checkpoint.fingerprint.data, Data(RecordedOutput.encode(checkpoint.outputs)),
        checkpoint.verdict?.rawValue, checkpoint.message, checkpoint.figuresData, checkpoint.run, checkpoint.attempt,
        Data(Ingredient.encode(checkpoint.ingredients.entries)), Data(PublishIntent.Move.encode(intent.moves)),
      ])
  }

  private func publish(_ attempt: String, _ instance: TaskInstance) throws {
    try executeOnce(
      """
      INSERT OR REPLACE INTO checkpoints (instance, fingerprint, outputs, verdict, message, figures, run, attempt)
      SELECT instance, fingerprint, outputs, verdict, message, figures, run, attempt FROM publish_intents
      WHERE by_attempt = ? AND instance = ?
      """,
      [attempt, instance.key], otherwise: "\(instance) published by attempt \(attempt) without an intent")
    try execute(
      """
      INSERT OR REPLACE INTO checkpoint_ingredients (instance, ingredients)
      SELECT instance, ingredients FROM publish_intents WHERE by_attempt = ? AND instance = ?
      """, [attempt, instance.key])
    try execute("DELETE FROM collected_outputs WHERE instance = ?", [instance.key])
    try removeIntent(attempt, instance)
  }

  private func removeIntent(_ attempt: String, _ instance: TaskInstance) throws {
    try executeOnce(
      "DELETE FROM publish_intents WHERE by_attempt = ? AND instance = ?", [attempt, instance.key],
      otherwise: "\(instance) of attempt \(attempt) has no intent to end")
  }

  /// Marks outputs of a checkpoint as removed by `gc`.
  func collect(_ instance: TaskInstance, outputs: [String]) throws {
    for name in outputs { try execute("INSERT OR IGNORE INTO collected_outputs VALUES (?, ?)", [instance.key, name]) }
  }

  func adopt(_ checkpoint: Checkpoint) throws {
    try collect(checkpoint.instance, outputs: checkpoint.collected ?? [])
    try execute(
      "INSERT OR IGNORE INTO checkpoints (instance, fingerprint, outputs, verdict, message, figures, run, attempt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      [
        checkpoint.instance.key, checkpoint.fingerprint.data, Data(RecordedOutput.encode(checkpoint.outputs)),
        checkpoint.verdict?.rawValue, checkpoint.message, checkpoint.figuresData, checkpoint.run, checkpoint.attempt,
      ])
    guard database.changesCount == 1 else { return }
    try execute(
      "INSERT OR REPLACE INTO checkpoint_ingredients VALUES (?, ?)",
      [checkpoint.instance.key, Data(Ingredient.encode(checkpoint.ingredients.entries))])
  }

  // MARK: Statements

  private func execute(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws {
    try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
  }

  /// - Parameter otherwise: what is wrong if not exactly one row changed.
  private func executeOnce(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?], otherwise detail: String) throws {
    try execute(sql, arguments)
    guard database.changesCount == 1 else { throw StoreError.inconsistent(path: path, detail: detail) }
  }
}

extension Fingerprint {
  var data: Data { Data(digest.bytes) }
}

extension Checkpoint {
  /// `nil` for no figures, which most checkpoints have.
  var figuresData: Data? {
    figures.isEmpty ? nil : Data(ConfigurationValue.encode([.map(figures)]))
  }
}
