/// When a model is too shaky to be used: `stability` of `config/train.yaml`.

import MartletSyntax

struct StabilityDeclaration {
  /// Rolling folds inside the training window; 0: none.
  private(set) var folds = 0
  /// Trees a fold.
  private(set) var rounds = 100
  private(set) var maxSpread: Double?
  private(set) var floor: Double?

  init(_ file: TrainFile) throws {
    let diagnostics = file.diagnostics
    guard let map = try file.section("stability")?.map(keys: ["folds", "rounds", "max_spread", "floor"], diagnostics)
    else { return }
    if let value = map["folds"]?.integer(in: 0...50, diagnostics) { folds = value }
    if let value = map["rounds"]?.integer(in: 1...100_000, diagnostics) { rounds = value }
    maxSpread = map["max_spread"]?.number(in: 0...Double.greatestFiniteMagnitude, diagnostics)
    floor = map["floor"]?.number(diagnostics)
  }
}
