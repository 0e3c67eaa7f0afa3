// How often in a row broken data were changed and still broken, as the store remembers it.

import MartletModel
import MartletRun
import MartletStore
import Testing

@Suite struct FailedMendsTests {
  private let validate = TaskInstance(task: "validate")

  /// One run for each word: `fail` and `pass` are verdicts, `io` and `schema` failures; `again` is the input of the run before, failing.
  private func mends(_ words: String...) throws -> Int {
    let store = try Store(path: Scratch().path)
    for (number, word) in words.enumerated() {
      let input = word == "again" ? number - 1 : number
      let failure = FailureClass(rawValue: word)
      try store.commit([
        .attemptCreated(.example("a\(number)", run: "r\(number)", [validate], input: "\(input)")),
        .settled(
          InstanceRecord(
            run: "r\(number)", instance: validate, settlement: failure.map { .failed($0) } ?? .succeeded, reasons: [],
            verdict: failure == nil ? (word == "pass" ? .pass : .fail) : nil, message: nil, at: 5)),
      ])
    }
    return try store.reader.failedMends(of: validate)
  }

  @Test func eachChangeThatDidNotMendCounts() throws {
    #expect(try mends("fail") == 0)
    #expect(try mends("fail", "fail") == 1)
    #expect(try mends("fail", "schema", "fail") == 2)
  }

  @Test func badDataCountToo() throws {
    #expect(try mends("data", "data", "data") == 2)
  }

  @Test func aPassBeginsAnew() throws {
    #expect(try mends("fail", "fail", "fail", "pass") == 0)
    #expect(try mends("fail", "fail", "pass", "fail", "fail") == 1)
  }

  @Test func theSameInputsAgainAndOtherFailuresAreNoMend() throws {
    #expect(try mends("fail", "again") == 0)
    #expect(try mends("fail", "io", "fail") == 1)
  }
}
