/// `config/schema.yaml`: tables and how they are joined, checks, row rules, features.

import MartletModel
import MartletSyntax

struct SchemaFile: SectionedFile {
  static let keys = ["columns", "join", "checks", "rows", "features"]

  let sections: Sections

  /// Opens the schema that is an item's input `schema`.
  init(_ item: TaskSpecification.Item) throws {
    sections = try Sections(item, input: "schema", keys: Self.keys)
  }

  init(path: String) throws {
    try self.init(text: try TaskFile.text(path), path: path)
  }

  init(text: String, path: String, declaredKeys: [String]? = nil) throws {
    sections = try Sections(text: text, path: path, keys: Self.keys, declaredKeys: declaredKeys)
  }
}
