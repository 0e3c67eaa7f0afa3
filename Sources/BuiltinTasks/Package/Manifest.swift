/// `manifest.json`: what a release is and where it came from. Nothing in it is volatile.

import Crypto
import LightGBM
import MartletModel

struct Manifest {
  struct File {
    let name: String
    let bytes: Int
    let sha256: String

    init(name: String, content: [UInt8]) {
      self.name = name
      bytes = content.count
      sha256 = SHA256.hash(data: content).reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
    }
  }

  let version: String
  /// What train left in `train_metrics.json`.
  let training: ConfigurationValue
  let lineage: [String: TaskSpecification.Lineage]
  let files: [File]

  var json: ConfigurationValue {
    .map([
      "schema": .text("martlet.manifest/1"),
      "model_version": .text(version),
      "data": .map(lineage.mapValues(Self.lineage)),
      "parameters": training["parameters"] ?? .map([:]),
      "learner": training["learner"] ?? .null,
      "seed": training["seed"] ?? .null,
      "metrics": .map(["validation": training["validation"] ?? .null]),
      "windows": training["windows"] ?? .null,
      "signature": signature,
      "environment": .map(["lightgbm": .text(LightGBMLibrary.version), "martlet": .text(BuiltinVersion.current)]),
      "files": .list(
        files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }.map { file in
          .map(["path": .text(file.name), "bytes": .integer(file.bytes), "sha256": .text(file.sha256)])
        }),
    ])
  }

  /// The columns that the model wants, in its order, with the codings of the categorical ones: code 0 is the first category, and a value
  /// that is not among them is missing.
  private var signature: ConfigurationValue {
    guard case .list(let features)? = training["features"] else { return .null }
    let inputs = features.map { feature -> ConfigurationValue in
      var entry: [String: ConfigurationValue] = ["name": feature["name"] ?? .null]
      entry["type"] = .text(feature["kind"] == .text("categorical") ? "string" : "double")
      if let categories = feature["categories"] { entry["categories"] = categories }
      return .map(entry)
    }
    let binary = training["learner"]?["objective"] == .text("binary")
    return .map([
      "inputs": .list(inputs),
      "output": .map([
        "name": training["label"]?["name"] ?? .null, "type": .text("double"),
        "meaning": .text(binary ? "probability of 1" : "prediction"),
      ]),
    ])
  }

  private static func lineage(_ lineage: TaskSpecification.Lineage) -> ConfigurationValue {
    switch lineage {
    case .digest(let digest): .map(["digest": .text(digest)])
    case .partitions(let digests): .map(["partitions": .map(digests.mapValues { .text($0) })])
    }
  }
}
