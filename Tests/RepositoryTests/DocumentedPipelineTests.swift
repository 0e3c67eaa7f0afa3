/// Pipelines that people copy, from documents and the example, are read without a complaint.

import MartletModel
import MartletSyntax
import Testing

@Suite struct DocumentedPipelineTests {
  /// The fenced YAML blocks of a document that are whole pipeline files.
  static func pipelines(in document: RepositoryFile) -> [(line: Int, text: String)] {
    var found: [(Int, String)] = []
    var block: (line: Int, lines: [Substring])?
    for (number, line) in document.lines.enumerated() {
      if let open = block {
        if line.hasPrefix("```") {
          if open.lines.contains(where: { $0.hasPrefix("martlet: 1") }) {
            found.append((open.line, open.lines.joined(separator: "\n") + "\n"))
          }
          block = nil
        } else {
          block = (open.line, open.lines + [line])
        }
      } else if line.hasPrefix("```yaml") {
        block = (number + 2, [])
      }
    }
    return found
  }

  @Test func blocksAreFound() {
    let document = RepositoryFile(path: "a.md", text: "x\n```yaml\nmartlet: 1\n```\n```yaml\na: 1\n```\n```sh\nmartlet: 1\n```\n")
    #expect(Self.pipelines(in: document).map(\.line) == [3])
    #expect(Self.pipelines(in: document).map(\.text) == ["martlet: 1\n"])
  }

  @Test func documentedPipelinesAreSound() {
    let documents =
      [RepositoryFile(path: "README.md", text: Repository.text("README.md"))] + Repository.files(below: "docs", suffix: ".md")
    for document in documents {
      for (line, text) in Self.pipelines(in: document) {
        for diagnostic in PipelineReader.read(text: text, file: document.path).diagnostics {
          Issue.record("\(document.path):\(line + diagnostic.location.line - 1): \(diagnostic.message)")
        }
      }
    }
  }

  @Test func theExampleIsSound() {
    let path = "examples/flights/martlet.yaml"
    let read = PipelineReader.read(text: Repository.text(path), file: path)
    #expect(read.diagnostics.map { "\($0.location.line): \($0.message)" } == [])
    #expect(
      read.pipeline?.tasks.map(\.name) == ["ingest", "validate", "clean", "train", "eval", "package", "promote", "report"])
  }

  @Test func theExamplesSchemaIsWhatMartletPrints() {
    #expect(
      Repository.text("examples/flights/martlet.schema.json") == PipelineSchema.json,
      "write it anew: martlet schema > examples/flights/martlet.schema.json")
  }
}
