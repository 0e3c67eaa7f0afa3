/// The rules of this folder hold for the repository.

import Testing

@Suite struct RepositoryTests {
  private let sources = Repository.files(below: "Sources", suffix: ".swift")
  private let tests = Repository.files(below: "Tests", suffix: ".swift")
  private let documents =
    ["README.md", "CHANGELOG.md"].map { RepositoryFile(path: $0, text: Repository.text($0)) }
    + ["docs", "examples", "Benchmarks"].flatMap { Repository.files(below: $0, suffix: ".md") }

  @Test func thereAreSources() {
    #expect(sources.count > 50 && tests.count > 10)
  }

  @Test func importsPointTowardsTheModel() {
    report(sources.flatMap(layeringViolations))
  }

  @Test func nothingBannedIsCalled() {
    report((sources + tests).flatMap { bannedCallViolations($0) })
  }

  @Test func filesAreShortAndSayWhatTheyAre() {
    report((sources + tests).flatMap(shapeViolations))
    let lengths = sources.map(\.lines.count).sorted()
    #expect(lengths[lengths.count / 2] < 120, "the median file should be short")
  }

  @Test func nothingIsLeftUnfinished() {
    let scripts = ["py", "sh", "yaml", "c", "h"].flatMap { suffix in
      ["Sources", "scripts", "examples", "Benchmarks"].flatMap { Repository.files(below: $0, suffix: "." + suffix) }
    }
    report((sources + tests + documents + scripts).flatMap(wordViolations))
  }

  @Test func linksLeadSomewhere() {
    report(documents.flatMap { linkViolations($0, exists: Repository.exists) })
  }

  @Test func theReadmeNamesBothCommands() {
    let readme = Repository.text("README.md")
    #expect(readme.contains("make demo") && readme.contains("make test"))
  }

  @Test func everyDependencyHasItsPage() {
    let names = dependencies(ofPackage: Repository.text("Package.swift"))
    #expect(!names.isEmpty)
    let pages = Repository.files(below: "docs/decisions", suffix: ".md").map(\.text).joined()
    for name in names { #expect(pages.contains(name), "docs/decisions has no page that names \(name)") }
  }

  /// A target that was removed or renamed leaves no line behind in the table of layers.
  @Test func theTableNamesOnlyTargets() {
    let folders = Set(sources.map(\.target))
    #expect(Set(allowedImports.keys).isSubset(of: folders))
  }

  /// One issue for each, so that the output is a list of places.
  private func report(_ violations: [Violation]) {
    for violation in violations { Issue.record("\(violation)") }
  }
}
