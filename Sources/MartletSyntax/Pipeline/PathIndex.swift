/// Outputs by their paths, as a tree of path components, so that a pipeline of a thousand tasks is checked in no time.

import MartletModel

struct PathIndex {
  struct Entry {
    let task: String
    let output: OutputDeclaration
    let pattern: PathPattern
    let value: LocatedValue

    var reference: OutputReference { OutputReference(task: task, output: output.name) }
  }

  private struct Node {
    var literals: [[Unicode.Scalar]: Int] = [:]
    /// Components that hold a partition or a hash.
    var patterns: [(component: [Unicode.Scalar], node: Int)] = []
    var entries: [Int] = []

    var children: [Int] { literals.values + patterns.map(\.node) }
  }

  private var nodes = [Node()]
  private var entries: [Entry] = []

  mutating func insert(_ entry: Entry) {
    var node = 0
    for component in entry.pattern.components { node = child(of: node, component) }
    nodes[node].entries.append(entries.count)
    entries.append(entry)
  }

  /// Every entry whose path may meet `pattern`, in the order of insertion, with how `pattern` lies to it.
  func meeting(_ pattern: PathPattern) -> [(entry: Entry, relation: PathPattern.Relation)] {
    var found: [(index: Int, relation: PathPattern.Relation)] = []
    var current = [0]
    for (depth, component) in pattern.components.enumerated() {
      if depth > 0 { found += current.flatMap { nodes[$0].entries }.map { ($0, .inside) } }
      current = current.flatMap { matches(of: $0, component) }
    }
    found += current.flatMap { nodes[$0].entries }.map { ($0, .same) }
    var below = current.flatMap { nodes[$0].children }
    while let node = below.popLast() {
      found += nodes[node].entries.map { ($0, .around) }
      below += nodes[node].children
    }
    return found.sorted { $0.index < $1.index }.map { (entries[$0.index], $0.relation) }
  }

  private mutating func child(of node: Int, _ component: [Unicode.Scalar]) -> Int {
    let isPattern = PathPattern.isPattern(component)
    let existing =
      isPattern ? nodes[node].patterns.first { $0.component == component }?.node : nodes[node].literals[component]
    if let existing { return existing }
    nodes.append(Node())
    let index = nodes.count - 1
    if isPattern { nodes[node].patterns.append((component, index)) } else { nodes[node].literals[component] = index }
    return index
  }

  private func matches(of node: Int, _ component: [Unicode.Scalar]) -> [Int] {
    let patterns = nodes[node].patterns.filter { PathPattern.mayMatch($0.component[...], component[...]) }.map(\.node)
    guard PathPattern.isPattern(component) else {
      return (nodes[node].literals[component].map { [$0] } ?? []) + patterns
    }
    return nodes[node].literals.filter { PathPattern.mayMatch($0.key[...], component[...]) }.map(\.value) + patterns
  }
}
