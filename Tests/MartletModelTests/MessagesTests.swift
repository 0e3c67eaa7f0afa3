/// What people read of mistakes, and how long a retry waits.

import MartletModel
import Testing

struct DiagnosticTests {
  @Test func everyPartIsShown() {
    let diagnostic = Diagnostic(
      code: "E103", message: "unknown artifact \"event\"", location: SourceLocation(file: "martlet.yaml", line: 12, column: 9),
      length: 5, label: "not an output of any task", help: "did you mean \"events\"?",
      related: [.init(location: SourceLocation(file: "martlet.yaml", line: 3, column: 1), message: "declared here")],
      sourceLine: "\tin: {e: event}")
    let expected = """
      martlet.yaml:12:9: error[E103]: unknown artifact "event"
         |
      12 | \tin: {e: event}
         | \t       ^^^^^ not an output of any task
        = note: martlet.yaml:3:1: declared here
        = help: did you mean "events"?
      """
    #expect(diagnostic.rendered == expected)
  }

  @Test func withoutASourceLineOneLineIsEnough() {
    let diagnostic = Diagnostic(
      severity: .warning, code: "W001", message: "nothing to do", location: SourceLocation(file: "a", line: 1, column: 0),
      length: 0)
    #expect(diagnostic.rendered == "a:1:0: warning[W001]: nothing to do")
    #expect(diagnostic.length == 1)
    #expect(!Diagnostics([diagnostic]).hasErrors)
  }

  @Test func aColumnOfZeroPointsAtTheLinesBegin() {
    let diagnostic = Diagnostic(
      code: "E1", message: "m", location: SourceLocation(file: "a", line: 1, column: 0), sourceLine: "text")
    #expect(diagnostic.rendered == "a:1:0: error[E1]: m\n  |\n1 | text\n  | ^")
  }
}

struct SuggestionTests {
  @Test(
    arguments: [
      ("event", ["events", "vent", "clean"], "events"), ("ingset", ["ingest", "train"], "ingest"), ("a", ["b"], "b"),
      ("train", ["train"], nil), ("xyz", ["ingest"], nil), ("", ["a"], "a"), ("abc", [], nil),
    ] as [(String, [String], String?)])
  func theNearestIsOffered(name: String, candidates: [String], expected: String?) {
    #expect(Suggestion.nearest(to: name, among: candidates) == expected)
  }
}

struct RetryPolicyTests {
  @Test func waitsDoubleUpToTheCap() {
    let policy = RetryPolicy(baseSeconds: 0.5, factor: 2, jitterSeconds: 0, capSeconds: 3)
    #expect((0..<5).map { policy.waitSeconds(retry: $0, uniform: 0) } == [0.5, 1, 2, 3, 3])
    #expect(policy.waitSeconds(retry: 1_000_000_000, uniform: 0.9) == 3)
  }

  @Test func jitterIsAdded() {
    let policy = RetryPolicy()
    #expect(policy.waitSeconds(retry: 0, uniform: 0) == 0.2)
    #expect(policy.waitSeconds(retry: 1, uniform: 0.5) == 0.4 + 0.05)
    #expect(policy.waitSeconds(retry: 60, uniform: 0.5) == 300 - 0.05)
  }

  @Test func whoFailsBehindOthersComesBackBehindThem() {
    let policy = RetryPolicy(baseSeconds: 1, factor: 2, jitterSeconds: 0.5, capSeconds: 20)
    #expect([0, 9, 10, 25].map { policy.waitSeconds(retry: 0, uniform: 0, others: $0) } == [1, 1, 1.5, 2])
    // Also where all of them wait as long as they may.
    #expect([0, 10, 20].map { policy.waitSeconds(retry: 9, uniform: 0, others: $0) } == [20, 19.5, 19])
    #expect(policy.waitSeconds(retry: 9, uniform: 0.5, others: 1_000_000) == 1)
  }
}
