/// A backfill as the store has it, for people and as JSON.

import MartletModel
import MartletPlan
import MartletStore

struct BackfillView {
  let text: BackfillText
  let runs: [String]
  let state: String

  var backfill: Backfill { text.backfill }

  /// - Parameter isHeld: whether somebody holds the workspace.
  init(_ backfill: Backfill, _ reader: StoreReader, isHeld: Bool) throws {
    text = BackfillText(backfill: backfill, counts: try reader.counts(ofBackfill: backfill.id))
    runs = try reader.runs(ofBackfill: backfill.id)
    state = text.stateWord(isHeld: isHeld)
  }

  var members: [String: ConfigurationValue?] {
    let counts = BackfillItem.State.allCases.map { ($0.rawValue, ConfigurationValue.integer(text.count($0))) }
    return [
      "backfill": .text(backfill.id), "state": .text(state), "note": Document.text(backfill.note),
      "range": .text(backfill.range.description), "tasks": .list(backfill.tasks.map { .text($0) }),
      "select": .text(backfill.choice.rawValue), "order": .text(backfill.order.rawValue),
      "jobs": backfill.jobs.map { .integer($0) }, "by": .text(backfill.by), "comment": Document.text(backfill.comment),
      "created": Document.time(backfill.createdAt), "changed": Document.time(backfill.changedAt),
      "counts": .map(Dictionary(uniqueKeysWithValues: counts)), "runs": .list(runs.map { .text($0) }),
    ]
  }
}

extension Document {
  static func backfill(_ view: BackfillView) -> String {
    line(schema: "martlet.backfill/1", view.members)
  }

  /// Of a backfill that was not made, because nothing would run.
  static func nothingToBackfill(_ plan: BackfillPlan) -> String {
    line(
      schema: "martlet.backfill/1",
      ["state": .text("succeeded"), "upToDate": .integer(plan.upToDate), "missing": .integer(plan.missing)])
  }

  static func backfillPlan(_ plan: BackfillPlan) -> String {
    line(
      schema: "martlet.backfillplan/1",
      [
        "tasks": .list(plan.entries.map(entry)), "upToDate": .integer(plan.upToDate), "missing": .integer(plan.missing),
        "leftOut": .integer(plan.leftOut),
      ])
  }

  static func item(_ item: BackfillItem) -> ConfigurationValue {
    object(
      members(item.instance).merging([
        "state": .text(item.state.rawValue), "reasons": .list(item.reasons.map { .text($0) }),
        "class": text(item.failureClass?.rawValue), "message": text(item.message), "run": text(item.run),
      ]) { $1 })
  }
}
