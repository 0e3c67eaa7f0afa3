/// What differs between two releases, found in what their folders and the history hold.

import MartletModel

/// What is known of a release.
public struct ReleaseRecord: Sendable {
  /// `manifest.json`
  public let manifest: ConfigurationValue
  /// `train_metrics.json`
  public let training: ConfigurationValue?
  /// `schema.yaml`, by its top-level keys
  public let schema: [String: ConfigurationValue]?
  /// What the tasks that were shown at its gate said of their results, by task. No folder holds that: `nil` where nobody recorded it.
  public let figures: [String: ConfigurationValue]?

  public init(
    manifest: ConfigurationValue, training: ConfigurationValue?, schema: [String: ConfigurationValue]?,
    figures: [String: ConfigurationValue]?
  ) {
    self.manifest = manifest
    self.training = training
    self.schema = schema
    self.figures = figures
  }
}

/// One thing that differs.
public struct ReleaseDifference: Sendable, Hashable {
  public enum Section: String, Sendable, Hashable, CaseIterable {
    case parameters, data, metrics, features, schema, libraries
  }

  /// What a release has under a name.
  public enum Value: Sendable, Hashable {
    case absent
    /// It may have a value, and nothing tells which.
    case unknown
    case value(ConfigurationValue)
  }

  public let section: Section
  /// `learning_rate`, `ingest.part[2013-01-31]`, `validation.auc`, `numeric.distance`
  public let name: String
  public let first: Value
  public let second: Value

  public init(_ section: Section, _ name: String, _ first: Value, _ second: Value) {
    self.section = section
    self.name = name
    self.first = first
    self.second = second
  }

  /// Everything that differs, by section, then by name; what is equal in both is left out.
  public static func between(_ first: ReleaseRecord, _ second: ReleaseRecord) -> [ReleaseDifference] {
    Section.allCases.flatMap { section -> [ReleaseDifference] in
      switch section {
      case .parameters: compare(section, first.parameters, second.parameters)
      case .data: compare(section, first.data, second.data)
      case .metrics: compare(section, first.metrics, second.metrics) + figures(first.figures, second.figures)
      case .features: features(first, second)
      case .schema: compare(section, first.schemaLeaves, second.schemaLeaves)
      case .libraries: compare(section, first.libraries, second.libraries)
      }
    }
  }

  private static func compare(
    _ section: Section, _ first: [String: ConfigurationValue], _ second: [String: ConfigurationValue]
  ) -> [ReleaseDifference] {
    Set(first.keys).union(second.keys).sorted().compactMap { name in
      guard first[name] != second[name] else { return nil }
      return ReleaseDifference(
        section, name, first[name].map(Value.value) ?? .absent, second[name].map(Value.value) ?? .absent)
    }
  }

  /// Figures that only one release has on record are unknown of the other, not absent.
  private static func figures(
    _ first: [String: ConfigurationValue]?, _ second: [String: ConfigurationValue]?
  ) -> [ReleaseDifference] {
    let (one, other) = (leaves(.map(first ?? [:])), leaves(.map(second ?? [:])))
    return compare(.metrics, one, other).map { difference in
      ReleaseDifference(
        .metrics, difference.name, first == nil ? .unknown : difference.first, second == nil ? .unknown : difference.second)
    }
  }

  /// What the model is given: its inputs, and the expressions behind those that both have.
  private static func features(_ first: ReleaseRecord, _ second: ReleaseRecord) -> [ReleaseDifference] {
    let inputs = compare(.features, first.inputs, second.inputs)
    let added = Set(inputs.map(\.name))
    let expressions = compare(.features, first.expressions, second.expressions).filter { difference in
      let isInBoth = difference.first != .absent && difference.second != .absent
      return isInBoth || !added.contains(difference.name.split(separator: ".").last.map(String.init) ?? "")
    }
    return inputs + expressions
  }

  fileprivate static func leaves(_ value: ConfigurationValue) -> [String: ConfigurationValue] {
    guard case .map(let entries) = value, !entries.isEmpty else { return [:] }
    return Dictionary(value.leaves().map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })
  }
}

extension ReleaseRecord {
  fileprivate var parameters: [String: ConfigurationValue] {
    var result = ReleaseDifference.leaves(manifest["parameters"] ?? .null)
    for (name, value) in ReleaseDifference.leaves(manifest["learner"] ?? .null) where name != "version" {
      result["learner.\(name)"] = value
    }
    result["seed"] = manifest["seed"]
    return result
  }

  /// Windows, and the digests of what lies behind it, by partition. What is packed itself, such as the model, is left out.
  fileprivate var data: [String: ConfigurationValue] {
    var result: [String: ConfigurationValue] = [:]
    for (name, value) in ReleaseDifference.leaves(manifest["windows"] ?? .null) { result["windows.\(name)"] = value }
    var packed: Set<ConfigurationValue> = []
    if case .list(let files)? = manifest["files"] { packed = Set(files.compactMap { $0["sha256"] }) }
    guard case .map(let artifacts)? = manifest["data"] else { return result }
    for (name, artifact) in artifacts {
      if let digest = artifact["digest"], !packed.contains(digest) { result[name] = digest }
      guard case .map(let partitions)? = artifact["partitions"] else { continue }
      for (partition, digest) in partitions { result["\(name)[\(partition)]"] = digest }
    }
    return result
  }

  fileprivate var metrics: [String: ConfigurationValue] {
    var result = ReleaseDifference.leaves(manifest["metrics"] ?? .null)
    result["best_round"] = training?["best_round"]
    result["folds.spread"] = training?["folds"]?["spread"]
    return result
  }

  /// By name: the type, with the categories of those that have any.
  fileprivate var inputs: [String: ConfigurationValue] {
    guard case .list(let inputs)? = manifest["signature"]?["inputs"] else { return [:] }
    var result: [String: ConfigurationValue] = [:]
    for input in inputs {
      guard case .text(let name)? = input["name"] else { continue }
      result[name] = input["categories"].map { .map(["type": input["type"] ?? .null, "categories": $0]) } ?? input["type"]
    }
    return result
  }

  fileprivate var expressions: [String: ConfigurationValue] {
    ReleaseDifference.leaves(schema?["features"] ?? .null)
  }

  fileprivate var schemaLeaves: [String: ConfigurationValue] {
    ReleaseDifference.leaves(.map((schema ?? [:]).filter { $0.key != "features" }))
  }

  fileprivate var libraries: [String: ConfigurationValue] {
    ReleaseDifference.leaves(manifest["environment"] ?? .null)
  }
}
