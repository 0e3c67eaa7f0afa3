/// What the store keeps of backfills: each call is one transaction, on the disk when it returns.

import Foundation
import GRDB
import MartletModel

extension Store {
  /// Keeps a backfill with its whole plan, before anything of it runs.
  /// - Parameter recipes: those that the items name.
  public func add(_ backfill: Backfill, items: [BackfillItem], recipes: [Recipe]) throws {
    try durably { database in
      try database.execute(
        sql: """
          INSERT INTO backfills (id, pipeline, range, tasks, choice, partition_order, jobs, comment, by_user, created_at, state, note,
            changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          backfill.id, backfill.pipeline, backfill.range.description,
          ConfigurationValue.list(backfill.tasks.map { .text($0) }).canonicalJSON, backfill.choice.rawValue,
          backfill.order.rawValue, backfill.jobs, backfill.comment, backfill.by, backfill.createdAt, backfill.state.rawValue,
          backfill.note, backfill.changedAt,
        ])
      try Self.put(items, of: backfill.id, recipes, into: database)
    }
  }

  /// Puts items in the place of those that the backfill has for the same instances.
  public func replan(backfill: String, items: [BackfillItem], recipes: [Recipe]) throws {
    try durably { try Self.put(items, of: backfill, recipes, into: $0) }
  }

  /// - Parameter note: why it stands still.
  public func setState(of backfill: String, _ state: BackfillState, note: String? = nil, at: Double) throws {
    try durably {
      try $0.execute(
        sql: "UPDATE backfills SET state = ?, note = ?, changed_at = ? WHERE id = ?",
        arguments: [state.rawValue, note, at, backfill])
    }
  }

  /// Says that a run works for the backfill: what it settles is settled in the backfill, in the same transaction.
  public func link(run: String, to backfill: String) throws {
    try durably { try $0.execute(sql: "INSERT INTO backfill_runs VALUES (?, ?)", arguments: [run, backfill]) }
  }

  private func durably(_ body: (Database) throws -> Void) throws {
    try fullyDurable { try write(body) }
  }

  private static func put(_ items: [BackfillItem], of backfill: String, _ recipes: [Recipe], into database: Database) throws {
    for recipe in recipes {
      try database.cachedStatement(sql: "INSERT OR IGNORE INTO backfill_recipes VALUES (?, ?)")
        .execute(arguments: [Data(recipe.digest.bytes), Data(Ingredient.encode(recipe.entries))])
    }
    let sql = """
      INSERT INTO backfill_items (backfill, instance, recipe, reasons, state, failure_class, message, run)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (backfill, instance) DO UPDATE SET recipe = excluded.recipe, reasons = excluded.reasons, state = excluded.state,
        failure_class = excluded.failure_class, message = excluded.message, run = excluded.run
      """
    for item in items {
      try database.cachedStatement(sql: sql).execute(arguments: [
        backfill, item.instance.key, Data(item.recipe.bytes),
        ConfigurationValue.list(item.reasons.map { .text($0) }).canonicalJSON, item.state.rawValue,
        item.failureClass?.rawValue, item.message, item.run,
      ])
    }
  }
}
