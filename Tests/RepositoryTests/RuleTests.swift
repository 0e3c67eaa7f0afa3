/// Each rule of this folder finds what it is for, and only that.

import Testing

@Suite struct RuleTests {
  private func source(_ text: String, path: String = "Sources/MartletPlan/Sample.swift") -> RepositoryFile {
    RepositoryFile(path: path, text: text)
  }

  @Test func commentsAndStringsAreNoCode() {
    #expect(codeOnly("a // FileManager\nb") == "a \nb")
    #expect(codeOnly("a /* x\ny */ b") == "a \"\n\" b")
    #expect(codeOnly(#"f("setenv(\"x\")", 1)"#) == "f(\"\", 1)")
    #expect(codeOnly("\"\"\"\nexit(1)\n\"\"\"\nc") == "\"\n\n\"\nc")
  }

  @Test func importsAreReadInEveryForm() {
    let file = source("import A\n@testable import B\npublic import C\nimport struct D.E\n// import F\nlet x = \"import G\"\n")
    #expect(imports(of: file).map(\.module) == ["A", "B", "C", "D"])
    #expect(imports(of: file).map(\.line) == [1, 2, 3, 4])
  }

  @Test func planMayNotKnowTheStore() {
    #expect(layeringViolations(source("import MartletModel\n")).isEmpty)
    #expect(
      layeringViolations(source("import MartletModel\nimport MartletStore\n")).map(\.description) == [
        "Sources/MartletPlan/Sample.swift:2: MartletPlan does not know MartletStore: imports point towards MartletModel"
      ])
  }

  @Test func onlyTheWrapperKnowsTheCModule() {
    for target in allowedImports.keys {
      let found = layeringViolations(source("import CDuckDB\n", path: "Sources/\(target)/Sample.swift"))
      #expect(found.isEmpty == (target == "DuckDB"), "\(target)")
    }
  }

  @Test func foundationNeedsAReason() {
    #expect(layeringViolations(source("import Foundation\n")).count == 1)
    #expect(layeringViolations(source("import Foundation\n", path: "Sources/MartletStore/Sample.swift")).isEmpty)
    let guarded = "#if canImport(FoundationEssentials)\n  import FoundationEssentials\n#else\n  import Foundation\n#endif\n"
    #expect(layeringViolations(source(guarded)).isEmpty)
  }

  @Test func aNewTargetMustBePlaced() {
    #expect(layeringViolations(source("", path: "Sources/Other/Sample.swift")).count == 1)
  }

  @Test(arguments: [
    "FileManager.default", "let p = Process()", "Task.detached { }", "setenv(a, b, 1)", "chdir(path)", "x.hashValue", "print(1)",
    "let a = try? f()", "exit(1)", "do { try f() } catch {}", "do { try f() } catch {\n}", "getenv(name)",
    "DispatchQueue.global()",
  ])
  func aBannedCallIsFound(_ code: String) {
    #expect(bannedCallViolations(source(code)).count == 1)
  }

  @Test(arguments: [
    "// FileManager", "TaskProcess()", "log.print(to: console)", "startProcess()", "func exit(", "onexit(1)", "footprint(1)",
    "let hashValues = 1",
    "let text = \"exit(1)\"", "do { try f() } catch { report(error) }",
  ])
  func whatOnlyLooksLikeOneIsNot(_ code: String) {
    #expect(bannedCallViolations(source(code)).isEmpty)
  }

  @Test func theMessageNamesTheReplacement() {
    #expect(
      bannedCallViolations(source("\n  chdir(path)")).map(\.description) == [
        "Sources/MartletPlan/Sample.swift:2: no chdir(: use a path from the workspace's folder: chdir is process-wide"
      ])
  }

  @Test func whoMayMay() {
    #expect(bannedCallViolations(source("exit(1)", path: "Sources/martlet/Main.swift")).isEmpty)
    #expect(bannedCallViolations(source("exit(1)", path: "Sources/martlet/Commands/Run.swift")).count == 1)
    #expect(bannedCallViolations(source("let a = try? f()", path: "Sources/MartletFiles/Sample.swift")).isEmpty)
  }

  @Test func longFilesAndSilentOpeningsAreFound() {
    let opening = "/// A sample of something.\n"
    #expect(shapeViolations(source(opening)).isEmpty)
    #expect(shapeViolations(source("import A\n")).count == 1)
    #expect(shapeViolations(source(opening + String(repeating: "\n", count: longestFile))).count == 1)
  }

  @Test func unfinishedWorkIsFound() {
    #expect(wordViolations(source("// TO" + "DO later")).count == 1)
    #expect(wordViolations(source("cd /ro" + "ot/x")).count == 1)
    #expect(wordViolations(source("rounds up to do less")).isEmpty)
  }

  @Test func deadLinksAreFound() {
    let file = RepositoryFile(
      path: "docs/decisions/a.md", text: "[b](b.md) [c](../c.md#part) [d](https://example.org/d)\n```\n[e](e.md)\n```\n")
    #expect(linkViolations(file) { ["docs/decisions/b.md", "docs/c.md"].contains($0) }.isEmpty)
    #expect(
      linkViolations(file) { $0 == "docs/c.md" }.map(\.description) == ["docs/decisions/a.md:1: the link to b.md leads nowhere"])
  }

  @Test func dependenciesAreReadFromTheManifest() {
    #expect(dependencies(ofPackage: ".package(url: \"https://example.org/a/swift-b\", from: \"1.0.0\"),") == ["swift-b"])
  }
}
