// `martlet schema`: the JSON Schema of the pipeline file, for editors.

import ArgumentParser
import MartletSyntax

struct SchemaCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of martlet.yaml, for editors.",
    discussion: """
      Keep it beside martlet.yaml: `martlet schema > martlet.schema.json`. Editors find it by the file's first line, \
      `# yaml-language-server: $schema=martlet.schema.json`.
      """)

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) -> ExitStatus {
    host.output.write(PipelineSchema.json)
    return .done
  }
}
