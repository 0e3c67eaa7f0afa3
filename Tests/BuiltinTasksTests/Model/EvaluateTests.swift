// evaluate@1 on real rows: metrics, drift, the champion, and the verdict that its limits give.

import Foundation
import MartletModel
import Testing

@testable import BuiltinTasks

/// evaluate@1: verdicts, the champion, slices and drift.
@Suite struct EvaluateTests {
  @Test func aBreachedLimitIsNamedAndChangesNoScores() throws {
    let workspace = try ModelWorkspace()
    #expect(try workspace.train().status == 0)
    let passed = try workspace.evaluate(into: "one")
    #expect(passed.record["verdict"] == .text("pass"), Comment(rawValue: passed.message))
    try workspace.files.write(
      "config/train.yaml", ModelWorkspace.configuration.replacing("auc: {warn: 0.7, fail: 0.6}", with: "auc: {fail: 0.999}"))
    let failed = try workspace.evaluate(into: "two")
    #expect(failed.status == 0 && failed.record["verdict"] == .text("fail"))
    #expect(
      failed.message.hasPrefix("auc 0.") && failed.message.hasSuffix("is below 0.9990 (fail)"), Comment(rawValue: failed.message))
    let (one, two) = try (metrics(workspace, "one"), metrics(workspace, "two"))
    #expect(one["scores_sha256"] == two["scores_sha256"] && one["metrics"] == two["metrics"])
  }

  @Test func slicesAndDriftAreTold() throws {
    let workspace = try ModelWorkspace(configuration: ModelWorkspace.configuration.replacing("share: 0.6", with: "share: 0.5"))
    #expect(try workspace.train().status == 0)
    let ending = try workspace.evaluate()
    #expect(ending.record["verdict"] == .text("warn"))
    #expect(ending.message == "2 of 4 features drifted, a share of 0.50 and so not below 0.50 (warn)")
    let metrics = try metrics(workspace, "reports")
    let groups = (metrics["slices"]?["group"]?.list ?? []).compactMap { $0["value"]?.text }
    #expect(Set(groups) == ["a", "b\"é", "a longer name", "null", "new"])
    #expect(metrics["slices"]?["kept"]?.list.count == 3)
    let drifted = (metrics["drift"]?["features"]?.list ?? []).filter { $0["drifted"] == .boolean(true) }.compactMap {
      $0["name"]?.text
    }
    #expect(drifted == ["drifting", "group"])
    let report = String(decoding: try workspace.files.bytes("reports/drift_report.md"), as: UTF8.self)
    #expect(report.contains("**The data have drifted**: 2 of 4 features"))
    #expect(report.contains("| drifting | Wasserstein / sd |"))
  }

  @Test func theChampionIsScoredOnTheSameRowsOrToldNotToFit() throws {
    let workspace = try ModelWorkspace()
    #expect(try workspace.train().status == 0)
    // A release is a folder with the model's text; this one has the very same model.
    try workspace.files.write("artifact/model_vsame/model.txt", bytes: try workspace.files.bytes("models/model.txt"))
    #expect(try workspace.evaluate(champion: "artifact/model_vsame").record["verdict"] == .text("pass"))
    let same = try metrics(workspace, "reports")
    #expect(same["champion"]?["comparable"] == .boolean(true) && same["champion"]?["model_version"] == .text("same"))
    #expect(same["champion"]?["metrics"] == same["metrics"])
    #expect(same["champion"]?["verdict"] == .text("pass") && same["champion"]?["findings"] == .list([]))

    try workspace.writeFeatures("other.parquet", first: "renamed")
    #expect(try workspace.train(into: "other", features: "other.parquet").status == 0)
    let ending = try workspace.evaluate(champion: "artifact/model_vsame", features: "other.parquet", model: "other/model.txt")
    #expect(ending.record["verdict"] == .text("pass"), Comment(rawValue: ending.message))
    #expect(
      try metrics(workspace, "reports")["champion"]
        == .map([
          "comparable": .boolean(false), "model_version": .text("same"),
          "reason": .text("it was trained with a, which the features do not have"),
        ]))
    #expect(try workspace.evaluate(champion: "artifact/nowhere").status == 0)
  }

  @Test func aWorseModelThanTheChampionFails() throws {
    let workspace = try ModelWorkspace()
    #expect(try workspace.train(into: "good").status == 0)
    try workspace.files.write("artifact/model_vgood/model.txt", bytes: try workspace.files.bytes("good/model.txt"))
    try workspace.files.write(
      "config/train.yaml",
      ModelWorkspace.configuration.replacing("rounds: 60", with: "rounds: 1").replacing("floor: 0.6", with: "floor: 0.5")
        .replacing("num_leaves: 15", with: "num_leaves: 2").replacing("{auc: {warn: 0.7, fail: 0.6}}", with: "{}"))
    #expect(try workspace.train().status == 0)
    let ending = try workspace.evaluate(champion: "artifact/model_vgood")
    #expect(ending.record["verdict"] == .text("fail"))
    #expect(ending.message.contains("of the promoted release good by more than 0.0200 (fail)"), Comment(rawValue: ending.message))
  }

  /// The one in production is judged by its own metrics, whatever the new model's verdict is.
  @Test func aPromotedReleaseThatBreaksItsLimitsIsTold() throws {
    let workspace = try ModelWorkspace(
      configuration: ModelWorkspace.configuration.replacing("rounds: 60", with: "rounds: 1").replacing(
        "floor: 0.6", with: "floor: 0.5"
      )
      .replacing("num_leaves: 15", with: "num_leaves: 2"))
    #expect(try workspace.train(into: "weak").status == 0)
    try workspace.files.write("artifact/model_vweak/model.txt", bytes: try workspace.files.bytes("weak/model.txt"))
    let strict = ModelWorkspace.configuration.replacing("fail: 0.6", with: "fail: 0.7")
    try workspace.files.write("config/train.yaml", strict)
    #expect(try workspace.train().status == 0)
    let stopping = try workspace.evaluate(champion: "artifact/model_vweak")
    #expect(stopping.record["verdict"] == .text("pass"), Comment(rawValue: stopping.message))
    #expect(stopping.message.contains("; the promoted release weak: auc "), Comment(rawValue: stopping.message))
    #expect(stopping.record["figures"]?["champion"] == .text("weak"))
    #expect(stopping.record["figures"]?["champion_verdict"] == .text("fail"))
    #expect(stopping.record["figures"]?["on_breach"] == nil)
    let champion = try metrics(workspace, "reports")["champion"]
    #expect(champion?["verdict"] == .text("fail"))
    guard case .list(let findings)? = champion?["findings"] else { return #expect(Bool(false), "no findings") }
    #expect(findings.map { $0["metric"] } == [.text("auc")])

    try workspace.files.write(
      "config/train.yaml", strict.replacing("  slice_rows: 50", with: "  slice_rows: 50\n  on_breach: revert"))
    let reverting = try workspace.evaluate(champion: "artifact/model_vweak")
    #expect(reverting.record["figures"]?["on_breach"] == .text("revert"))
    try workspace.files.write(
      "config/train.yaml",
      ModelWorkspace.configuration.replacing("  slice_rows: 50", with: "  slice_rows: 50\n  on_breach: revert"))
    try workspace.files.write("artifact/model_vgood/model.txt", bytes: try workspace.files.bytes("models/model.txt"))
    #expect(try workspace.evaluate(champion: "artifact/model_vgood").record["figures"]?["on_breach"] == nil)
  }

  @Test func aSliceThatIsNoColumnIsAConfigurationError() throws {
    let workspace = try ModelWorkspace(
      configuration: ModelWorkspace.configuration.replacing("slices: [group, kept]", with: "slices: [grup]"))
    #expect(try workspace.train().status == 0)
    let ending = try workspace.evaluate()
    #expect(
      ending.message
        == "thresholds.slices of config/train.yaml names \"grup\", which the features do not have, did you mean \"group\"?")
  }

  private func metrics(_ workspace: ModelWorkspace, _ folder: String) throws -> ConfigurationValue {
    try JSONDecoder().decode(ConfigurationValue.self, from: Data(try workspace.files.bytes("\(folder)/eval_metrics.json")))
  }
}
