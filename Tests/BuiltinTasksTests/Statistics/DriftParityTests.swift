// Drift tests and limits beside Evidently on the same numbers.

import Testing

@testable import BuiltinTasks

/// Our tests of drift against Evidently's, chosen as it chooses them, on the same numbers.
@Suite struct DriftParityTests {
  struct Case: Encodable {
    let name: String
    let reference: [Double]
    let current: [Double]
    let categorical: Bool
  }

  struct Answer: Decodable {
    let test: String
    let value: Double
    let drifted: Bool
    let psi: Double
  }

  static func samples(
    _ name: String, _ counts: (Int, Int), _ seed: UInt64, categorical: Bool = false, _ draw: (inout SeededNumbers, Bool) -> Double
  ) -> Case {
    var numbers = SeededNumbers(seed: seed)
    return Case(
      name: name, reference: (0..<counts.0).map { _ in draw(&numbers, false) },
      current: (0..<counts.1).map { _ in draw(&numbers, true) }, categorical: categorical)
  }

  static let cases = [
    samples("KS, exact", (300, 200), 1) { numbers, current in numbers.normal() + (current ? 0.12 : 0) },
    samples("KS, exact, equal sizes", (250, 250), 2) { numbers, current in numbers.normal() + (current ? 0.1 : 0) },
    samples("KS, ties", (400, 900), 3) { numbers, current in (numbers.normal() * 3 + (current ? 0.3 : 0)).rounded() },
    samples("KS, asymptotic", (1000, 12_000), 4) { numbers, current in numbers.normal() + (current ? 0.04 : 0) },
    samples("KS, far apart", (600, 20_000), 5) { numbers, current in numbers.normal() + (current ? 2 : 0) },
    samples("chi-square, numeric", (700, 500), 6) { numbers, current in (numbers.uniform() * (current ? 3.9 : 4.2)).rounded(.down)
    },
    samples("chi-square, categorical", (900, 500), 7, categorical: true) { numbers, _ in
      (numbers.uniform() * numbers.uniform() * 12).rounded(.down)
    },
    samples("Z", (800, 600), 8) { numbers, current in numbers.uniform() < (current ? 0.33 : 0.3) ? 1 : 0 },
    samples("one value", (800, 600), 9) { _, _ in 7 },
    samples("Wasserstein", (5000, 3000), 10) { numbers, current in numbers.normal() * (current ? 1.2 : 1) + (current ? 0.05 : 0)
    },
    samples("Wasserstein, few steps", (5000, 3000), 11) { numbers, current in (numbers.normal() * 4 + (current ? 1 : 0)).rounded()
    },
    samples("Jensen-Shannon, few values", (3000, 2000), 12) { numbers, current in
      (numbers.uniform() * (current ? 4 : 5)).rounded(.down)
    },
    samples("Jensen-Shannon, categorical", (3000, 2000), 13, categorical: true) { numbers, current in
      (numbers.uniform() * numbers.uniform() * (current ? 70 : 50)).rounded(.down)
    },
  ]

  @Test func testsAndLimitsAreEvidentlys() throws {
    let answers = try Python.answer(
      """
      import pandas as pd
      from evidently.legacy.calculations.stattests import psi_stat_test
      from evidently.legacy.calculations.stattests.registry import get_stattest
      from evidently.legacy.core import ColumnType
      answer = []
      for case in data:
          kind = ColumnType.Categorical if case["categorical"] else ColumnType.Numerical
          r, c = pd.Series(case["reference"]), pd.Series(case["current"])
          if case["categorical"]:
              r, c = r.astype(int).astype(str), c.astype(int).astype(str)
          test = get_stattest(r, c, kind, None)
          result = test(r, c, kind, None)
          psi = psi_stat_test(r, c, kind, None)
          answer.append({"test": test.name, "value": float(result.drift_score), "drifted": bool(result.drifted), "psi": float(psi.drift_score)})
      """, input: Self.cases, as: [Answer].self)
    #expect(answers.count == Self.cases.count)
    for (item, expected) in zip(Self.cases, answers) {
      let ours = try #require(Self.result(of: item))
      #expect(ours.test.rawValue == expected.test, "\(item.name)")
      #expect(agree(ours.value, expected.value, within: 1e-6), "\(item.name): ours \(ours.value), Evidently's \(expected.value)")
      #expect(ours.drifted == expected.drifted, "\(item.name)")
      #expect(
        agree(ours.populationStabilityIndex, expected.psi, within: 1e-6),
        "\(item.name): PSI \(ours.populationStabilityIndex), Evidently's \(expected.psi)")
    }
  }

  private static func result(of item: Case) -> DriftResult? {
    guard item.categorical else { return .numeric(ValueCounts(reference: item.reference, current: item.current)) }
    return .categorical(
      ValueCounts(reference: item.reference.map { String(Int($0)) }, current: item.current.map { String(Int($0)) }))
  }

  @Test func nothingToCompareIsNoResult() {
    #expect(DriftResult.numeric(ValueCounts(reference: [], current: [1, 2])) == nil)
    #expect(DriftResult.categorical(ValueCounts(reference: ["a"], current: [])) == nil)
  }
}
