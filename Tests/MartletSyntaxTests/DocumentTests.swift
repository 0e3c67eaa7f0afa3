// The pages about the pipeline file and its errors say what the code does.

import MartletModel
import Testing

@testable import MartletSyntax

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct DocumentTests {
  /// A page under `docs/`.
  private func page(_ name: String) throws -> String {
    let root = String(#filePath.dropLast("Tests/MartletSyntaxTests/DocumentTests.swift".count))
    let file = try #require(fopen("\(root)docs/\(name)", "r"), "docs/\(name)")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  @Test func everyKeyStandsInTheReference() throws {
    let page = try page("pipeline-file.md")
    for table in PipelineKeys.tables {
      #expect(page.contains(KeyReference.markdown(table) + "\n"), "\(table.name)\n\(KeyReference.markdown(table))")
    }
  }

  @Test func everyBuiltinStandsInTheReference() throws {
    #expect(try page("pipeline-file.md").contains(KeyReference.builtins + "\n"), "\(KeyReference.builtins)")
  }

  @Test func everyCodeStandsOnItsPage() throws {
    let headings = try page("errors.md").split(separator: "\n").filter { $0.hasPrefix("## E") }.map { $0.dropFirst(3).prefix(4) }
    #expect(headings.map(String.init) == DiagnosticCode.allCases.map(\.rawValue))
  }

  /// What stands in a block of YAML that begins with `martlet: 1` is a whole pipeline.
  @Test(arguments: ["pipeline-file.md"])
  func examplesRead(name: String) throws {
    let blocks = try page(name).split(separator: "```yaml\n").dropFirst().map { block in
      String(block[..<(block.firstRange(of: "```")?.lowerBound ?? block.endIndex)])
    }
    let pipelines = blocks.filter { $0.hasPrefix("martlet: 1") }
    #expect(!pipelines.isEmpty)
    for text in pipelines { #expect(problems(text) == "") }
  }
}
