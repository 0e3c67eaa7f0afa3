/// `config/schema.yaml`, read section by section: a task reads only the keys that it declared.

import MartletModel
import MartletSyntax

/// The file, opened. Each section reports what is wrong with it; `finish` throws all of it at once.
struct SchemaFile {
  static let keys = ["columns", "join", "checks", "rows", "features"]

  let path: String
  let diagnostics: DiagnosticCollector
  private let root: LocatedMap
  private let declaredKeys: [String]?

  /// Opens the schema that is an item's input `schema`.
  ///
  /// - Throws: `Diagnostics` for a file that is no YAML map or has unknown keys; `TaskFailure` if it cannot be read.
  init(_ item: TaskSpecification.Item) throws {
    try self.init(path: try item.input("schema"), declaredKeys: item.inputs["schema"]?.keys)
  }

  init(path: String, declaredKeys: [String]? = nil) throws {
    try self.init(text: try TaskFile.text(path), path: path, declaredKeys: declaredKeys)
  }

  init(text: String, path: String, declaredKeys: [String]? = nil) throws {
    let document = ConfigurationDocument(text: text, file: path)
    self.path = path
    diagnostics = document.diagnostics
    self.declaredKeys = declaredKeys
    guard let root = document.root?.map(keys: Self.keys, document.diagnostics) else {
      throw Diagnostics(document.diagnostics.diagnostics)
    }
    self.root = root
  }

  /// The value of a top-level key; `nil` where it is absent.
  ///
  /// - Throws: `TaskFailure` where the task's input does not name the key: then the fingerprint would not know of it.
  func section(_ key: String) throws -> LocatedValue? {
    guard let value = root[key], !value.isNull else { return nil }
    if let declaredKeys, !declaredKeys.contains(key) {
      throw TaskFailure(
        .config,
        "the task reads `\(key)` of \(path): name it in the input's keys, as in keys: [\((declaredKeys + [key]).joined(separator: ", "))]"
      )
    }
    return value
  }

  /// The value of a top-level key that must be there.
  func requiredSection(_ key: String) throws -> LocatedValue? {
    if let value = try section(key) { return value }
    return root.required(key, diagnostics)
  }

  /// Throws everything that the sections reported.
  func finish() throws {
    if diagnostics.hasErrors { throw Diagnostics(diagnostics.diagnostics) }
  }
}
