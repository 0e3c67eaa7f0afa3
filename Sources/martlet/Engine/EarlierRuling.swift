/// What a person said of the same result before the release in production changed, since when it is judged anew.

import MartletModel
import MartletPlan
import MartletRun
import MartletStore

struct EarlierRuling {
  let instance: TaskInstance
  let entry: HistoryEntry

  var sentence: String {
    let word = entry.kind == .incidentAccepted ? "accepted" : "rejected"
    return
      "\(instance) was judged anew, as the release in production changed: beside another one its verdict was \(word) by \(entry.by) "
      + "at \(entry.at)\(entry.comment.map { ": \($0.oneLine)" } ?? "")"
  }
}

extension WorkspaceSession {
  /// Of what a run had judged: decisions on judgements that differ from those in nothing but the release that they compare with.
  func earlierRulings(_ settled: [SettledNotice]) throws -> [EarlierRuling] {
    try settled.compactMap { notice in
      guard notice.settlement == .succeeded, notice.verdict != nil else { return nil }
      return try earlierRuling(of: notice.instance)
    }
  }

  private func earlierRuling(of instance: TaskInstance) throws -> EarlierRuling? {
    let decisions = history.entries.filter { entry in
      if case .incident(_, instance, _, _) = entry.subject { entry.settledBy == nil } else { false }
    }
    let inputs = loaded.pipeline.task(instance.task)?.inputs ?? []
    let releases = Set(inputs.filter { if case .release = $0.origin { true } else { false } }.map(\.name))
    guard !decisions.isEmpty, !releases.isEmpty, let judged = try store.reader.checkpoint(instance),
      history.decision(on: JudgedVerdict(instance: instance, fingerprint: judged.fingerprint)) == nil
    else { return nil }
    func rest(_ ingredients: Ingredients) -> [Ingredient] {
      ingredients.entries.filter { $0.kind != .input || !releases.contains($0.name) }
    }
    let tried = try store.reader.triedIngredients(of: instance)
    let own = rest(judged.ingredients)
    let entry = decisions.last { entry in
      guard case .incident(_, _, let evidence, _) = entry.subject else { return false }
      return tried[evidence].map { rest($0) == own } ?? false
    }
    return entry.map { EarlierRuling(instance: instance, entry: $0) }
  }
}
