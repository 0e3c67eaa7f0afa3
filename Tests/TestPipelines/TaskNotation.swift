/// A short notation for pipelines in tests: `command("clean", in: ["data=ingest.all", "schema=config/schema.yaml#rows"], out: […])`.

import MartletModel

extension PipelineTask {
  /// A task that runs a command. Unless told, the command is its name, so that changing `run` is changing the command.
  ///
  /// Inputs: `name=path/with/slash`, `name=task.output`, `name=release:current`, `name=release:current/file`. A `#a,b` at the end takes
  /// only these keys of a file; a `?` at the end makes the input optional. Outputs: `name=path`.
  public static func command(
    _ name: String, in inputs: [String] = [], out outputs: [String] = [], after: [String] = [], each: String? = nil,
    run: String? = nil, when condition: Condition = .ready, code: [ArtifactPath] = [], env: [String: String] = [:],
    resources: ResourceRequest = ResourceRequest(), retries: [FailureClass: Int] = [:]
  ) -> PipelineTask {
    PipelineTask(
      name: name, action: .command(Template(notation: run ?? name)), each: each, inputs: inputs.map(Input.init(notation:)),
      outputs: outputs.map(Output.init(notation:)), after: after, condition: condition,
      environment: env.mapValues(Template.init(notation:)), code: code, resources: resources, retries: retries)
  }

  /// A task that uses a built-in. Parameters: `name=${{ params.x }}` or `name=JSON`.
  public static func builtin(
    _ name: String, uses: String, in inputs: [String] = [], out outputs: [String] = [], gather: [String] = [],
    after: [String] = [], each: String? = nil, batch: Int = 1, with parameters: [String] = [], when condition: Condition = .ready,
    resources: ResourceRequest = ResourceRequest(), retries: [FailureClass: Int] = [:]
  ) -> PipelineTask {
    PipelineTask(
      name: name, action: .builtin(BuiltinReference(name: uses, version: 1)), each: each, batch: batch,
      inputs: inputs.map(Input.init(notation:)), outputs: outputs.map(Output.init(notation:)),
      gathered: gather.map(Output.init(notation:)), after: after, condition: condition,
      parameters: Dictionary(uniqueKeysWithValues: parameters.map(parameter)), resources: resources, retries: retries)
  }

  public static func gate(_ name: String, subject: String? = nil, show: [String] = [], after: [String] = []) -> PipelineTask {
    let gate = Gate(
      subject: subject.map(OutputReference.init(notation:)), show: show.map(OutputReference.init(notation:)), approvers: ["*"])
    return PipelineTask(name: name, action: .gate(gate), after: after)
  }

  private static func parameter(_ notation: String) -> (String, TemplatedValue) {
    let (name, value) = halves(of: notation)
    if let constant = ConfigurationValue(canonicalJSON: value) { return (name, .constant(constant)) }
    return (name, .template(Template(notation: value)))
  }
}

extension Input {
  init(notation: String) {
    var (name, origin) = halves(of: notation)
    let isOptional = origin.hasSuffix("?")
    if isOptional { origin.removeLast() }
    let parts = origin.split(separator: "#", maxSplits: 1).map(String.init)
    let keys = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : nil
    let release = "release:current"
    if parts[0].hasPrefix(release) {
      let file = parts[0].dropFirst(release.count + 1)
      self.init(name: name, origin: .release(file: file.isEmpty ? nil : String(file)), keys: keys, isOptional: isOptional)
    } else if parts[0].contains("/") {
      self.init(name: name, origin: .source(Template(notation: parts[0])), keys: keys, isOptional: isOptional)
    } else {
      self.init(name: name, origin: .output(OutputReference(notation: parts[0])), keys: keys, isOptional: isOptional)
    }
  }
}

extension Output {
  init(notation: String) {
    let (name, path) = halves(of: notation)
    self.init(name: name, path: Template(notation: path))
  }
}

extension OutputReference {
  init(notation: String) {
    let parts = notation.split(separator: ".").map(String.init)
    precondition(parts.count == 2, "\(notation) is no task.output")
    self.init(task: parts[0], output: parts[1])
  }
}

extension Template {
  /// `${{ params.x }}`, `${{ in.x }}`, `${{ out.x }}`, `${{ env.x }}`, `${{ hash }}`; any other word is a partition.
  public init(notation: String) {
    var segments: [Segment] = []
    for (place, piece) in notation.split(separator: "${{ ", omittingEmptySubsequences: false).enumerated() {
      guard place > 0 else {
        if !piece.isEmpty { segments.append(.text(String(piece))) }
        continue
      }
      let parts = piece.split(separator: " }}", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      precondition(parts.count == 2, "\(notation) has an open expression")
      segments.append(.expression(Template.expression(parts[0])))
      if !parts[1].isEmpty { segments.append(.text(parts[1])) }
    }
    self.init(segments)
  }

  private static func expression(_ source: String) -> Expression {
    let parts = source.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return source == "hash" ? .hash : .partition(source) }
    switch parts[0] {
    case "params": return .parameter(parts[1])
    case "in": return .input(parts[1])
    case "out": return .output(parts[1])
    case "env": return .environment(parts[1])
    default: preconditionFailure("\(source) is no expression")
    }
  }
}

private func halves(of notation: String) -> (String, String) {
  let parts = notation.split(separator: "=", maxSplits: 1).map(String.init)
  precondition(parts.count == 2, "\(notation) is not name=value")
  return (parts[0], parts[1])
}
