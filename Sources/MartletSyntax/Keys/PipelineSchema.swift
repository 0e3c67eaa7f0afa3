/// The JSON Schema (draft-07) of `martlet.yaml`, for editors; made from the tables of keys that the reader uses.

import MartletModel

public enum PipelineSchema {
  /// The schema as JSON text with a final line end; keys sorted, the same bytes every time.
  public static var json: String {
    var definitions: [String: ConfigurationValue] = [:]
    define(PipelineKeys.top, &definitions)
    guard case .map(var schema)? = definitions.removeValue(forKey: PipelineKeys.top.name) else {
      preconditionFailure("a table is defined as a map")
    }
    schema["$schema"] = .text("http://json-schema.org/draft-07/schema#")
    schema["title"] = .text("martlet.yaml")
    schema["definitions"] = .map(definitions)
    return IndentedJSON.text(.map(schema)) + "\n"
  }

  /// Adds a table and the tables below it.
  private static func define(_ table: KeyTable, _ definitions: inout [String: ConfigurationValue]) {
    guard definitions[table.name] == nil else { return }
    definitions[table.name] = .null
    var properties: [String: ConfigurationValue] = [:]
    for key in table.keys where key.availability == .now {
      var property = schema(of: key.shape, &definitions)
      property["markdownDescription"] = .text(key.summary)
      property["description"] = .text(key.summary.filter { $0 != "`" })
      properties[key.name] = .map(property)
    }
    let required = table.keys.filter(\.isRequired).map { ConfigurationValue.text($0.name) }
    var definition: [String: ConfigurationValue] = [
      "type": .text("object"), "markdownDescription": .text(table.summary), "properties": .map(properties),
      "patternProperties": .map(["^x-": .map([:])]), "additionalProperties": .boolean(false),
    ]
    if !required.isEmpty { definition["required"] = .list(required) }
    if !table.oneOf.isEmpty {
      definition["oneOf"] = .list(table.oneOf.map { .map(["required": .list([.text($0)])]) })
    }
    definitions[table.name] = .map(definition)
  }

  private static func schema(
    of shape: Shape, _ definitions: inout [String: ConfigurationValue]
  ) -> [String: ConfigurationValue] {
    switch shape {
    case .text(let pattern, let examples):
      var schema: [String: ConfigurationValue] = ["type": .text("string")]
      if let pattern { schema["pattern"] = .text(pattern) }
      if !examples.isEmpty { schema["examples"] = .list(examples.map(ConfigurationValue.text)) }
      return schema
    case .integer(let minimum, let maximum):
      var schema: [String: ConfigurationValue] = ["type": .text("integer"), "minimum": .integer(minimum)]
      if let maximum { schema["maximum"] = .integer(maximum) }
      return schema
    case .number: return ["type": .text("number")]
    case .constant(let value): return ["const": .integer(value)]
    case .boolean: return ["type": .text("boolean")]
    case .choice(let words):
      return [
        "enum": .list(words.map { .text($0.word) }), "enumDescriptions": .list(words.map { .text($0.meaning) }),
      ]
    case .anything: return [:]
    case .list(let element): return ["type": .text("array"), "items": .map(schema(of: element, &definitions))]
    case .map(let names, let value):
      return [
        "type": .text("object"), "propertyNames": .map(["pattern": .text(names)]),
        "additionalProperties": .map(schema(of: value, &definitions)),
      ]
    case .table(let table):
      define(table, &definitions)
      // Draft-07 ignores what stands beside a $ref, so it stands inside an allOf.
      return ["allOf": .list([.map(["$ref": .text("#/definitions/\(table.name)")])])]
    case .either(let shapes):
      return ["anyOf": .list(shapes.map { .map(schema(of: $0, &definitions)) })]
    }
  }
}

/// JSON with two spaces of indentation, for files that people read and commit.
enum IndentedJSON {
  static func text(_ value: ConfigurationValue, indent: String = "") -> String {
    let inner = indent + "  "
    switch value {
    case .map(let entries) where !entries.isEmpty:
      let keys = entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let members = keys.map { "\(inner)\(ConfigurationValue.quoted($0)): \(text(entries[$0]!, indent: inner))" }
      return "{\n" + members.joined(separator: ",\n") + "\n\(indent)}"
    case .list(let values) where values.contains { if case .map = $0 { true } else { false } }:
      return "[\n" + values.map { inner + text($0, indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
    default: return value.canonicalJSON
    }
  }
}
