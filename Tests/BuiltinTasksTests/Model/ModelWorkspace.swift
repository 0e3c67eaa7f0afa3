// A workspace with features that a model can learn from, and the tasks from train to report run on them.

import Foundation
import MartletModel
import Testing

@testable import BuiltinTasks

/// 6000 rows on 60 days from 2013-01-01; the label follows two numbers and a category, and a fourth feature drifts.
struct ModelWorkspace {
  let files: TaskWorkspace

  static let configuration = """
    learner: {kind: lightgbm, objective: binary, metric: auc, rounds: 60, early_stopping: 10}
    parameters: {learning_rate: 0.1, num_leaves: 15, min_data_in_leaf: 20, bagging_fraction: 0.8, bagging_freq: 1}
    seeds: [11, 12, 13]
    split: {validation: {share: 0.2}, test: {share: 0.2}}
    stability: {folds: 2, rounds: 10, max_spread: 0.2, floor: 0.6}
    thresholds:
      limits: {auc: {warn: 0.7, fail: 0.6}}
      champion: {metric: auc, tolerance: 0.02, verdict: fail}
      slices: [group, kept]
      slice_rows: 50
    drift: {share: 0.6, verdict: warn, score: none}

    """

  init(configuration: String = Self.configuration) throws {
    files = try TaskWorkspace()
    try files.write("config/train.yaml", configuration)
    try writeFeatures("features.parquet")
  }

  /// Writes features; `label` is SQL over `a`, `b`, `noise` and `group`.
  func writeFeatures(
    _ name: String,
    label: String = "(coalesce(a, 0.5) + 0.5 * b + CASE WHEN \"group\" = 'b\"é' THEN 0.4 ELSE 0 END + noise > 1.2)::INTEGER",
    type: LabelKind = .binary, first: String = "a"
  ) throws {
    let roles = FeatureRoles(
      partition: "dt", time: "moment", label: .init(name: "late", type: type), keep: ["kept"],
      features: [
        .init(name: first, kind: .numeric), .init(name: "b", kind: .numeric), .init(name: "drifting", kind: .numeric),
        .init(name: "group", kind: .categorical),
      ])
    func uniform(_ factor: String) -> String { "(abs(sin(i * \(factor)) * 43758.5453) % 1)" }
    let connection = try TaskWorkspace.connect()
    try connection.execute(
      """
      COPY (
        SELECT strftime(moment, '%Y-%m-%d') AS dt, moment, \(label) AS late, kept, a AS "\(first)", b, drifting, "group" FROM (
          SELECT i, TIMESTAMP '2013-01-01' + INTERVAL 1 MINUTE * (i * 14) AS moment, i % 3 AS kept,
            CASE WHEN i % 17 = 0 THEN NULL ELSE \(uniform("12.9898")) END AS a, \(uniform("78.233")) AS b,
            \(uniform("3.7")) + i / 3000.0 AS drifting, \(uniform("5.1")) AS noise,
            CASE WHEN i > 5500 AND i % 5 = 0 THEN 'new' ELSE ['a', 'b"é', 'a longer name', NULL][1 + i % 4] END AS "group"
          FROM range(6000) AS t(i)
        )
      ) TO \(SQLText.literal(files.path(name))) (FORMAT parquet, KV_METADATA {'martlet.features': \(SQLText.literal(try roles.json))})
      """)
  }

  func train(
    cpu: Int = 1, seedIndex: Int = 0, into folder: String = "models", features: String = "features.parquet"
  ) throws -> TaskWorkspace.Ending {
    try files.run(
      "train@1",
      [
        .init(
          inputs: [
            "features": files.input(features),
            "config": files.input("config/train.yaml", keys: ["learner", "parameters", "seeds", "split", "stability"]),
          ],
          outputs: [
            "model": "\(folder)/model.pkl", "native": "\(folder)/model.txt", "metrics": "\(folder)/train_metrics.json",
          ])
      ], cpu: cpu, extra: ["seedIndex": seedIndex])
  }

  /// What an unstable training left as JSON.
  func report() throws -> ConfigurationValue {
    try JSONDecoder().decode(ConfigurationValue.self, from: Data(files.bytes("diagnostics/unstable.json")))
  }

  func evaluate(
    champion: String? = nil, features: String = "features.parquet", model: String = "models/model.txt",
    into folder: String = "reports"
  ) throws -> TaskWorkspace.Ending {
    var inputs = [
      "model": files.input(model), "features": files.input(features),
      "config": files.input("config/train.yaml", keys: ["split", "thresholds", "drift"]),
    ]
    if let champion { inputs["champion"] = files.input(champion) }
    return try files.run(
      "evaluate@1",
      [.init(inputs: inputs, outputs: ["metrics": "\(folder)/eval_metrics.json", "drift": "\(folder)/drift_report.md"])], cpu: 2)
  }

  func package(into folder: String = "artifact/model_vkey") throws -> TaskWorkspace.Ending {
    try files.run(
      "package@1",
      [
        .init(
          inputs: [
            "model": files.input("models/model.pkl"), "native": files.input("models/model.txt"),
            "train_metrics": files.input("models/train_metrics.json"), "profile": files.input("reports/data_profile.json"),
            "schema": files.input("config/schema.yaml", keys: ["columns", "features"]),
          ], outputs: ["release": "\(folder)/"])
      ],
      extra: [
        "key": String(repeating: "0123456789abcdef", count: 4),
        "lineage": ["ingest.part": ["2013-01-01": "aa"], "ingest.all": "bb"] as [String: Any],
      ])
  }
}

/// A text as an SQL literal.
enum SQLText {
  static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
}
