// Metrics of a model beside scikit-learn on the same scores.

import Testing

@testable import BuiltinTasks

/// Our metrics against scikit-learn's on the same numbers.
@Suite struct MetricsParityTests {
  struct Case: Encodable {
    let scores: [Double]
    let labels: [Float]
  }

  @Test func binaryMetricsEqualScikitLearn() throws {
    var numbers = SeededNumbers(seed: 1)
    var cases: [Case] = []
    for (count, steps) in [(2000, 0.0), (500, 20.0), (37, 4.0)] {
      var scores: [Double] = []
      var labels: [Float] = []
      for _ in 0..<count {
        let score = numbers.uniform()
        // Rounded scores have many ties.
        scores.append(steps == 0 ? score : (score * steps).rounded() / steps)
        labels.append(numbers.uniform() < 0.2 + 0.6 * score ? 1 : 0)
      }
      cases.append(Case(scores: scores, labels: labels))
    }
    let expected = try Python.answer(
      """
      from sklearn import metrics as m
      import numpy as np
      answer = []
      for case in data:
          s, y = np.array(case["scores"]), np.array(case["labels"])
          c = (s >= 0.4).astype(int)
          answer.append({"auc": m.roc_auc_score(y, s), "log_loss": m.log_loss(y, s), "brier": m.brier_score_loss(y, s),
              "accuracy": m.accuracy_score(y, c), "f1": m.f1_score(y, c), "precision": m.precision_score(y, c),
              "recall": m.recall_score(y, c)})
      """, input: cases, as: [[String: Double]].self)
    for (item, expected) in zip(cases, expected) {
      let named = BinaryMetrics(scores: item.scores, labels: item.labels, cut: 0.4).named
      for (name, value) in expected {
        let ours = try #require(named[name])
        #expect(agree(ours, value, within: 1e-9), "\(name): ours \(ours), scikit-learn's \(value)")
      }
    }
  }

  @Test func calibrationEqualsScikitLearn() throws {
    var numbers = SeededNumbers(seed: 2)
    let scores = (0..<3000).map { _ in numbers.uniform() * 0.7 }
    let labels = scores.map { numbers.uniform() < $0 * $0 ? Float(1) : 0 }
    let expected = try Python.answer(
      """
      from sklearn.calibration import calibration_curve
      t, p = calibration_curve(data["labels"], data["scores"], n_bins=10)
      answer = [list(t), list(p)]
      """, input: Case(scores: scores, labels: labels), as: [[Double]].self)
    let bins = Calibration(scores: scores, labels: labels).bins.filter { $0.rows > 0 }
    #expect(bins.count == expected[0].count)
    for (index, bin) in bins.enumerated() {
      #expect(agree(bin.positiveRate, expected[0][index], within: 1e-9))
      #expect(agree(bin.meanScore, expected[1][index], within: 1e-9))
    }
  }

  @Test func regressionMetricsEqualScikitLearn() throws {
    var numbers = SeededNumbers(seed: 3)
    let labels = (0..<800).map { _ in Float(numbers.normal() * 30) }
    let scores = labels.map { Double($0) * 0.7 + numbers.normal() * 10 }
    let expected = try Python.answer(
      """
      from sklearn import metrics as m
      y, s = data["labels"], data["scores"]
      answer = {"rmse": m.root_mean_squared_error(y, s), "mae": m.mean_absolute_error(y, s), "r2": m.r2_score(y, s)}
      """, input: Case(scores: scores, labels: labels.map { Float($0) }), as: [String: Double].self)
    let named = RegressionMetrics(scores: scores, labels: labels).named
    for (name, value) in expected {
      // The labels go through JSON as shortest float32 text and come back as doubles.
      #expect(agree(try #require(named[name]), value, within: 1e-6), "\(name)")
    }
  }

  @Test func curveRunsFromCornerToCornerAndKeepsTheArea() {
    var numbers = SeededNumbers(seed: 4)
    let scores = (0..<5000).map { _ in numbers.uniform() }
    let labels = scores.map { numbers.uniform() < $0 ? Float(1) : 0 }
    let ranked = RankedScores(scores: scores, labels: labels)
    let points = ranked.curve(limit: 200)
    #expect(points.count <= 202)
    #expect(points.first == RankedScores.Point(threshold: .infinity, falsePositiveRate: 0, truePositiveRate: 0))
    #expect(points.last?.falsePositiveRate == 1 && points.last?.truePositiveRate == 1)
    let area = zip(points, points.dropFirst()).reduce(0) { sum, pair in
      sum + (pair.1.falsePositiveRate - pair.0.falsePositiveRate) * (pair.1.truePositiveRate + pair.0.truePositiveRate) / 2
    }
    #expect(agree(area, ranked.areaUnderCurve ?? 0, within: 1e-3))
  }

  @Test func oneClassHasNoArea() {
    #expect(RankedScores(scores: [0.2, 0.9], labels: [1, 1]).areaUnderCurve == nil)
    #expect(BinaryMetrics(scores: [0.2, 0.9], labels: [1, 1], cut: 0.5).named["auc"] == nil)
    #expect(RankedScores(scores: [0.5, 0.5, 0.5], labels: [1, 0, 0]).areaUnderCurve == 0.5)
  }
}
