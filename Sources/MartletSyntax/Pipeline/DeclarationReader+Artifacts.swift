/// Reads what a task reads and writes: `in`, `out` and `gather`.

import MartletModel

extension DeclarationReader {
  mutating func readOutputs() {
    let isPackage =
      map["uses"].map { if case .text(let text) = $0.content { text.hasPrefix("package@") } else { false } } ?? false
    task.outputs = outputs(map["out"], in: .outputPath(isPackage: isPackage))
    task.gathered = outputs(map["gather"], in: .gatheredPath)
    for output in task.gathered {
      guard let earlier = task.outputs.first(where: { $0.name == output.name }) else { continue }
      diagnostics.report(
        .duplicateKey, "output \"\(output.name)\" stands under \"out\" and under \"gather\"", atKeyOf: output.entry,
        help: "rename one of them", related: [Diagnostic.Related(location: earlier.entry.keyLocation, message: "first set here")])
    }
    guard let each = task.each else { return }
    for output in task.outputs {
      guard let path = output.path, let pattern = output.pattern, !pattern.partitions.contains(each) else { continue }
      diagnostics.report(
        .partitionMissing, "output \"\(output.name)\" has the same path in every partition", at: path.value,
        help: "put ${{ \(each) }} into the path" + (kind == .builtin ? ", or move the output to gather" : ""))
    }
  }

  private func outputs(_ value: LocatedValue?, in place: ExpressionScope.Place) -> [OutputDeclaration] {
    let isGathered = if case .gatheredPath = place { true } else { false }
    let paths = paths
    return (value?.anyMap(diagnostics)?.entries ?? []).map { entry in
      _ = Names.check(entry, what: "an output", diagnostics)
      let path = paths.output(entry.value, in: place)
      return OutputDeclaration(entry: entry, path: path, pattern: path.map(paths.pattern), isGathered: isGathered)
    }
  }

  mutating func readInputs() {
    for entry in map["in"]?.anyMap(diagnostics)?.entries ?? [] {
      _ = Names.check(entry, what: "an input", diagnostics)
      task.inputs.append(input(entry))
    }
  }

  private func input(_ entry: LocatedEntry) -> InputDeclaration {
    switch entry.value.content {
    case .text: return InputDeclaration(entry: entry, origin: .pathOrReference(entry.value))
    case .map: break
    default:
      diagnostics.reportType("a path, task.output, or a map with path or release", at: entry.value)
      return InputDeclaration(entry: entry, origin: .unknown)
    }
    guard let map = entry.value.map(TaskKeys.input, diagnostics) else { return InputDeclaration(entry: entry, origin: .unknown) }
    var input = InputDeclaration(entry: entry, origin: origin(map))
    input.isOptional = map["optional"]?.boolean(diagnostics) ?? false
    input.keys = keys(map)
    return input
  }

  private func origin(_ map: LocatedMap) -> InputDeclaration.Origin {
    if let path = map["path"] {
      for key in ["release", "file"] {
        guard let entry = map.entry(key) else { continue }
        diagnostics.report(.keyNotHere, "\"\(key)\" can't stand beside \"path\"", atKeyOf: entry, help: "keep one of them")
      }
      return .path(path)
    }
    guard let release = map["release"] else {
      diagnostics.report(.missingKey, "input \"\(map.value.name)\" needs \"path\" or \"release\"", at: map.value)
      return .unknown
    }
    _ = release.word(["current"], diagnostics)
    if let entry = map.entry("keys") {
      diagnostics.report(.keyNotHere, "\"keys\" needs \"path\"", atKeyOf: entry)
    }
    return .release(file: map["file"].flatMap { paths.constant($0)?.string })
  }

  private func keys(_ map: LocatedMap) -> [String]? {
    guard let value = map["keys"], let keys = value.texts(diagnostics) else { return nil }
    if keys.isEmpty {
      diagnostics.report(.invalidValue, "\"keys\" names no key", at: value, help: "remove it: then all of the file counts")
    }
    if case .text(let path)? = map["path"]?.content, ![".yaml", ".yml"].contains(where: path.hasSuffix) {
      diagnostics.report(.invalidValue, "\"keys\" needs a YAML file, found \"\(path)\"", at: value)
    }
    return keys
  }
}
