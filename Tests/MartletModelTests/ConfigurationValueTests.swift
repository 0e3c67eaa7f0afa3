/// Canonical JSON: one spelling for one value, and the way back.

import MartletModel
import Testing

struct ConfigurationValueTests {
  @Test func canonicalJSONIsSortedAndTight() {
    let value = ConfigurationValue.map([
      "b": .list([.integer(1), .number(1), .null, .boolean(true)]),
      "a": .text("tab\tquote\"back\\line\nbell\u{7}é"),
      "B": .map([:]),
      "é": .list([]),
    ])
    #expect(
      value.canonicalJSON
        == #"{"B":{},"a":"tab\tquote\"back\\line\nbell\u0007é","b":[1,1.0,null,true],"é":[]}"#)
  }

  @Test(arguments: [
    (ConfigurationValue.number(0.1), "0.1"), (.number(1e300), "1e+300"), (.number(-0.0), "-0.0"),
    (.number(.leastNonzeroMagnitude), "5e-324"),
    (.integer(.min), "-9223372036854775808"), (.boolean(false), "false"), (.text(""), "\"\""),
  ])
  func numbersKeepTheShortestDigits(value: ConfigurationValue, json: String) {
    #expect(value.canonicalJSON == json)
    #expect(ConfigurationValue(canonicalJSON: json)?.canonicalJSON == json)
  }

  @Test(arguments: [
    "", "tru", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "\"open", "\"\\x\"", "\"\\ud800\"", "1 ", " 1", "[1] ", "inf", "0x10",
    "nan", "-", "+1", "\"\\u+041\"",
  ])
  func whatIsNoCanonicalJSONIsRefused(text: String) {
    #expect(ConfigurationValue(canonicalJSON: text) == nil)
  }

  @Test func nestingIsBounded() {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    #expect(ConfigurationValue(canonicalJSON: deep) == nil)
  }

  @Test func randomValuesReadBack() throws {
    var generator = TestGenerator(seed: 7)
    for _ in 0..<2000 {
      let value = randomValue(depth: 0, &generator)
      let back = try #require(ConfigurationValue(canonicalJSON: value.canonicalJSON))
      #expect(back == value)
      #expect(back.canonicalJSON == value.canonicalJSON)
    }
  }

  @Test func leavesHaveDottedPaths() {
    let value = ConfigurationValue.map([
      "learner": .text("gbdt"), "parameters": .map(["rate": .number(0.1), "leaves": .list([.integer(1)]), "none": .map([:])]),
    ])
    let leaves = value.leaves(prefix: "train").map { "\($0.path) = \($0.value.display)" }
    #expect(
      leaves == [
        "train.learner = gbdt", "train.parameters.leaves = [1]", "train.parameters.none = {}", "train.parameters.rate = 0.1",
      ])
  }

  private func randomValue(depth: Int, _ generator: inout TestGenerator) -> ConfigurationValue {
    switch Int.random(in: 0...(depth < 4 ? 6 : 4), using: &generator) {
    case 0: .null
    case 1: .boolean(Bool.random(using: &generator))
    case 2: .integer(Int(truncatingIfNeeded: generator.next()))
    case 3: .number(randomNumber(&generator))
    case 4: .text(randomText(&generator))
    case 5:
      .list((0..<Int.random(in: 0...3, using: &generator)).map { _ in randomValue(depth: depth + 1, &generator) })
    default:
      .map(
        Dictionary(
          (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            (randomText(&generator), randomValue(depth: depth + 1, &generator))
          }, uniquingKeysWith: { first, _ in first }))
    }
  }

  private func randomNumber(_ generator: inout TestGenerator) -> Double {
    let number = Double(bitPattern: generator.next())
    return number.isFinite ? number : 0.5
  }

  private func randomText(_ generator: inout TestGenerator) -> String {
    let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\r", "\t", "\u{1}", "\u{7f}", "é", "\u{301}", "🪶", "/", "{"]
    var text = ""
    for _ in 0..<Int.random(in: 0...5, using: &generator) {
      text.unicodeScalars.append(scalars.randomElement(using: &generator)!)
    }
    return text
  }
}
