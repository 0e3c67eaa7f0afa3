// The lines for a notebook, taken from the documentation and executed by Jupyter in a real workspace.

import Testing

extension Stories {
  @Suite struct Notebooks {
    /// Makes a notebook of the lines that are the script's argument, executes it, and prints what its cell gave as an SVG.
    private static let execute = """
      import sys, nbformat
      from nbconvert.preprocessors import ExecutePreprocessor
      notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(sys.argv[1])])
      ExecutePreprocessor(timeout=100, kernel_name="python3").preprocess(notebook, {"metadata": {"path": "."}})
      print("".join(output.data["image/svg+xml"] for output in notebook.cells[0].outputs if "data" in output))
      """

    /// The one block of Python on the page.
    private static func documentedLines() throws -> String {
      let page = try Workspace(copyOf: Checkout.root + "/docs").read("notebooks.md")
      let blocks = page.components(between: "```python\n", and: "```")
      guard blocks.count == 1 else { throw StoryFailure("docs/notebooks.md has \(blocks.count) blocks of Python, not one") }
      return blocks[0]
    }

    @Test func theTwoLinesOfTheDocumentationDrawTheGraph() throws {
      let lines = try Self.documentedLines()
      #expect(lines.split(separator: "\n").count == 2, "\(lines)")
      let workspace = try Flights.finished()
      let path = "\(Checkout.programs):\(Checkout.environment["PATH"] ?? "")"
      // A kernel leaves its history at home.
      let cell = try workspace.python(Self.execute, lines, environment: ["PATH": path, "HOME": workspace.root])
      #expect(cell.hasPrefix("<svg "), "\(cell)")
      for text in ["ingest × dt", "succeeded", "promote", "waiting"] {
        #expect(cell.contains(">\(text)</text>"), "\(text) is missing in\n\(cell)")
      }
    }
  }
}

extension String {
  /// What stands between each two marks.
  fileprivate func components(between start: String, and end: String) -> [String] {
    split(separator: start, omittingEmptySubsequences: false).dropFirst().compactMap { rest in
      rest.firstRange(of: end).map { String(rest[..<$0.lowerBound]) }
    }
  }
}
