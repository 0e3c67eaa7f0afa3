/// The tables of `docs/pipeline-file.md`, made from the tables of keys; a test compares them with the page.

import MartletModel

enum KeyReference {
  /// A table of Markdown: one line for each key that this version has.
  static func markdown(_ table: KeyTable) -> String {
    let isTask = table.keys.contains { $0.kinds != KeyDescription.Kind.allCases }
    var lines =
      isTask ? ["| key | of | value | meaning |", "|---|---|---|---|"] : ["| key | value | meaning |", "|---|---|---|"]
    for key in table.keys where key.availability == .now {
      let name = "`\(key.name)`" + (key.isRequired ? " (required)" : "")
      let kinds = key.kinds == KeyDescription.Kind.allCases ? "all" : key.kinds.map(\.rawValue).joined(separator: ", ")
      let cells = [name] + (isTask ? [kinds] : []) + [words(key.shape), key.summary]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }

  /// What the built-in tasks read, write and take.
  static var builtins: String {
    let rows = BuiltinCatalog.all.map { builtin -> String in
      let inputs = builtin.inputs + builtin.optionalInputs.map { "\($0) (optional)" }
      let outputs = builtin.outputs.map { builtin.gatherableOutputs.contains($0) ? "\($0) (gather)" : $0 }
      let cells = [
        "`\(builtin.reference)`", (inputs + (builtin.takesAnyInput ? ["one for each table"] : [])).joined(separator: ", "),
        outputs.joined(separator: ", "), builtin.parameters.joined(separator: ", "),
      ]
      return "| " + cells.joined(separator: " | ") + " |"
    }
    return (["| built-in | in | out | with |", "|---|---|---|---|"] + rows).joined(separator: "\n")
  }

  private static func words(_ shape: Shape) -> String {
    switch shape {
    case .text(_, let examples): examples.first.map { "text, such as `\($0)`" } ?? "text"
    case .integer(let minimum, let maximum):
      maximum.map { "integer from \(minimum) to \($0)" } ?? "integer, at least \(minimum)"
    case .number: "number"
    case .constant(let value): "`\(value)`"
    case .boolean: "`true` or `false`"
    case .choice(let choices): choices.map { "`\($0.word)`" }.joined(separator: ", ")
    case .anything: "any value"
    case .list(let element): "list of: " + words(element)
    case .map(_, let value): "map of names to: " + words(value)
    case .table(let table): "map, see [\(table.name)](#\(table.name))"
    case .either(let shapes): shapes.map(words).joined(separator: "; or ")
    }
  }
}
