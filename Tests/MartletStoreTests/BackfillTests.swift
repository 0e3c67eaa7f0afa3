// A backfill's plan is kept with what became of it, item by item, together with what its runs settle.

import MartletModel
import MartletRun
import MartletStore
import Testing

@Suite struct BackfillTests {
  let scratch = Scratch()
  let recipe = Ingredients.example("a").recipe

  private func backfill(_ id: String = "b1", jobs: Int? = 2, comment: String? = "late data") -> Backfill {
    Backfill(
      id: id, pipeline: "flights", range: PartitionRange("dt=2013-01-01..2013-01-03")!, tasks: ["ingest"],
      choice: .missingAndFailed, order: .newest, jobs: jobs, comment: comment, by: "ann", createdAt: 1000, changedAt: 1000)
  }

  private func items(_ days: ClosedRange<Int> = 1...3) -> [BackfillItem] {
    days.map { BackfillItem(instance: day($0), recipe: recipe.digest, reasons: ["never run"]) }
  }

  private func settled(_ run: String, _ number: Int, _ settlement: Settlement, _ message: String? = nil) -> JournalEntry {
    .settled(
      InstanceRecord(
        run: run, instance: day(number), settlement: settlement, reasons: [], verdict: nil, message: message, at: 1))
  }

  @Test func whatWasPlannedReadsBack() throws {
    let store = try Store(path: scratch.path)
    try store.add(backfill(), items: items(), recipes: [recipe])
    try store.add(backfill("b2", jobs: nil, comment: nil), items: [], recipes: [])
    // A kill at this moment takes nothing of it.
    let reader = try StoreReader(path: scratch.copyAsKilled().path)
    #expect(try reader.backfills(limit: 5) == [backfill("b2", jobs: nil, comment: nil), backfill()])
    #expect(try reader.backfill("b1") == backfill())
    #expect(try reader.backfills(prefix: "b").count == 2)
    #expect(try reader.items(ofBackfill: "b1") == items())
    #expect(try reader.recipe(recipe.digest) == recipe)
    #expect(try reader.recipe(digest("other")) == nil)
    #expect(recipe.entries == [Ingredient(.builtin, "ingest", "1")])
  }

  @Test func aRunSettlesTheItemsOfItsBackfillAndNoOthers() throws {
    let store = try Store(path: scratch.path)
    try store.add(backfill(), items: items(), recipes: [recipe])
    try store.add(backfill("b2"), items: items(), recipes: [recipe])
    try store.link(run: "r1", to: "b1")
    #expect(try store.reader.runs(ofBackfill: "b1").isEmpty)
    try store.commit([
      .runStarted(.example("r1")), settled("r1", 1, .succeeded), settled("r1", 2, .failed(.io), "exit status 75"),
      settled("r1", 3, .cancelled), .runStarted(.example("r2")), settled("r2", 3, .succeeded),
    ])
    let kept = try store.reader.items(ofBackfill: "b1")
    #expect(kept.map(\.state) == [.succeeded, .failed, .planned])
    #expect(kept[1].failureClass == .io && kept[1].message == "exit status 75" && kept[1].run == "r1")
    #expect(try store.reader.counts(ofBackfill: "b1") == [.succeeded: 1, .failed: 1, .planned: 1])
    #expect(try store.reader.counts(ofBackfill: "b2") == [.planned: 3])
    #expect(try store.reader.runs(ofBackfill: "b1") == ["r1"])
  }

  @Test func statesAndPlansChange() throws {
    let store = try Store(path: scratch.path)
    try store.add(backfill(), items: items(), recipes: [recipe])
    #expect(try store.reader.runningBackfills().map(\.id) == ["b1"])
    try store.setState(of: "b1", .paused, note: "the pipeline changed", at: 1005)
    #expect(try store.reader.runningBackfills().isEmpty)
    let paused = try store.reader.backfill("b1")
    #expect(paused?.state == .paused && paused?.note == "the pipeline changed" && paused?.changedAt == 1005)
    let other = Recipe([Ingredient(.command, "run", "other")])
    try store.replan(
      backfill: "b1", items: [BackfillItem(instance: day(2), recipe: other.digest, reasons: ["command changed"])],
      recipes: [other])
    #expect(try store.reader.items(ofBackfill: "b1").map(\.recipe) == [recipe.digest, other.digest, recipe.digest])
  }
}
