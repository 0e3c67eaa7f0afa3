// Runs Python with the packages of `.venv/` (made by `make test`), to compare our numbers with scikit-learn's, SciPy's, Evidently's and LightGBM's.

import Foundation
import MartletFiles
import Testing

enum Python {
  /// The folder of Package.swift.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Runs `script`, which finds `input` as the variable `data` and leaves its answer in `answer`; both travel as JSON.
  static func answer<Input: Encodable, Answer: Decodable>(
    _ script: String, input: Input, as type: Answer.Type = Answer.self
  ) throws -> Answer {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    let program = """
      import json, math, sys, warnings
      warnings.filterwarnings("ignore")
      data = json.load(sys.stdin)
      \(script)
      print("\\n" + json.dumps(answer, default=float))
      """
    let output = try HelperProgram.run(
      ["\(root)/.venv/bin/python", "-c", program], input: Array(try encoder.encode(input)))
    let message = Comment(rawValue: String(decoding: output.standardError, as: UTF8.self))
    try #require(output.status == 0, message)
    let line = try #require(output.standardOutput.split(separator: UInt8(ascii: "\n")).last, message)
    return try JSONDecoder().decode(Answer.self, from: Data(line))
  }
}

/// Whether two numbers agree, absolutely or relative to their size.
func agree(_ left: Double, _ right: Double, within tolerance: Double) -> Bool {
  left == right || abs(left - right) <= tolerance * max(1, abs(left), abs(right))
}
