/// Lists the ingredients of one task instance: the only place that knows what decides a result.

import MartletModel

/// The list as far as it is known; `isComplete` is false while an input's producer is unsettled.
struct IngredientList {
  private(set) var entries: [Ingredient] = []
  private(set) var isComplete = true

  mutating func add(_ kind: Ingredient.Kind, _ name: String, _ value: String) {
    entries.append(Ingredient(kind, name, value))
  }

  mutating func leaveOpen() { isComplete = false }
}

extension Planner {
  /// - Parameter standing: how each node upstream stands.
  func ingredients(of position: Int, facts: Facts, standing: (Int) -> Standing) -> IngredientList {
    let node = graph.nodes[position]
    let task = pipeline.tasks[node.task]
    var list = IngredientList()
    addAction(of: task, node, facts, to: &list)
    for input in node.inputs { add(input, of: node, facts: facts, standing: standing, to: &list) }
    addGateEvidence(of: task, node, standing, to: &list)
    if node.instance.slice != .gather { addDeclarations(of: task, facts, to: &list) }
    if let partition = node.instance.partition { list.add(.partition, partition.name, partition.value) }
    let outputs = node.instance.slice == .gather ? task.gathered : task.outputs
    for output in outputs {
      list.add(.output, output.name, output.path.source)
      addParameters(usedIn: output.path, to: &list)
    }
    if task.condition == .settled { addUpstreamOutcomes(of: position, standing, to: &list) }
    let builtin = task.builtin.flatMap(BuiltinCatalog.description(of:))
    if builtin?.readsLineage == true { addLineage(of: position, standing, to: &list) }
    if builtin?.readsGraph == true, list.isComplete { list.add(.graph, "mermaid", graphText(for: position, standing).mermaid) }
    return list
  }

  private func addAction(of task: PipelineTask, _ node: InstanceGraph.Node, _ facts: Facts, to list: inout IngredientList) {
    switch task.action {
    case .builtin(let reference):
      list.add(.builtin, "uses", node.instance.slice == .gather ? "\(reference) gather" : "\(reference)")
      for library in BuiltinCatalog.description(of: reference)?.libraries ?? [] {
        list.add(.library, library.rawValue, facts.libraries[library] ?? absentValue)
      }
    case .command(let template):
      list.add(.command, "run", template.source)
      addParameters(usedIn: template, to: &list)
    case .gate:
      break
    }
  }

  private func addParameters(usedIn template: Template, to list: inout IngredientList) {
    for case .parameter(let name) in template.expressions {
      list.add(.parameter, "params.\(name)", pipeline.parameters[name]?.canonicalJSON ?? absentValue)
    }
  }

  private func addDeclarations(of task: PipelineTask, _ facts: Facts, to list: inout IngredientList) {
    for name in task.parameters.keys.sorted() {
      list.add(.parameter, name, task.parameters[name]!.resolved(parameters: pipeline.parameters).canonicalJSON)
    }
    for name in task.environment.keys.sorted() {
      let template = task.environment[name]!
      list.add(.environment, name, template.source)
      addParameters(usedIn: template, to: &list)
    }
    for path in task.code { list.add(.code, path.string, facts.sources[path]?.hex ?? absentValue) }
  }

  private func add(
    _ input: InstanceGraph.BoundInput, of node: InstanceGraph.Node, facts: Facts, standing: (Int) -> Standing,
    to list: inout IngredientList
  ) {
    switch input.origin {
    case .source(let path):
      guard let keys = input.keys else {
        list.add(.input, input.name, facts.sources[path]?.hex ?? absentValue)
        return
      }
      for key in keys {
        let value = facts.configurations[path]?[key]?.canonicalJSON
        list.add(.configuration, "\(input.name).\(key)", value ?? absentValue)
      }
    case .nodes(let producers, let output):
      for producer in producers {
        let name = input.name + slice(of: producer, seenFrom: node)
        switch standing(producer) {
        case .unsettled: list.leaveOpen()
        case .stands(let checkpoint): list.add(.input, name, checkpoint.output(output)?.digest.hex ?? absentValue)
        case .missing: continue
        case .approved, .failed, .blocked, .notSelected, .waiting, .rejected, .cancelled:
          list.add(.input, name, absentValue)
        }
      }
    case .release(let file):
      switch release(for: node, facts: facts, standing: standing) {
      case .unknown: list.leaveOpen()
      case .none: list.add(.input, input.name, absentValue)
      case .found(let release):
        list.add(.input, input.name, (file.map { release.files[$0] } ?? release.digest)?.hex ?? absentValue)
      }
    }
  }

  /// `[2013-01-31]` where a partition is read by something else than the same partition of another task.
  private func slice(of producer: Int, seenFrom node: InstanceGraph.Node) -> String {
    guard let partition = graph.nodes[producer].instance.partition, partition != node.instance.partition else { return "" }
    return "[\(partition.value)]"
  }

  private func addGateEvidence(
    of task: PipelineTask, _ node: InstanceGraph.Node, _ standing: (Int) -> Standing, to list: inout IngredientList
  ) {
    guard let gate = task.gate else { return }
    for reference in gate.show + [gate.subject].compactMap({ $0 }) {
      guard let shown = pipeline.task(reference.task) else { preconditionFailure("\(task.name) shows \(reference)") }
      for producer in graph.producers(of: reference.output, task: shown) {
        let name = reference.description + slice(of: producer, seenFrom: node)
        switch standing(producer) {
        case .unsettled: list.leaveOpen()
        case .stands(let checkpoint): list.add(.input, name, checkpoint.output(reference.output)?.digest.hex ?? absentValue)
        default: list.add(.input, name, absentValue)
        }
      }
    }
  }

  private func addUpstreamOutcomes(of position: Int, _ standing: (Int) -> Standing, to list: inout IngredientList) {
    for upstream in upstreamOutcomes(of: position, standing) {
      let verdict = upstream.verdict.map { ", verdict \($0.rawValue)" } ?? ""
      let message = upstream.message.map { ": \($0)" } ?? ""
      list.add(.upstream, upstream.task, upstream.outcome + verdict + message)
    }
  }

  private func addLineage(of position: Int, _ standing: (Int) -> Standing, to list: inout IngredientList) {
    for ancestor in dataAncestors(of: position) {
      let instance = graph.nodes[ancestor].instance
      switch standing(ancestor) {
      case .unsettled: list.leaveOpen()
      case .stands(let checkpoint):
        for output in checkpoint.outputs {
          let suffix = instance.partition.map { "[\($0.value)]" } ?? ""
          list.add(.lineage, "\(instance.task).\(output.name)\(suffix)", output.digest.hex)
        }
      default: continue
      }
    }
  }

  /// Every node whose outputs this one reads, at first or second hand, in the graph's order.
  func dataAncestors(of position: Int) -> [Int] {
    var reached: Set<Int> = []
    var open = [position]
    while let next = open.popLast() {
      for input in graph.nodes[next].inputs {
        guard case .nodes(let producers, _) = input.origin else { continue }
        for producer in producers where reached.insert(producer).inserted { open.append(producer) }
      }
    }
    return reached.sorted()
  }
}
