/// What differs between two releases: everything that does, nothing else, and nothing invented.

import MartletModel
import MartletPlan
import Testing

struct ReleaseDifferenceTests {
  /// A release that differs from others only by what the test says.
  private func release(
    rate: Double = 0.1, seed: Int = 7, partitions: [String: String] = ["2013-01-01": "a"], native: String = "n",
    auc: Double = 0.6,
    bestRound: Int = 10, inputs: [ConfigurationValue] = [], features: [String: ConfigurationValue] = [:], rows: Int = 1,
    lightgbm: String = "4.6.0", figures: [String: ConfigurationValue]? = nil
  ) -> ReleaseRecord {
    ReleaseRecord(
      manifest: .map([
        "parameters": .map(["learning_rate": .number(rate)]), "seed": .integer(seed),
        "learner": .map(["kind": .text("lightgbm"), "version": .text(lightgbm)]),
        "data": .map([
          "ingest.part": .map(["partitions": .map(partitions.mapValues { .text($0) })]),
          "train.native": .map(["digest": .text(native)]),
        ]), "files": .list([.map(["path": .text("model.txt"), "sha256": .text(native)])]),
        "metrics": .map(["validation": .map(["auc": .number(auc)])]), "signature": .map(["inputs": .list(inputs)]),
        "environment": .map(["lightgbm": .text(lightgbm)]),
      ]), training: .map(["best_round": .integer(bestRound)]),
      schema: ["features": .map(features), "rows": .map(["max_bad_percent": .integer(rows)])], figures: figures)
  }

  private func differences(_ first: ReleaseRecord, _ second: ReleaseRecord) -> [String] {
    ReleaseDifference.between(first, second).map { difference in
      func text(_ value: ReleaseDifference.Value) -> String {
        switch value {
        case .absent: "absent"
        case .unknown: "unknown"
        case .value(let value): value.display
        }
      }
      return "\(difference.section) \(difference.name): \(text(difference.first)) -> \(text(difference.second))"
    }
  }

  @Test func equalReleasesDifferInNothing() {
    #expect(differences(release(), release()).isEmpty)
    #expect(
      differences(release(figures: ["eval": .map(["auc": .number(1)])]), release(figures: ["eval": .map(["auc": .number(1)])]))
        == [])
  }

  @Test func parametersMetricsAndLibraries() {
    #expect(
      differences(release(), release(rate: 0.05, seed: 8, auc: 0.7, bestRound: 12, lightgbm: "4.7.0")) == [
        "parameters learning_rate: 0.1 -> 0.05", "parameters seed: 7 -> 8", "metrics best_round: 10 -> 12",
        "metrics validation.auc: 0.6 -> 0.7", "libraries lightgbm: 4.6.0 -> 4.7.0",
      ])
  }

  @Test func dataByPartitionWithoutWhatIsPackedItself() {
    let first = release(partitions: ["2013-01-01": "a", "2013-01-02": "b"], native: "n")
    let second = release(partitions: ["2013-01-02": "c", "2013-01-03": "d"], native: "m")
    #expect(
      differences(first, second) == [
        "data ingest.part[2013-01-01]: a -> absent", "data ingest.part[2013-01-02]: b -> c",
        "data ingest.part[2013-01-03]: absent -> d",
      ])
  }

  @Test func figuresThatNobodyRecordedAreUnknown() {
    let known = release(figures: ["eval": .map(["auc": .number(0.58), "drifted": .text("7/16")])])
    #expect(
      differences(known, release()) == ["metrics eval.auc: 0.58 -> unknown", "metrics eval.drifted: 7/16 -> unknown"])
    #expect(
      differences(release(figures: [:]), known) == ["metrics eval.auc: absent -> 0.58", "metrics eval.drifted: absent -> 7/16"])
  }

  @Test func featuresByWhatTheModelIsGivenAndTheirExpressions() {
    func input(_ name: String, _ categories: [String]? = nil) -> ConfigurationValue {
      var entry: [String: ConfigurationValue] = ["name": .text(name), "type": .text(categories == nil ? "double" : "string")]
      if let categories { entry["categories"] = .list(categories.map { .text($0) }) }
      return .map(entry)
    }
    let first = release(
      inputs: [input("distance"), input("humid"), input("origin", ["EWR"])],
      features: [
        "numeric": .map(["distance": .text("distance"), "humid": .text("humid")]), "label": .map(["late": .text("x > 15")]),
      ])
    let second = release(
      inputs: [input("distance"), input("visib"), input("origin", ["EWR", "JFK"])],
      features: [
        "numeric": .map(["distance": .text("distance / 2"), "visib": .text("visib")]), "label": .map(["late": .text("x > 20")]),
      ],
      rows: 2)
    #expect(
      differences(first, second) == [
        "features humid: double -> absent",
        "features origin: {\"categories\":[\"EWR\"],\"type\":\"string\"} -> {\"categories\":[\"EWR\",\"JFK\"],\"type\":\"string\"}",
        "features visib: absent -> double", "features label.late: x > 15 -> x > 20",
        "features numeric.distance: distance -> distance / 2", "schema rows.max_bad_percent: 1 -> 2",
      ])
  }
}
