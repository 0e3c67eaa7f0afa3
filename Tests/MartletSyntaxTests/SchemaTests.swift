// The schema for editors knows what the reader knows.

import MartletModel
import Testing

@testable import MartletSyntax

struct SchemaTests {
  /// JSON is YAML, so our own reader reads the schema.
  private func schema() throws -> ConfigurationValue {
    .map(try ConfigurationReader.read(text: PipelineSchema.json, file: "martlet.schema.json").get())
  }

  @Test func isDraft07() throws {
    let schema = try schema()
    #expect(schema["$schema"] == .text("http://json-schema.org/draft-07/schema#"))
    #expect(schema["additionalProperties"] == .boolean(false))
    #expect(schema["patternProperties"] == .map(["^x-": .map([:])]))
    #expect(schema["required"] == .list([.text("martlet"), .text("pipeline"), .text("tasks")]))
    #expect(PipelineSchema.json == PipelineSchema.json)
  }

  @Test func hasEveryKeyOfEveryTable() throws {
    let schema = try schema()
    for table in [
      PipelineKeys.top, PipelineKeys.partition, PipelineKeys.resources, PipelineKeys.defaults, PipelineKeys.failure,
      TaskKeys.task, TaskKeys.input,
    ] {
      let definition = table.name == "pipeline" ? schema : try #require(schema["definitions"]?[table.name])
      guard case .map(let properties)? = definition["properties"] else {
        Issue.record("\(table.name) has no properties")
        continue
      }
      #expect(properties.keys.sorted() == table.knownNames.sorted(), "\(table.name)")
      for name in table.knownNames { #expect(properties[name]?["markdownDescription"] == .text(table.key(name)!.summary)) }
    }
  }
}
