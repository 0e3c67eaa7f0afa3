// train@1 on real rows: models that Python loads, seeds in turn, and the same bytes for any number of threads.

import Foundation
import MartletModel
import Testing

@testable import BuiltinTasks

/// train@1 on real rows: bytes that do not depend on threads, seeds, the ways to be unstable.
@Suite struct TrainTests {
  @Test func anyNumberOfThreadsGivesTheSameBytes() throws {
    let workspace = try ModelWorkspace()
    let first = try workspace.train(cpu: 1, into: "one")
    try #require(first.status == 0, Comment(rawValue: first.complaint))
    #expect(try workspace.train(cpu: 2, into: "two").status == 0)
    for name in ["model.pkl", "model.txt", "train_metrics.json"] {
      #expect(try workspace.files.bytes("one/\(name)") == workspace.files.bytes("two/\(name)"), "\(name)")
    }
    #expect(first.message.hasPrefix("auc 0."))
    #expect(try workspace.files.bytes("events").isEmpty == false)
  }

  @Test func pythonLoadsThePickleAndItsScoresAreEvals() throws {
    let workspace = try ModelWorkspace()
    let training = try workspace.train()
    try #require(training.status == 0, Comment(rawValue: training.complaint))
    let evaluation = try workspace.evaluate()
    try #require(evaluation.status == 0, Comment(rawValue: evaluation.complaint))
    struct Answer: Decodable {
      let kind: String
      let scoresMatch: Bool
      let textMatches: Bool
      let picklesAgain: Bool
      let differences: [String: Double]
    }
    let answer = try Python.answer(
      """
      import hashlib, pickle
      import lightgbm, numpy as np, pandas as pd
      from sklearn import metrics as m
      booster = pickle.load(open(data + "/models/model.pkl", "rb"))
      train = json.load(open(data + "/models/train_metrics.json"))
      eval = json.load(open(data + "/reports/eval_metrics.json"))
      rows = pd.read_parquet(data + "/features.parquet")
      day = rows["moment"].dt.strftime("%Y-%m-%d")
      rows = rows[(day >= eval["test"]["from"]) & (day < eval["test"]["until"])]
      x = rows[[f["name"] for f in train["features"]]].copy()
      for f in train["features"]:
          if f["kind"] == "categorical":
              x[f["name"]] = x[f["name"]].astype("category")
      scores = booster.predict(x)
      y = rows["late"]
      ours = eval["metrics"]
      answer = {
          "kind": type(booster).__module__ + "." + type(booster).__name__,
          "scoresMatch": hashlib.sha256(np.asarray(scores, "<f8").tobytes()).hexdigest() == eval["scores_sha256"],
          "textMatches": bool((lightgbm.Booster(model_file=data + "/models/model.txt").predict(x) == scores).all()),
          "picklesAgain": bool((pickle.loads(pickle.dumps(booster)).predict(x) == scores).all()),
          "differences": {"auc": ours["auc"] - m.roc_auc_score(y, scores), "log_loss": ours["log_loss"] - m.log_loss(y, scores),
              "brier": ours["brier"] - m.brier_score_loss(y, scores), "accuracy": ours["accuracy"] - m.accuracy_score(y, scores >= 0.5)}}
      """, input: workspace.files.folder, as: Answer.self)
    #expect(answer.kind == "lightgbm.basic.Booster")
    #expect(answer.scoresMatch && answer.textMatches && answer.picklesAgain)
    for (name, difference) in answer.differences { #expect(abs(difference) < 1e-9, "\(name)") }
  }

  @Test func aFurtherAttemptTakesTheNextSeed() throws {
    let workspace = try ModelWorkspace()
    #expect(try workspace.train(into: "one").status == 0)
    #expect(try workspace.train(seedIndex: 1, into: "two").record["figures"]?["seed"] == .integer(12))
    #expect(try workspace.files.bytes("one/model.txt") != workspace.files.bytes("two/model.txt"))
    let exhausted = try workspace.train(seedIndex: 3)
    #expect(exhausted.record["class"] == .text("unstable") && exhausted.record["seedsLeft"] == .integer(0))
  }

  @Test(arguments: [
    ("floor: 0.6", "floor: 0.99", "below the floor 0.9900 with seed 11; 2 more to try"),
    ("max_spread: 0.2", "max_spread: 0.000001", "of the folds spreads by"),
  ])
  func aShakyModelIsUnstable(_ from: String, _ to: String, _ reason: String) throws {
    let workspace = try ModelWorkspace(configuration: ModelWorkspace.configuration.replacing(from, with: to))
    let ending = try workspace.train()
    #expect(ending.status == 1)
    #expect(ending.record["class"] == .text("unstable") && ending.record["seedsLeft"] == .integer(2))
    #expect(ending.message.contains(reason), Comment(rawValue: ending.message))
  }

  @Test func aNumberIsLearntByRegression() throws {
    let configuration = ModelWorkspace.configuration.replacing(
      "objective: binary, metric: auc", with: "objective: regression, metric: rmse"
    )
    .replacing("max_spread: 0.2, floor: 0.6", with: "floor: 0.5")
    .replacing("{auc: {warn: 0.7, fail: 0.6}}", with: "{r2: {fail: 0.2}, rmse: {warn: 0.01}}")
    .replacing("{metric: auc, tolerance: 0.02, verdict: fail}", with: "{metric: rmse, verdict: warn}")
    let workspace = try ModelWorkspace(configuration: configuration)
    try workspace.writeFeatures("features.parquet", label: "coalesce(a, 0) * 2 + b + noise / 10", type: .number)
    let training = try workspace.train()
    try #require(training.status == 0, Comment(rawValue: training.complaint))
    let evaluation = try workspace.evaluate()
    #expect(evaluation.record["verdict"] == .text("warn"))
    #expect(
      evaluation.message.hasPrefix("rmse 0.") && evaluation.message.hasSuffix("is above 0.0100 (warn)"),
      Comment(rawValue: evaluation.message))
    #expect(TaskFile.exists(workspace.files.path("reports/drift_report.md")))
  }

  @Test func anObjectiveThatDoesNotFitTheLabelIsAConfigurationError() throws {
    let workspace = try ModelWorkspace()
    try workspace.writeFeatures("features.parquet", label: "noise", type: .number)
    let ending = try workspace.train()
    #expect(ending.record["class"] == .text("config"))
    #expect(ending.message == "the objective binary needs a label that is true or false, but late is a number; use regression")
  }
}
