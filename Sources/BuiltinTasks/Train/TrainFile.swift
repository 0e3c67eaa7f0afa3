/// `config/train.yaml`: learner, parameters, seeds, split, stability, thresholds, drift.

import MartletModel
import MartletSyntax

struct TrainFile: SectionedFile {
  static let keys = ["learner", "parameters", "seeds", "split", "stability", "thresholds", "drift"]

  let sections: Sections

  /// Opens the file that is an item's input `config`.
  init(_ item: TaskSpecification.Item) throws {
    sections = try Sections(item, input: "config", keys: Self.keys)
  }

  init(text: String, path: String, declaredKeys: [String]? = nil) throws {
    sections = try Sections(text: text, path: path, keys: Self.keys, declaredKeys: declaredKeys)
  }

  /// Every section has a default here, so that an absent one decides too and has to be declared.
  func section(_ key: String) throws -> LocatedValue? {
    try sections.mustBeDeclared(key)
    return sections.value(key)
  }
}
