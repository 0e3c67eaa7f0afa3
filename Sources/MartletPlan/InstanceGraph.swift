/// The pipeline with its partitions laid out: one node for each task instance, in an order in which upstream comes first.

import MartletModel

public struct InstanceGraph: Sendable {
  /// One task instance and where it reads from.
  public struct Node: Sendable {
    public let instance: TaskInstance
    /// The task's place in `pipeline.tasks`.
    public let task: Int
    public let inputs: [BoundInput]
    /// Nodes that must come first: by data, by `after`, by a gate's evidence. Sorted, each once.
    public let upstream: [Int]
  }

  /// An input with its template expanded or its producer found.
  public struct BoundInput: Sendable {
    public enum Origin: Sendable {
      case source(ArtifactPath)
      /// One output of one node, or of several partitions in order.
      case nodes([Int], output: String)
      case release(file: String?)
    }

    public let name: String
    public let origin: Origin
    public let keys: [String]?
    public let isOptional: Bool
  }

  public let nodes: [Node]
  public let downstream: [[Int]]
  public let index: [TaskInstance: Int]

  /// - Parameters:
  ///   - pipeline: checked; its graph has no cycle.
  ///   - partitions: by partition name, in order.
  public init(pipeline: Pipeline, partitions: [String: [Partition]]) {
    var builder = Builder(pipeline: pipeline, partitions: partitions)
    for task in builder.topologicalOrder() { builder.add(task: task) }
    nodes = builder.nodes
    index = builder.index
    var downstream = Array(repeating: [Int](), count: builder.nodes.count)
    for (index, node) in builder.nodes.enumerated() {
      for upstream in node.upstream { downstream[upstream].append(index) }
    }
    self.downstream = downstream
  }

  /// The nodes of `task` that write `output`: one, or all partitions in order.
  public func producers(of output: String, task: PipelineTask) -> [Int] {
    if task.isGathered(output) { return [index[TaskInstance(task: task.name, slice: .gather)]!] }
    if task.each == nil { return [index[TaskInstance(task: task.name)]!] }
    return nodes.indices.filter { nodes[$0].instance.task == task.name && nodes[$0].instance.partition != nil }
  }
}

extension InstanceGraph {
  /// Tasks that `task` depends on, by name, each once, in the order of mention.
  public static func upstreamTasks(of task: PipelineTask) -> [String] {
    var names: [String] = []
    var noted: Set<String> = []
    func note(_ name: String) { if noted.insert(name).inserted { names.append(name) } }
    for input in task.inputs {
      if case .output(let reference) = input.origin { note(reference.task) }
    }
    if let gate = task.gate {
      if let subject = gate.subject { note(subject.task) }
      for shown in gate.show { note(shown.task) }
    }
    for name in task.after { note(name) }
    return names
  }
}

private struct Builder {
  let pipeline: Pipeline
  let partitions: [String: [Partition]]
  /// Each task's place in `pipeline.tasks`.
  let positions: [String: Int]
  var nodes: [InstanceGraph.Node] = []
  var index: [TaskInstance: Int] = [:]
  var partitionNodes: [String: [Int]] = [:]

  init(pipeline: Pipeline, partitions: [String: [Partition]]) {
    self.pipeline = pipeline
    self.partitions = partitions
    positions = Dictionary(uniqueKeysWithValues: pipeline.tasks.enumerated().map { ($1.name, $0) })
  }

  /// Kahn's algorithm over tasks; among those that are free the one declared first comes first.
  func topologicalOrder() -> [Int] {
    let upstream = pipeline.tasks.map { task in InstanceGraph.upstreamTasks(of: task).compactMap { positions[$0] } }
    var downstream = Array(repeating: [Int](), count: upstream.count)
    var open = upstream.map(\.count)
    for (task, names) in upstream.enumerated() { for name in names { downstream[name].append(task) } }
    var order: [Int] = []
    var free = open.indices.filter { open[$0] == 0 }
    var next = 0
    while next < free.count {
      let task = free[next]
      next += 1
      order.append(task)
      for follower in downstream[task] {
        open[follower] -= 1
        if open[follower] == 0 { free.append(follower) }
      }
    }
    precondition(order.count == pipeline.tasks.count, "the pipeline has a cycle: whoever made it has not checked it")
    return order
  }

  mutating func add(task position: Int) {
    let task = pipeline.tasks[position]
    guard let each = task.each else {
      append(TaskInstance(task: task.name), position, inputs: task.inputs.map { bind($0, partition: nil) })
      return
    }
    var mine: [Int] = []
    for partition in partitions[each] ?? [] {
      mine.append(nodes.count)
      append(
        TaskInstance(task: task.name, slice: .partition(partition)), position,
        inputs: task.inputs.map { bind($0, partition: partition) })
    }
    partitionNodes[task.name] = mine
    guard !task.gathered.isEmpty else { return }
    let inputs = task.outputs.map { output in
      InstanceGraph.BoundInput(name: output.name, origin: .nodes(mine, output: output.name), keys: nil, isOptional: false)
    }
    append(TaskInstance(task: task.name, slice: .gather), position, inputs: inputs)
  }

  private mutating func append(_ instance: TaskInstance, _ position: Int, inputs: [InstanceGraph.BoundInput]) {
    let task = pipeline.tasks[position]
    var upstream: Set<Int> = []
    for input in inputs {
      if case .nodes(let producers, _) = input.origin { upstream.formUnion(producers) }
    }
    if instance.slice != .gather {
      let named = task.after + (task.gate.map { gate in (gate.show + [gate.subject].compactMap { $0 }).map(\.task) } ?? [])
      for name in named { upstream.formUnion(producers(of: name, output: nil, partition: instance.partition)) }
    }
    index[instance] = nodes.count
    nodes.append(InstanceGraph.Node(instance: instance, task: position, inputs: inputs, upstream: upstream.sorted()))
  }

  private func bind(_ input: Input, partition: Partition?) -> InstanceGraph.BoundInput {
    let origin: InstanceGraph.BoundInput.Origin =
      switch input.origin {
      case .source(let template): .source(ArtifactPath(pipeline.expand(template, partition: partition)))
      case .output(let reference):
        .nodes(producers(of: reference.task, output: reference.output, partition: partition), output: reference.output)
      case .release(let file): .release(file: file)
      }
    return InstanceGraph.BoundInput(name: input.name, origin: origin, keys: input.keys, isOptional: input.isOptional)
  }

  /// The nodes behind `task.output`, or behind `after: [task]` where `output` is nil.
  private func producers(of name: String, output: String?, partition: Partition?) -> [Int] {
    guard let position = positions[name] else { preconditionFailure("reference to \(name), which is no task") }
    let task = pipeline.tasks[position]
    guard let each = task.each else { return [index[TaskInstance(task: name)]!] }
    let wantsGather = output.map(task.isGathered) ?? !task.gathered.isEmpty
    if wantsGather { return [index[TaskInstance(task: name, slice: .gather)]!] }
    if let partition, partition.name == each {
      return index[TaskInstance(task: name, slice: .partition(partition))].map { [$0] } ?? []
    }
    return partitionNodes[name] ?? []
  }
}

extension Pipeline {
  /// A path template with parameters and the partition put in; `hash`, where it is known.
  public func expand(_ template: Template, partition: Partition?, hash: String? = nil) -> String {
    template.expanded { expression in
      switch expression {
      case .parameter(let name): parameters[name]?.display ?? ""
      case .partition: partition?.value ?? ""
      case .hash: hash ?? ""
      case .input, .output, .environment, .secret:
        preconditionFailure("\(expression.source) in a path: whoever made the pipeline has not checked it")
      }
    }
  }
}
