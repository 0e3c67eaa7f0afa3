// Mistakes in schema.yaml: each with its place and what was probably meant.

import MartletModel
import Testing

@testable import BuiltinTasks

struct SchemaFileTests {
  /// Reads every section and gives the first lines of all diagnostics.
  private func mistakes(_ text: String) throws -> [String] {
    do {
      let schema = try SchemaFile(text: text, path: "schema.yaml")
      let tables = try schema.tables()
      _ = try schema.join(tables)
      _ = try schema.checks()
      _ = try schema.rowRules()
      if text.contains("features:") { _ = try schema.features() }
      try schema.finish()
      return []
    } catch let diagnostics as Diagnostics {
      return diagnostics.entries.map {
        "\($0.location.line):\($0.location.column) \($0.message)\($0.help.map { "; " + $0 } ?? "")"
      }
    }
  }

  @Test("unknown keys, types and choices, all at once")
  func unknown() throws {
    let text = """
      columns:
        orders:
          on_mising: fail
          fields: {id: integre, price: {type: number, requird: true}}
      check: {}
      """
    let found = try mistakes(text)
    #expect(found.count == 4, "\(found)")
    #expect(found.contains("3:5 unknown key \"on_mising\" in \"orders\"; did you mean \"on_missing\"?"))
    #expect(found.contains("4:18 \"id\" can't be \"integre\"; did you mean \"integer\"?"))
    #expect(found.contains("5:1 unknown key \"check\"; did you mean \"checks\"?"))
  }

  @Test("how files are written: each key has its values")
  func dialect() throws {
    let text = """
      columns:
        orders:
          encoding: latin1
          quote: ""
          escape: ab
          skip_lines: -1
          header: no
          thousands: "."
          decimal: "."
          fields: {id: integer}
      """
    let found = try mistakes(text)
    #expect(
      found == [
        "3:15 \"encoding\" can't be \"latin1\"; did you mean \"latin-1\"?",
        "5:13 \"escape\" must be one ASCII character, found \"ab\"",
        "6:17 \"skip_lines\" is -1, but must be between 0 and 1000",
        "7:13 \"header\" must be true or false, found the text \"no\"",
        "8:16 \"thousands\" is the decimal sign, too: both can't be \".\"",
      ], "\(found)")
  }

  @Test("several tables need a join, whose names must be known")
  func join() throws {
    let columns = "columns:\n  a: {fields: {x: integer}}\n  b: {fields: {x: integer, y: number}}\n"
    #expect(try mistakes(columns) == ["2:3 \"columns\" has the tables a, b, and no \"join\" says how they become one"])
    let join =
      columns
      + "join:\n  from: a\n  left:\n    - {table: c, on: {x: x}, columns: {y: y}}\n    - {table: b, on: {z: x}, columns: {x: y, w: v}}\n"
    let found = try mistakes(join)
    #expect(
      found == [
        "7:15 there is no table \"c\"; did you mean \"a\"?", "8:23 the table \"b\" has no column \"z\"; did you mean \"x\"?",
        "8:40 the result already has a column \"x\"; give it another name",
        "8:49 the table \"b\" has no column \"v\"; did you mean \"x\"?",
      ])
  }

  @Test("a check needs one condition and what its metric asks for")
  func checks() throws {
    let text = """
      columns: {a: {fields: {x: integer}}}
      checks:
        quality:
          - {metric: rowCount}
          - {metric: nullValues, mustBe: 0}
          - {metric: rowCount, mustBeBetween: [1]}
          - {column: x, metric: invalidValues, mustBe: 0}
      """
    let found = try mistakes(text).map { String($0.prefix { $0 != ";" }) }
    #expect(
      found == [
        "4:7 a check needs one condition", "5:7 \"nullValues\" needs a \"column\"", "6:41 \"mustBeBetween\" takes two numbers",
        "7:7 \"invalidValues\" needs \"arguments\" with \"validValues\" or a \"pattern\"",
      ])
  }

  @Test("a task may read only the keys that its input names")
  func keys() throws {
    let schema = try SchemaFile(
      text: "columns: {a: {fields: {x: integer}}}\njoin: {from: a}\n", path: "s.yaml", declaredKeys: ["columns"])
    #expect(
      throws: TaskFailure(.config, "the task reads `join` of s.yaml: name it in the input's keys, as in keys: [columns, join]")
    ) { try schema.join(try schema.tables()) }
  }

  @Test("the example in docs/configuration.md reads without a mistake")
  func documentation() throws {
    let root = #filePath.split(separator: "/Tests/")[0]
    let page = try TaskFile.text("/\(root)/docs/configuration.md".replacing("//", with: "/"))
    let blocks = page.split(separator: "```yaml\n").dropFirst().map { $0.split(separator: "```")[0] }
    let example = try #require(blocks.first { $0.contains("flights:") && $0.contains("features:") })
    #expect(try mistakes(String(example)) == [])
  }
}
