/// Which part of the pipeline a command asks for.

import MartletModel

public struct Selection: Sendable, Hashable {
  /// How far the named tasks reach.
  public enum Reach: String, Sendable, Hashable, Codable {
    /// the tasks and everything upstream of them
    case upstream
    /// the tasks alone: what they read must stand
    case only
    /// the tasks and everything downstream of them
    case downstream
  }

  /// Names of tasks; empty means all.
  public let tasks: [String]
  /// Exactly these, whatever `tasks`, `reach` and `range` say; `nil` means by those.
  public let instances: Set<TaskInstance>?
  public let reach: Reach
  /// Partitions of this name outside the range are taken as they stand, or as missing.
  public let range: PartitionRange?
  /// Whether the named tasks run although nothing changed.
  public let force: Bool
  /// Whether failures that wait for a change are tried again.
  public let retry: Bool
  /// Of all this, only these instances, what comes behind them and what they need; `nil` for no such bound.
  public let targets: Set<TaskInstance>?

  public init(
    tasks: [String] = [], reach: Reach = .upstream, range: PartitionRange? = nil, force: Bool = false, retry: Bool = false,
    targets: Set<TaskInstance>? = nil
  ) {
    self.tasks = tasks
    instances = nil
    self.reach = reach
    self.range = range
    self.force = force
    self.retry = retry
    self.targets = targets
  }

  public init(instances: Set<TaskInstance>, force: Bool = false, retry: Bool = false) {
    tasks = []
    self.instances = instances
    reach = .only
    range = nil
    self.force = force
    self.retry = retry
    targets = nil
  }

  public static let everything = Selection()

  /// For each node of the graph whether it may run.
  func selected(in graph: InstanceGraph) -> [Bool] {
    if let instances { return graph.nodes.map { instances.contains($0.instance) } }
    var selected = Array(repeating: tasks.isEmpty, count: graph.nodes.count)
    if !tasks.isEmpty {
      for index in graph.nodes.indices where tasks.contains(graph.nodes[index].instance.task) { selected[index] = true }
      switch reach {
      case .only: break
      case .upstream:
        for index in graph.nodes.indices.reversed() where selected[index] {
          for upstream in graph.nodes[index].upstream { selected[upstream] = true }
        }
      case .downstream:
        for index in graph.nodes.indices where !selected[index] {
          selected[index] = graph.nodes[index].upstream.contains { selected[$0] }
        }
      }
    }
    if let range {
      for index in graph.nodes.indices {
        guard let partition = graph.nodes[index].instance.partition, partition.name == range.name else { continue }
        if !range.contains(partition) { selected[index] = false }
      }
    }
    if let targets {
      let concerned = Selection.concerned(by: targets, in: graph)
      for index in graph.nodes.indices where !concerned[index] { selected[index] = false }
    }
    return selected
  }

  /// The targets, everything downstream of them, and everything upstream of that.
  private static func concerned(by targets: Set<TaskInstance>, in graph: InstanceGraph) -> [Bool] {
    var concerned = graph.nodes.map { targets.contains($0.instance) }
    for index in graph.nodes.indices where !concerned[index] {
      concerned[index] = graph.nodes[index].upstream.contains { concerned[$0] }
    }
    for index in graph.nodes.indices.reversed() where concerned[index] {
      for upstream in graph.nodes[index].upstream { concerned[upstream] = true }
    }
    return concerned
  }

  func forces(_ instance: TaskInstance) -> Bool {
    if let instances { return force && instances.contains(instance) }
    return force && (tasks.isEmpty || tasks.contains(instance.task))
  }
}
