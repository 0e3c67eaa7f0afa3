/// The store's tables, as named migrations. A migration that has shipped is never changed; a new one is appended.

import GRDB

/// One step from a version of the store to the next. Its number is its place in the list, counted from 1.
struct Migration: Sendable {
  let name: String
  let apply: @Sendable (Database) throws -> Void
}

extension Migration {
  static let all: [Migration] = [
    Migration(name: "1 runs, attempts, checkpoints, memo") { try $0.execute(sql: firstTables) },
    Migration(name: "2 backfills") { try $0.execute(sql: backfillTables) },
    Migration(name: "3 what asked for a run, what followed an attempt") { database in
      try database.execute(
        sql: "ALTER TABLE runs ADD COLUMN command TEXT NOT NULL DEFAULT 'run'; ALTER TABLE attempts ADD COLUMN follow_up TEXT")
    },
    Migration(name: "4 who started a run, what is to be told") { try $0.execute(sql: notificationTables) },
    Migration(name: "5 collected outputs") { database in
      try database.execute(
        sql:
          "CREATE TABLE collected_outputs (instance TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (instance, name)) WITHOUT ROWID"
      )
    },
  ]

  /// Brings the database to the last of `migrations`, each in a transaction of its own.
  static func bringUpToDate(_ queue: DatabaseQueue, from version: Int, migrations: [Migration]) throws {
    guard version < migrations.count else { return }
    var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
    for (index, migration) in migrations.enumerated() {
      migrator.registerMigration(migration.name) { database in
        try migration.apply(database)
        // Reading this one number tells the next open that there is nothing to do.
        try database.execute(sql: "PRAGMA user_version = \(index + 1)")
      }
    }
    try migrator.migrate(queue)
  }
}

/// `body` is the event as it is posted; it is kept for a while once delivered, so that nobody is told twice.
private let notificationTables = """
  ALTER TABLE runs ADD COLUMN started_by TEXT;

  CREATE TABLE notifications (
    sequence INTEGER PRIMARY KEY, event TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL, created_at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, ended_at REAL, fault TEXT, UNIQUE (event, url));
  CREATE INDEX notifications_open ON notifications (sequence) WHERE ended_at IS NULL;
  """

/// Times are seconds since 1970. `instance` is `TaskInstance.key`. Columns that no query needs hold JSON or the forms of
/// `RecordCoding.swift`. Ingredients have tables of their own: planning ten thousand partitions must not read them.
private let firstTables = """
  CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('clean', 1), ('syncs', 0), ('rebuilt', 0);

  CREATE TABLE runs (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, pipeline TEXT NOT NULL, started_at REAL NOT NULL, ended_at REAL,
    result TEXT, arguments TEXT NOT NULL, parameters TEXT NOT NULL, engine_version TEXT NOT NULL,
    ran INTEGER, reused INTEGER, failed INTEGER, blocked INTEGER, waiting INTEGER);
  CREATE INDEX runs_unfinished ON runs (sequence) WHERE result IS NULL;

  CREATE TABLE instances (
    sequence INTEGER PRIMARY KEY, run TEXT NOT NULL, instance TEXT NOT NULL, settlement TEXT NOT NULL, failure_class TEXT,
    reasons TEXT NOT NULL, verdict TEXT, message TEXT, fingerprint BLOB, at REAL NOT NULL, UNIQUE (run, instance));
  CREATE INDEX instances_by_instance ON instances (instance, sequence);
  CREATE INDEX instances_failed ON instances (failure_class) WHERE failure_class IS NOT NULL;

  CREATE TABLE attempts (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, run TEXT NOT NULL, task TEXT NOT NULL, number INTEGER NOT NULL,
    cpu INTEGER NOT NULL, memory_bytes INTEGER NOT NULL, seed_index INTEGER NOT NULL, created_at REAL NOT NULL,
    pid INTEGER, start_ticks INTEGER, boot_id TEXT,
    outcome TEXT, failure_class TEXT, rule TEXT, message TEXT, next_attempt_at REAL, ended_at REAL, exit TEXT);
  CREATE INDEX attempts_by_run ON attempts (run, task);
  CREATE INDEX attempts_unfinished ON attempts (sequence) WHERE outcome IS NULL;

  CREATE TABLE attempt_instances (
    attempt TEXT NOT NULL, position INTEGER NOT NULL, instance TEXT NOT NULL, fingerprint BLOB NOT NULL,
    ingredients BLOB NOT NULL, PRIMARY KEY (attempt, position));
  CREATE INDEX attempt_instances_by_instance ON attempt_instances (instance);

  CREATE TABLE waits (
    sequence INTEGER PRIMARY KEY, run TEXT NOT NULL, instance TEXT NOT NULL, fingerprint BLOB NOT NULL,
    failure_class TEXT NOT NULL, not_before REAL NOT NULL);
  CREATE INDEX waits_by_run ON waits (run);

  CREATE TABLE checkpoints (
    instance TEXT PRIMARY KEY, fingerprint BLOB NOT NULL, outputs BLOB NOT NULL, verdict TEXT, message TEXT, figures BLOB,
    run TEXT NOT NULL, attempt TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE checkpoint_ingredients (instance TEXT PRIMARY KEY, ingredients BLOB NOT NULL);

  CREATE TABLE publish_intents (
    sequence INTEGER PRIMARY KEY, by_attempt TEXT NOT NULL, instance TEXT NOT NULL, fingerprint BLOB NOT NULL,
    outputs BLOB NOT NULL, verdict TEXT, message TEXT, figures BLOB, run TEXT NOT NULL, attempt TEXT NOT NULL,
    ingredients BLOB NOT NULL, moves BLOB NOT NULL, UNIQUE (by_attempt, instance));

  CREATE TABLE digest_memo (path TEXT PRIMARY KEY, stamp BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE library_versions (library TEXT PRIMARY KEY, stamp TEXT NOT NULL, version TEXT NOT NULL) WITHOUT ROWID;
  """

/// A backfill's recipes are kept once each, by digest: an item says which one it was planned with, and a changed pipeline is explained
/// from the rest.
private let backfillTables = """
  CREATE TABLE backfills (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, pipeline TEXT NOT NULL, range TEXT NOT NULL, tasks TEXT NOT NULL,
    choice TEXT NOT NULL, partition_order TEXT NOT NULL, jobs INTEGER, comment TEXT, by_user TEXT NOT NULL, created_at REAL NOT NULL,
    state TEXT NOT NULL, note TEXT, changed_at REAL NOT NULL);
  CREATE INDEX backfills_running ON backfills (sequence) WHERE state = 'running';

  CREATE TABLE backfill_items (
    sequence INTEGER PRIMARY KEY, backfill TEXT NOT NULL, instance TEXT NOT NULL, recipe BLOB NOT NULL, reasons TEXT NOT NULL,
    state TEXT NOT NULL, failure_class TEXT, message TEXT, run TEXT, UNIQUE (backfill, instance));
  CREATE TABLE backfill_recipes (digest BLOB PRIMARY KEY, entries BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE backfill_runs (run TEXT PRIMARY KEY, backfill TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX backfill_runs_by_backfill ON backfill_runs (backfill);
  """
