/// Compares two lists of ingredients and says what changed.

import MartletModel

enum Explanation {
  /// - Parameter isComplete: whether `new` is the whole list; otherwise what it lacks is not known rather than gone.
  static func changes(from old: [Ingredient], to new: [Ingredient], isComplete: Bool) -> [Reason] {
    struct Key: Hashable {
      let kind: Ingredient.Kind
      let name: String
    }
    let before = Dictionary(old.map { (Key(kind: $0.kind, name: $0.name), $0.value) }, uniquingKeysWith: { first, _ in first })
    var reasons: [Reason] = []
    var seen: Set<Key> = []
    for entry in new {
      let key = Key(kind: entry.kind, name: entry.name)
      seen.insert(key)
      let previous = before[key]
      if previous != entry.value { reasons += describe(entry.kind, entry.name, old: previous, new: entry.value) }
    }
    if isComplete {
      for entry in old where !seen.contains(Key(kind: entry.kind, name: entry.name)) {
        reasons += describe(entry.kind, entry.name, old: entry.value, new: nil)
      }
    }
    if reasons.isEmpty && isComplete { reasons = [.builtinChanged(old: "an older format", new: Ingredients.format)] }
    return reasons
  }

  private static func describe(_ kind: Ingredient.Kind, _ name: String, old: String?, new: String?) -> [Reason] {
    let was = old ?? absentValue
    let becomes = new ?? absentValue
    switch kind {
    case .builtin: return [.builtinChanged(old: was, new: becomes)]
    case .library: return [.libraryChanged(name: name, old: was, new: becomes)]
    case .command: return [.commandChanged]
    case .input, .partition: return [.inputChanged(name: name, old: short(was), new: short(becomes))]
    case .configuration: return configurationChanges(name, was, becomes)
    case .parameter: return [.parameterChanged(name: name, old: unquoted(was), new: unquoted(becomes))]
    case .environment: return [.environmentChanged(name: name, old: was, new: becomes)]
    case .code: return [.codeChanged(path: name)]
    case .output: return [.outputsDeclaredAnew(name: name)]
    case .upstream: return [.upstreamEndedOtherwise(task: name, old: was, new: becomes)]
    case .graph: return [.graphChanged]
    case .lineage: return [.lineageChanged(name: name)]
    }
  }

  /// The leaves that differ, named by their path below the file: `config.parameters.learning_rate` is the parameter `learning_rate`.
  private static func configurationChanges(_ name: String, _ old: String, _ new: String) -> [Reason] {
    let path = name.split(separator: ".", maxSplits: 1).last.map(String.init) ?? name
    let before = leaves(old, below: path)
    let after = leaves(new, below: path)
    let names = Set(before.keys).union(after.keys).sorted()
    return names.compactMap { leaf in
      guard before[leaf] != after[leaf] else { return nil }
      let shown = leaf.hasPrefix("parameters.") ? String(leaf.dropFirst("parameters.".count)) : leaf
      return .parameterChanged(name: shown, old: before[leaf] ?? absentValue, new: after[leaf] ?? absentValue)
    }
  }

  private static func leaves(_ json: String, below path: String) -> [String: String] {
    guard json != absentValue else { return [:] }
    guard let value = ConfigurationValue(canonicalJSON: json) else { return [path: json] }
    return Dictionary(value.leaves(prefix: path).map { ($0.path, $0.value.display) }, uniquingKeysWith: { first, _ in first })
  }

  private static func short(_ value: String) -> String {
    Digest(hex: value)?.short ?? value
  }

  private static func unquoted(_ json: String) -> String {
    ConfigurationValue(canonicalJSON: json)?.display ?? json
  }
}
