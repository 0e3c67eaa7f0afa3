/// Questions about checkpoints.

import GRDB
import MartletModel

/// A checkpoint without its ingredients: what planning reads of every instance.
public struct CheckpointSummary: Hashable, Sendable {
  public let instance: TaskInstance
  public let fingerprint: Fingerprint
  public let outputs: [RecordedOutput]
  public let verdict: Verdict?
  public let message: String?
  public let figures: [String: ConfigurationValue]
  /// The run and the attempt that made it.
  public let run: String
  public let attempt: String
  /// Names of outputs that `gc` removed.
  public var collected: Set<String>

  public init(
    instance: TaskInstance, fingerprint: Fingerprint, outputs: [RecordedOutput], verdict: Verdict?, message: String?,
    figures: [String: ConfigurationValue], run: String, attempt: String, collected: Set<String> = []
  ) {
    self.instance = instance
    self.fingerprint = fingerprint
    self.outputs = outputs
    self.verdict = verdict
    self.message = message
    self.figures = figures
    self.run = run
    self.attempt = attempt
    self.collected = collected
  }
}

extension StoreReader {
  /// Every checkpoint without its ingredients, in the order of the instances' keys.
  public func checkpoints() throws -> [CheckpointSummary] {
    try checkpoints(where: "TRUE")
  }

  /// Those of runs without a result, and of runs that this store does not know: nothing says that they were ever synced.
  public func checkpointsOfUnfinishedRuns() throws -> [CheckpointSummary] {
    try checkpoints(where: "run NOT IN (SELECT id FROM runs WHERE result IS NOT NULL)")
  }

  private func checkpoints(where condition: String) throws -> [CheckpointSummary] {
    let sql = """
      SELECT instance, fingerprint, outputs, verdict, message, figures, run, attempt FROM checkpoints WHERE \(condition)
      ORDER BY instance
      """
    return try connection.snapshot { database in
      let collected = try collectedOutputs(database)
      var summaries: [CheckpointSummary] = []
      let rows = try Row.fetchCursor(database.cachedStatement(sql: sql))
      while let row = try rows.next() {
        var summary = try CheckpointSummary(row: row)
        if let names = collected[summary.instance.key] { summary.collected = names }
        summaries.append(summary)
      }
      return summaries
    }
  }

  /// What decided the instance's result; `nil` without a checkpoint.
  public func ingredients(of instance: TaskInstance) throws -> Ingredients? {
    let sql = "SELECT ingredients FROM checkpoint_ingredients WHERE instance = ?"
    return try connection.perform { database in
      try Row.fetchOne(database.cachedStatement(sql: sql), arguments: [instance.key])
        .map { row in Ingredients(try row.withBytes(0) { try Ingredient.decode($0) }) }
    }
  }

  /// The whole checkpoint, as its `.ok` file holds it.
  public func checkpoint(_ instance: TaskInstance) throws -> Checkpoint? {
    let sql = """
      SELECT c.instance, fingerprint, outputs, verdict, message, figures, run, attempt, ingredients
      FROM checkpoints c JOIN checkpoint_ingredients i ON i.instance = c.instance WHERE c.instance = ?
      """
    return try connection.snapshot { database in
      try Row.fetchOne(database.cachedStatement(sql: sql), arguments: [instance.key]).map { row in
        var summary = try CheckpointSummary(row: row)
        summary.collected = try collectedOutputs(database)[instance.key] ?? []
        return Checkpoint(summary, ingredients: Ingredients(try row.withBytes(8) { try Ingredient.decode($0) }))
      }
    }
  }

  /// Names of the outputs that `gc` removed, by the instance's key.
  private func collectedOutputs(_ database: Database) throws -> [String: Set<String>] {
    var collected: [String: Set<String>] = [:]
    let rows = try Row.fetchCursor(database.cachedStatement(sql: "SELECT instance, name FROM collected_outputs"))
    while let row = try rows.next() { collected[try row.required(0), default: []].insert(try row.required(1)) }
    return collected
  }
}

extension CheckpointSummary {
  /// From the columns instance, fingerprint, outputs, verdict, message, figures, run, attempt.
  init(row: Row) throws {
    self.init(
      instance: try row.instance(0), fingerprint: try row.fingerprint(1),
      outputs: try row.withBytes(2) { try RecordedOutput.decode($0) }, verdict: try row.word(3), message: try row.optional(4),
      figures: try row.figures(5), run: try row.required(6), attempt: try row.required(7))
  }
}

extension Checkpoint {
  init(_ summary: CheckpointSummary, ingredients: Ingredients) {
    self.init(
      instance: summary.instance, fingerprint: summary.fingerprint, ingredients: ingredients, outputs: summary.outputs,
      verdict: summary.verdict, message: summary.message, figures: summary.figures, run: summary.run, attempt: summary.attempt,
      collected: summary.collected.isEmpty ? nil : summary.collected.sorted())
  }
}
