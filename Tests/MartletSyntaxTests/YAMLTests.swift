// YAML's core schema of 1.2, and what happens with texts that are no YAML or too much of it.

import MartletModel
import MartletSyntax
import Testing

struct YAMLTests {
  @Test(arguments: [
    "on", "off", "yes", "no", "y", "n", "NO", "On", "1:30", "190:20:30", "2026-01-01", "2001-12-14t21:59:43.10-05:00", "0b101",
    "1_000", "0o8", "0xG", "+0x1", "-0o7", "1e", "e5", ".", "+", "1.2.3", "nul", "tRUE", ".infinity", "12 apples", "=",
  ])
  func staysText(_ text: String) {
    #expect(values("value: \(text)\n")["value"] == .text(text))
  }

  @Test(
    arguments: [
      ("0o17", .integer(15)), ("0x1F", .integer(31)), ("017", .integer(17)), ("-12", .integer(-12)), ("+12", .integer(12)),
      ("0", .integer(0)), ("1.5", .number(1.5)), (".5", .number(0.5)), ("-.5", .number(-0.5)), ("1.", .number(1)),
      ("1e3", .number(1000)), ("1.e3", .number(1000)), ("6.02E+23", .number(6.02e23)), (".inf", .number(.infinity)),
      ("-.INF", .number(-.infinity)), ("99999999999999999999", .number(1e20)), ("true", .boolean(true)),
      ("FALSE", .boolean(false)), ("null", .null), ("~", .null), ("", .null), ("\"1\"", .text("1")), ("'true'", .text("true")),
      ("!!str 5", .text("5")), ("!!float 5", .number(5)), ("!!int \"5\"", .integer(5)), ("! 5", .text("5")),
    ] as [(String, ConfigurationValue)])
  func resolves(_ text: String, _ value: ConfigurationValue) {
    #expect(values("value: \(text)\n")["value"] == value)
  }

  @Test func notANumber() {
    guard case .number(let value)? = values("value: .nan\n")["value"] else {
      Issue.record("no number")
      return
    }
    #expect(value.isNaN)
  }

  @Test func onlyContentCounts() {
    let one = values("# first\na: {x: 1, y: [1, two]}\nb: 'text'\n")
    let other = values("b: text   # second\na:\n  y:\n  - 1\n  - \"two\"\n  x: 0x1\n")
    #expect(one == other)
    #expect(!one.isEmpty)
  }

  @Test func emptyFiles() {
    for text in ["", "\n\n", "# nothing\n", "\u{FEFF}", "---\n", "~"] {
      let result = ConfigurationReader.read(text: text, file: "empty.yaml")
      #expect((try? result.get()) == [:], "\(text.debugDescription)")
    }
  }

  @Test func byteOrderMarkAndLineEnds() {
    #expect(values("\u{FEFF}a: 1\r\nb: 2\r\n") == ["a": .integer(1), "b": .integer(2)])
    #expect(
      errors("\u{FEFF}a: 1\r\nb: 2\r\na: 3\r\n") == """
        test.yaml:3:1: error[E102]: duplicate key "a"
          |
        3 | a: 3
          | ^
          = note: test.yaml:1:1: first set here
          = help: remove one of the two, or rename it
        """)
  }

  @Test func bytesThatAreNotText() {
    let bytes = Array("a: 1\nb: ".utf8) + [0xE9, 0x0A]
    guard case .failure(let diagnostics) = ConfigurationReader.read(bytes: bytes, file: "test.yaml") else {
      Issue.record("read")
      return
    }
    #expect(
      diagnostics.entries.map(\.rendered) == [
        """
        test.yaml:2:4: error[E101]: the file is not UTF-8
          |
        2 | b: \u{FFFD}
          |    ^
          = help: save it as UTF-8 in your editor
        """
      ])
    #expect((try? ConfigurationReader.read(bytes: Array("a: é".utf8), file: "test.yaml").get()) == ["a": .text("é")])
  }

  @Test func everyDuplicateIsTold() {
    let text = """
      a: 1
      b: {x: 1, "x": 2}
      a: 2
      a: 3
      c: [{k: 1, k: 2}]
      """
    #expect(
      errors(text) == """
        test.yaml:2:11: error[E102]: duplicate key "x"
          |
        2 | b: {x: 1, "x": 2}
          |           ^^^
          = note: test.yaml:2:5: first set here
          = help: remove one of the two, or rename it
        test.yaml:3:1: error[E102]: duplicate key "a"
          |
        3 | a: 2
          | ^
          = note: test.yaml:1:1: first set here
          = help: remove one of the two, or rename it
        test.yaml:4:1: error[E102]: duplicate key "a"
          |
        4 | a: 3
          | ^
          = note: test.yaml:1:1: first set here
          = help: remove one of the two, or rename it
        test.yaml:5:12: error[E102]: duplicate key "k"
          |
        5 | c: [{k: 1, k: 2}]
          |            ^
          = note: test.yaml:5:6: first set here
          = help: remove one of the two, or rename it
        """)
  }

  @Test func syntaxErrors() {
    #expect(
      errors("a:\n  b: 1\n\tc: 2\n") == """
        test.yaml:3:1: error[E101]: not YAML: found a tab character that violates indentation
          |
        3 | \tc: 2
          | ^
          = note: test.yaml:2:6: while scanning a plain scalar
          = help: indent with spaces, not with tabs
        """)
    #expect(
      errors("in: {flights: data/dt=${{ dt }}/a.csv}\n").hasSuffix(
        "  = help: a value with ${{ }} inside { … } or [ … ] needs quotes: \"${{ x }}\""))
    #expect(errors("a: 1\n---\nb: 2\n").hasSuffix("  = help: a file holds one document: remove the line \"---\""))
    #expect(errors("a: *b\n").hasPrefix("test.yaml:1:4: error[E101]: not YAML: found undefined alias"))
    #expect(errors("a: \u{1}\n").hasPrefix("test.yaml:1:4: error[E101]: not YAML: control characters are not allowed (U+1)"))
  }

  @Test func tagsThatDoNotFit() {
    #expect(
      errors("a: !!int five\nb: !Mine {x: 1}\nc: !!set [1]\n") == """
        test.yaml:1:4: error[E103]: the tag "!!int" does not fit this value
          |
        1 | a: !!int five
          |    ^
          = help: remove the tag
        test.yaml:2:4: error[E103]: the tag "!Mine" does not fit this value
          |
        2 | b: !Mine {x: 1}
          |    ^
          = help: remove the tag
        test.yaml:3:4: error[E103]: the tag "!!set" does not fit this value
          |
        3 | c: !!set [1]
          |    ^
          = help: remove the tag
        """)
  }

  @Test func aliasesStandForTheirAnchors() {
    #expect(values("a: &one {x: 1}\nb: *one\n")["b"] == .map(["x": .integer(1)]))
    #expect(errors("a: &one {x: 1}\nb: {<<: *one}\n").hasPrefix("test.yaml:2:5: error[E103]: YAML 1.2 has no merge keys"))
  }

  @Test func bombsAreRefused() {
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n"
    for level in 1...6 {
      bomb += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 8).joined(separator: ", ") + "]\n"
    }
    #expect(errors(bomb).contains("error[E104]: the file has more than 100000 values once its aliases are replaced"))
    let aliases = "a: &a x\nb: [" + Array(repeating: "*a", count: 65).joined(separator: ", ") + "]\n"
    #expect(errors(aliases).contains("error[E104]: the file has more than 64 aliases"))
  }

  @Test func aPipelineMayBeLargeAndABombInItIsRefused() {
    let tasks = (0..<20_000).map { "  t\($0): {run: \"x ${{ out.o }}\", in: {x: ./source}, out: {o: out/t\($0)}}\n" }.joined()
    let text = "martlet: 1\npipeline: p\ntasks:\n" + tasks
    #expect(text.utf8.count > 1 << 20)
    #expect(PipelineReader.read(text: text, file: "martlet.yaml").pipeline?.tasks.count == 20_000)
    #expect(errors(text).contains("error[E104]"))
    var bomb = "x-0: &a0 [x, x, x, x, x, x, x, x]\n"
    for level in 1...7 {
      bomb += "x-\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 8).joined(separator: ", ") + "]\n"
    }
    let refused = PipelineReader.read(text: bomb, file: "martlet.yaml")
    #expect(refused.pipeline == nil)
    #expect(refused.diagnostics.contains { $0.message == "the file has more than 1000000 values once its aliases are replaced" })
  }

  @Test func deepNestingIsRefused() {
    let depth = 65
    let nested = "a: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(errors(nested).contains("error[E104]: values are nested more than 64 deep"))
    let abyss = "a: " + String(repeating: "[", count: 100_000)
    #expect(errors(abyss).contains("error[E101]"))
    #expect(errors("a: " + String(repeating: "x", count: 1 << 20)).contains("error[E104]: the file is larger than 1048576"))
  }

  @Test func decodingReportsEverythingAtOnce() {
    let document = ConfigurationDocument(
      text: """
        learner: lightgbm
        seeds: [1, two]
        splt: 3
        ratio: 2
        quick: yes
        """, file: "config/train.yaml")
    let map = document.root?.map(keys: ["learner", "seeds", "split", "ratio", "quick"], document.diagnostics)
    #expect(map?["learner"]?.text(document.diagnostics) == "lightgbm")
    #expect(map?["seeds"]?.list(document.diagnostics)?.compactMap { $0.integer(document.diagnostics) } == [1])
    #expect(map?["ratio"]?.number(in: 0...1, document.diagnostics) == nil)
    #expect(map?["quick"]?.boolean(document.diagnostics) == nil)
    #expect(map?.required("split", document.diagnostics) == nil)
    #expect(
      document.diagnostics.diagnostics.map(\.rendered).joined(separator: "\n") == """
        config/train.yaml:1:1: error[E107]: missing key "split"
          |
        1 | learner: lightgbm
          | ^^^^^^^
        config/train.yaml:2:12: error[E105]: "seeds" must be an integer, found the text "two"
          |
        2 | seeds: [1, two]
          |            ^^^
        config/train.yaml:3:1: error[E106]: unknown key "splt"
          |
        3 | splt: 3
          | ^^^^
          = help: did you mean "split"?
        config/train.yaml:4:8: error[E108]: "ratio" is 2.0, but must be between 0.0 and 1.0
          |
        4 | ratio: 2
          |        ^
        config/train.yaml:5:8: error[E105]: "quick" must be true or false, found the text "yes"
          |
        5 | quick: yes
          |        ^^^
        """)
  }
}
