// train@1 on real rows: models that Python loads, seeds in turn, and the same bytes for any number of threads.

import Foundation
import LightGBM
import MartletFiles
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

  @Test func rowsThatAreTooManyToKeepAreReadTwiceAndGiveTheSameModel() throws {
    let workspace = try ModelWorkspace()
    let search = NativeLibrarySearch(environment: ["MARTLET_NATIVE_DIR": TaskWorkspace.nativeFolder], executableFolder: nil)
    guard case .found(let path) = search.find(.lightgbm) else { throw TaskFailure(.config, "LightGBM was not found") }
    let reader = try FeatureReader(path: workspace.files.path("features.parquet"), connection: try TaskWorkspace.connect())
    let plan = try TrainingPlan(TrainFile(text: ModelWorkspace.configuration, path: "train.yaml"), seedIndex: 0)
    let models = try [0, 1 << 20].map { keptBytes in
      try Training(
        plan, reader, try LightGBMLibrary(path: path), threads: 1, keptBytes: keptBytes, progress: ProgressReporter(path: nil)
      ).run()
    }
    #expect(models[0].text == models[1].text)
    #expect(models[0].report == models[1].report)
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
    ("floor: 0.6", "floor: 0.99", "below the floor 0.9900, with seed 11; 2 more to try"),
    ("max_spread: 0.2", "max_spread: 0.000001", "of the folds spreads by"),
  ])
  func aShakyModelIsUnstable(_ from: String, _ to: String, _ reason: String) throws {
    let workspace = try ModelWorkspace(configuration: ModelWorkspace.configuration.replacing(from, with: to))
    let ending = try workspace.train()
    #expect(ending.status == 1)
    #expect(ending.record["class"] == .text("unstable") && ending.record["seedsLeft"] == .integer(2))
    #expect(ending.message.contains(reason), Comment(rawValue: ending.message))
  }

  @Test func anUnstableTrainingLeavesAReportWithAPlot() throws {
    let workspace = try ModelWorkspace(
      configuration: ModelWorkspace.configuration.replacing("floor: 0.6", with: "floor: 0.99"))
    let ending = try workspace.train()
    let page = workspace.files.path("diagnostics/unstable.md")
    #expect(ending.message.hasSuffix("; see \(page)"), Comment(rawValue: ending.message))
    let text = try TaskFile.text(page)
    #expect(text.hasPrefix("# Training was unstable\n\nThe auc on validation is 0."), Comment(rawValue: text))
    #expect(text.contains("| seed | 11, number 1 of 3 |\n"), Comment(rawValue: text))
    #expect(text.contains("| limit | 0.9900 |\n"))
    let report = try workspace.report()
    #expect(report["finding"] == .text("floor") && report["limit"] == .number(0.99))
    let values = report["curves"]?.list.first?["values"]?.numbers ?? []
    let round = Int(report["round"]?.number ?? 0)
    #expect(values.count >= round && values.max() == values[round - 1])
    #expect(text.contains("| **\(round)** | \(shortened(values[round - 1])) |\n"), Comment(rawValue: text))
    #expect(text.contains("![The auc by round](unstable.svg)"), Comment(rawValue: text))
    for format in ["svg", "png"] { #expect(try !workspace.files.bytes("diagnostics/unstable.\(format)").isEmpty) }
  }

  @Test func foldsThatPartAreTrainedAgainToSeeWhere() throws {
    let workspace = try ModelWorkspace(
      configuration: ModelWorkspace.configuration.replacing("max_spread: 0.2", with: "max_spread: 0.0001"))
    let ending = try workspace.train()
    let report = try workspace.report()
    #expect(report["finding"] == .text("spread"))
    let curves = report["curves"]?.list ?? []
    #expect(curves.map { $0["name"] } == [.text("fold 1"), .text("fold 2")])
    // The same training as the one that was judged: its curve ends at the fold's value.
    #expect(curves.map { $0["values"]?.numbers.last } == report["folds"]?.numbers)
    let round = try #require(report["round"]?.number)
    #expect(
      ending.message.contains(", more than 0.0001, from round \(Int(round)) on, with seed 11"), Comment(rawValue: ending.message))
  }

  @Test(arguments: [
    ("regression", "rmse", "1e300", "the rmse of round 1 is infinite, with seed 11"),
    ("binary", "auc", "1e308", "what the model predicts is infinite or not a number from round 1 on, with seed 11"),
  ])
  func whatIsNoNumberIsUnstable(_ objective: String, _ metric: String, _ rate: String, _ reason: String) throws {
    let configuration = ModelWorkspace.configuration
      .replacing("objective: binary, metric: auc", with: "objective: \(objective), metric: \(metric)")
      .replacing("learning_rate: 0.1", with: "learning_rate: \(rate)").replacing(", max_spread: 0.2, floor: 0.6", with: "")
    let workspace = try ModelWorkspace(configuration: configuration)
    let ending = try workspace.train()
    #expect(ending.record["class"] == .text("unstable"), Comment(rawValue: ending.complaint))
    #expect(ending.message.hasPrefix(reason), Comment(rawValue: ending.message))
    let report = try workspace.report()
    #expect(report["finding"] == .text("not_finite") && report["round"] == .integer(1))
    #expect(TaskFile.exists(workspace.files.path("diagnostics/unstable.md")))
  }

  @Test func partingIsWhereTheGapStays() {
    #expect(Instability.parting([1, 2, 1, 3, 3], [1, 1, 1, 1, 1], limit: 0.5) == 4)
    #expect(Instability.parting([1, 2], [1, 2], limit: 0.5) == nil)
    #expect(Instability.parting([], [], limit: 0.5) == nil)
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
