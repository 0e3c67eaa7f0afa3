/// What drift does to the verdict: `drift` of `config/train.yaml`.

import MartletSyntax

struct DriftDeclaration {
  /// The share of drifted features from which on the data as a whole have drifted.
  private(set) var share = 0.5
  private(set) var verdict = Severity.warn
  private(set) var score = Severity.warn
  private(set) var ignore: [String] = []

  init(_ file: TrainFile) throws {
    let diagnostics = file.diagnostics
    guard let map = try file.section("drift")?.map(keys: ["share", "verdict", "score", "ignore"], diagnostics) else { return }
    if let value = map["share"]?.number(in: 0...1, diagnostics) { share = value }
    if let value: Severity = map["verdict"]?.choice(diagnostics) { verdict = value }
    if let value: Severity = map["score"]?.choice(diagnostics) { score = value }
    if let value = map["ignore"]?.texts(diagnostics) { ignore = value }
  }
}
