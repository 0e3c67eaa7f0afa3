/// Drift of every feature and of the score between the training and the test window.

import MartletModel

struct DriftTable {
  struct Row {
    let name: String
    let kind: FeatureRoles.Kind
    /// Nil where one of the windows has no values.
    let result: DriftResult?
    /// The share of nulls in the training and in the test window.
    let nulls: (reference: Double, current: Double)
    /// Whether it counts for the share of drifted features.
    let counts: Bool

    /// A column that has values in one window only has changed, too.
    var drifted: Bool { result?.drifted ?? ((nulls.reference < 1) != (nulls.current < 1)) }
  }

  let features: [Row]
  let score: Row

  var counted: Int { features.reduce(0) { $0 + ($1.counts ? 1 : 0) } }
  var drifted: Int { features.reduce(0) { $0 + ($1.counts && $1.drifted ? 1 : 0) } }
  var share: Double { counted == 0 ? 0 : Double(drifted) / Double(counted) }

  func datasetDrifted(from limit: Double) -> Bool { counted > 0 && share >= limit }

  init(
    _ reader: FeatureReader, _ windows: TimeWindows, _ declaration: DriftDeclaration, referenceScores: [Double],
    currentScores: [Double]
  ) throws {
    let (training, test) = (windows.training, windows.test)
    features = try reader.roles.features.map { feature in
      let result: DriftResult?
      let counts: (Int, Int)
      switch feature.kind {
      case .numeric:
        let values = try reader.numericCounts(feature.name, training, test)
        (result, counts) = (.numeric(values), (values.referenceCount, values.currentCount))
      case .categorical:
        let values = try reader.categoricalCounts(feature.name, training, test)
        (result, counts) = (.categorical(values), (values.referenceCount, values.currentCount))
      }
      let nulls = (
        reference: 1 - Double(counts.0) / Double(training.rowCount), current: 1 - Double(counts.1) / Double(test.rowCount)
      )
      return Row(
        name: feature.name, kind: feature.kind, result: result, nulls: nulls, counts: !declaration.ignore.contains(feature.name))
    }
    score = Row(
      name: "score", kind: .numeric, result: .numeric(ValueCounts(reference: referenceScores, current: currentScores)),
      nulls: (0, 0), counts: false)
  }

  func json(limit: Double) -> ConfigurationValue {
    .map([
      "share": .number(share), "share_limit": .number(limit), "drifted": .integer(drifted), "counted": .integer(counted),
      "dataset_drifted": .boolean(datasetDrifted(from: limit)), "features": .list(features.map(\.json)), "score": score.json,
    ])
  }
}

extension DriftTable.Row {
  fileprivate var json: ConfigurationValue {
    var entries: [String: ConfigurationValue] = [
      "name": .text(name), "kind": .text(kind.rawValue), "drifted": .boolean(drifted), "counts": .boolean(counts),
      "nulls_training": .number(nulls.reference), "nulls_test": .number(nulls.current),
    ]
    if let result {
      entries["test"] = .text(result.test.rawValue)
      entries["value"] = .number(result.value)
      entries["limit"] = .number(result.test.limit)
      entries["psi"] = .number(result.populationStabilityIndex)
      entries["rows_training"] = .integer(result.referenceCount)
      entries["rows_test"] = .integer(result.currentCount)
    }
    return .map(entries)
  }
}
