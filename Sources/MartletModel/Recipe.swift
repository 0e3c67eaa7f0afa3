/// What decides a result beside the data: the ingredients that an edit of the pipeline changes, and equal for all partitions of a task.

public struct Recipe: Hashable, Sendable {
  public let entries: [Ingredient]

  public init(_ entries: [Ingredient]) {
    self.entries = entries
  }

  public var digest: Digest {
    var encoder = CanonicalEncoder(domain: "martlet.recipe/1")
    for entry in entries {
      encoder.append(tag: entry.kind.tag, entry.name)
      encoder.append(tag: entry.kind.tag, entry.value)
    }
    return encoder.digest
  }
}

extension Ingredients {
  public var recipe: Recipe { Recipe(entries.filter(\.kind.isOfTheRecipe)) }
}

extension Ingredient.Kind {
  fileprivate var isOfTheRecipe: Bool {
    switch self {
    case .builtin, .library, .command, .configuration, .parameter, .environment, .code, .output: true
    case .input, .partition, .upstream, .graph, .lineage: false
    }
  }
}
