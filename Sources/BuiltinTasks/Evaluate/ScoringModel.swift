/// A model that is ready to score the rows of a file.

import LightGBM

struct ScoringModel {
  let booster: Booster
  let encoding: FeatureEncoding
  let objective: Objective

  /// Why a model cannot score a file's rows.
  struct Mismatch: Error, CustomStringConvertible {
    let description: String
  }

  /// Reads a model's text and fits it to the columns of a file.
  ///
  /// - Throws: `Mismatch` where the file lacks a feature or has it in another kind, `LightGBMError` for a text that is no model.
  init(text: String, reader: FeatureReader, library: LightGBMLibrary) throws {
    let model = try ModelText(parsing: text)
    booster = try Booster(text: model.trees, library: library)
    objective = try Self.objective(of: model)
    let names = try booster.featureNames()
    let known = Set(reader.roles.features.map(\.name))
    let missing = names.filter { !known.contains($0) }
    guard missing.isEmpty else {
      throw Mismatch(description: "it was trained with \(missing.joined(separator: ", ")), which the features do not have")
    }
    guard let encoding = reader.encoding(names: names, categories: model.categories) else {
      throw Mismatch(description: "it was trained with other features categorical than the features have now")
    }
    self.encoding = encoding
  }

  /// The line `objective=binary sigmoid:1` of the text.
  private static func objective(of model: ModelText) throws -> Objective {
    for line in model.trees.split(separator: "\n", maxSplits: 40) where line.hasPrefix("objective=") {
      let word = line.dropFirst("objective=".count).prefix { $0 != " " }
      if let objective = Objective(rawValue: String(word)) { return objective }
      throw Mismatch(description: "its objective is \(word), which is not known here")
    }
    throw Mismatch(description: "its text names no objective")
  }
}
