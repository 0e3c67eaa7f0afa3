// Helpers of these tests: read a text, give back values or what is printed.

import MartletModel
import MartletSyntax

/// The file's values; empty where it has errors.
func values(_ text: String) -> [String: ConfigurationValue] {
  guard case .success(let values) = ConfigurationReader.read(text: text, file: "config/test.yaml") else { return [:] }
  return values
}

/// What is printed for a file of configuration that has errors.
func errors(_ text: String) -> String {
  guard case .failure(let diagnostics) = ConfigurationReader.read(text: text, file: "test.yaml") else { return "" }
  return diagnostics.entries.map(\.rendered).joined(separator: "\n")
}

/// What is printed for a pipeline file.
func problems(_ text: String) -> String {
  PipelineReader.read(text: text, file: "martlet.yaml").diagnostics.map(\.rendered).joined(separator: "\n")
}

/// One line for each problem of a pipeline file: place, code, message and help.
func brief(_ text: String) -> String {
  PipelineReader.read(text: text, file: "martlet.yaml").diagnostics.map { problem in
    "\(problem.location.line):\(problem.location.column) \(problem.code) \(problem.message)"
      + (problem.help.map { " | " + $0 } ?? "")
  }.joined(separator: "\n")
}
