/// Lays out an attempt: its items' inputs and staged outputs, its command and its specification.

import MartletModel
import MartletPlan

extension RunState {
  func attemptPlan(for record: AttemptRecord) -> AttemptPlan {
    // An adopted batch may hold partitions that the pipeline no longer has.
    guard let position = record.instances.lazy.compactMap({ planner.graph.index[$0] }).first else {
      return planWithoutWork(for: record)
    }
    let task = planner.task(of: position)
    let items = record.instances.indices.map { item(record, $0) }
    var shellCommand: String?
    if case .command(let template) = task.action { shellCommand = expand(template, task, items[0], quoted: true) }
    let environment = task.environment.mapValues { expand($0, task, items[0], quoted: false) }
    return AttemptPlan(
      record: record, specification: specification(record, task, position, items), items: items, shellCommand: shellCommand,
      environment: environment, timeoutSeconds: task.timeoutSeconds, inPlace: task.inPlace,
      code: Dictionary(
        task.code.compactMap { path in facts.sources[path].map { (path, $0) } }, uniquingKeysWith: { first, _ in first }))
  }

  /// For an attempt that nobody wants: it is watched until it ends, and the pipeline may not even know its task.
  func planWithoutWork(for record: AttemptRecord) -> AttemptPlan {
    AttemptPlan(
      record: record, specification: "", items: record.instances.indices.map { itemWithoutWork(record, $0) },
      shellCommand: nil, environment: [:], timeoutSeconds: nil, inPlace: false, code: [:])
  }

  private func itemWithoutWork(_ record: AttemptRecord, _ place: Int) -> AttemptPlan.Item {
    AttemptPlan.Item(
      instance: record.instances[place], fingerprint: record.fingerprints[place], ingredients: record.ingredients[place],
      inputs: [], outputs: [])
  }

  func item(_ record: AttemptRecord, _ place: Int) -> AttemptPlan.Item {
    let instance = record.instances[place]
    guard let position = planner.graph.index[instance] else { return itemWithoutWork(record, place) }
    let node = planner.graph.nodes[position]
    let task = planner.task(of: position)
    let recorded = facts.checkpoints[instance]?.outputs ?? facts.removedCheckpoints[instance] ?? []
    let declared = instance.slice == .gather ? task.gathered : task.outputs
    let outputs = declared.map { output in
      let target = ArtifactPath(
        planner.pipeline.expand(output.path, partition: instance.partition, hash: record.fingerprints[place].hash))
      let staged = AttemptPlan.staged(
        target, of: output.name, place: place, attempt: record.id, isAlone: record.instances.count == 1 && declared.count == 1)
      return AttemptPlan.ItemOutput(
        name: output.name, staged: task.inPlace ? target : staged, target: target,
        previous: recorded.first { $0.name == output.name && $0.path == target }?.digest,
        isImmutable: output.path.expressions.contains(.hash))
    }
    return AttemptPlan.Item(
      instance: instance, fingerprint: record.fingerprints[place], ingredients: record.ingredients[place],
      inputs: node.inputs.map { itemInput($0, of: node) }, outputs: outputs)
  }

  private func itemInput(_ input: InstanceGraph.BoundInput, of node: InstanceGraph.Node) -> AttemptPlan.ItemInput {
    var paths: [ArtifactPath] = []
    var digests: [Digest] = []
    var partitions: [Partition] = []
    var keyValues: [String: String] = [:]
    var absentPaths: [ArtifactPath] = []
    switch input.origin {
    case .source(let path):
      if let keys = input.keys, let values = facts.configurations[path] {
        paths = [path]
        for key in keys { keyValues[key] = values[key]?.canonicalJSON ?? absentValue }
      } else if let digest = facts.sources[path] {
        paths = [path]
        digests = [digest]
      } else {
        absentPaths = [path]
      }
    case .nodes(let producers, let output):
      for producer in producers {
        guard case .stands(let checkpoint) = standing(of: producer), let recorded = checkpoint.output(output) else { continue }
        paths.append(recorded.path)
        digests.append(recorded.digest)
        if let partition = planner.graph.nodes[producer].instance.partition, partition != node.instance.partition {
          partitions.append(partition)
        }
      }
    case .release(let file):
      if case .found(let release) = planner.release(for: node, facts: facts, standing: { standing(of: $0) }) {
        if let file, let digest = release.files[file] {
          paths = [ArtifactPath("\(release.folder.withoutTrailingSlash)/\(file)")]
          digests = [digest]
        } else if file == nil {
          paths = [release.folder]
          digests = [release.digest]
        }
      }
    }
    return AttemptPlan.ItemInput(
      name: input.name, paths: paths, digests: digests, partitions: partitions, keys: input.keys, keyValues: keyValues,
      absentPaths: absentPaths)
  }

  // MARK: Commands

  private func expand(_ template: Template, _ task: PipelineTask, _ item: AttemptPlan.Item, quoted: Bool) -> String {
    func word(_ text: String) -> String { quoted ? ShellWord.quoted(text) : text }
    return template.expanded { expression in
      switch expression {
      case .parameter(let name): word(planner.pipeline.parameters[name]?.display ?? "")
      case .partition: word(item.instance.partition?.value ?? "")
      case .input(let name):
        (item.inputs.first { $0.name == name }?.paths ?? []).map { word($0.string) }.joined(separator: " ")
      case .output(let name): word(item.outputs.first { $0.name == name }?.staged.string ?? "")
      case .environment(let name):
        word(task.environment[name].map { expand(withoutEnvironment($0), task, item, quoted: false) } ?? "")
      case .hash: word(item.fingerprint.hash)
      case .secret(let name): preconditionFailure("secrets.\(name): whoever made the pipeline has not checked it")
      }
    }
  }

  /// One variable cannot name another: two that name each other would have no end.
  private func withoutEnvironment(_ template: Template) -> Template {
    Template(template.segments.filter { if case .expression(.environment) = $0 { false } else { true } })
  }

  // MARK: MARTLET_SPEC

  private func specification(
    _ record: AttemptRecord, _ task: PipelineTask, _ position: Int, _ items: [AttemptPlan.Item]
  ) -> String {
    let folder = AttemptPlan.folder(of: record.id)
    var fields: [String: ConfigurationValue] = [
      "schema": .text("martlet.spec/1"),
      "task": .text(task.name),
      "mode": .text(record.instances[0].slice == .gather ? "gather" : "task"),
      "run": .text(record.run), "attempt": .text(record.id), "key": .text(record.fingerprints[0].digest.hex),
      "parameters": .map(task.parameters.mapValues { $0.resolved(parameters: planner.pipeline.parameters) }),
      "seedIndex": .integer(record.seedIndex),
      "resources": .map([
        "cpu": .integer(record.resources.cpu), "memoryBytes": .integer(record.resources.memoryBytes),
      ]),
      "scratch": .text("\(folder)/scratch"),
      "diagnostics": .text("\(folder)/diagnostics"),
      "items": .list(items.map(describe)),
    ]
    let builtin = task.builtin.flatMap(BuiltinCatalog.description(of:))
    if let reference = task.builtin { fields["uses"] = .text(reference.description) }
    if builtin?.readsLineage == true { fields["lineage"] = lineage(record.ingredients[0]) }
    if builtin?.readsGraph == true {
      let text = planner.graphText(for: position) { standing(of: $0) }
      fields["graph"] = .map(["mermaid": .text(text.mermaid), "dot": .text(text.dot)])
    }
    if task.condition == .settled { fields["upstream"] = .list(upstream(of: position)) }
    return ConfigurationValue.map(fields).canonicalJSON
  }

  private func describe(_ item: AttemptPlan.Item) -> ConfigurationValue {
    var fields: [String: ConfigurationValue] = [
      "inputs": .map(Dictionary(uniqueKeysWithValues: item.inputs.map { ($0.name, describe($0)) })),
      "outputs": .map(Dictionary(uniqueKeysWithValues: item.outputs.map { ($0.name, .text($0.staged.string)) })),
    ]
    if let partition = item.instance.partition {
      fields["partition"] = .map(["name": .text(partition.name), "value": .text(partition.value)])
    }
    return .map(fields)
  }

  private func describe(_ input: AttemptPlan.ItemInput) -> ConfigurationValue {
    var fields: [String: ConfigurationValue] = [
      "paths": .list(input.paths.map { .text($0.string) }),
      "digests": .list(input.digests.map { .text($0.hex) }),
    ]
    if !input.partitions.isEmpty { fields["partitions"] = .list(input.partitions.map { .text($0.value) }) }
    if let keys = input.keys { fields["keys"] = .list(keys.map(ConfigurationValue.text)) }
    return .map(fields)
  }

  /// From the ingredients `task.output` and `task.output[partition]`.
  private func lineage(_ ingredients: Ingredients) -> ConfigurationValue {
    var outputs: [String: ConfigurationValue] = [:]
    for entry in ingredients.entries where entry.kind == .lineage {
      guard let bracket = entry.name.firstIndex(of: "[") else {
        outputs[entry.name] = .text(entry.value)
        continue
      }
      let partition = String(entry.name[entry.name.index(after: bracket)...].dropLast())
      let name = String(entry.name[..<bracket])
      var partitions: [String: ConfigurationValue] = [:]
      if case .map(let known) = outputs[name] { partitions = known }
      partitions[partition] = .text(entry.value)
      outputs[name] = .map(partitions)
    }
    return .map(outputs)
  }

  private func upstream(of position: Int) -> [ConfigurationValue] {
    planner.upstreamOutcomes(of: position) { standing(of: $0) }.map { upstream in
      var fields: [String: ConfigurationValue] = ["task": .text(upstream.task), "outcome": .text(upstream.outcome)]
      if let verdict = upstream.verdict { fields["verdict"] = .text(verdict.rawValue) }
      if let message = upstream.message { fields["message"] = .text(message) }
      return .map(fields)
    }
  }
}

/// A text as one word of `/bin/sh`.
public enum ShellWord {
  /// Left alone if nothing in it means anything to the shell, else in single quotes.
  public static func quoted(_ text: String) -> String {
    let harmless =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "/._-=+:,@%".utf8.contains(byte)
        }
      }
    return harmless ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
