/// `config/train.yaml`, read section by section: a task reads only the keys that it declared.

import MartletModel
import MartletSyntax

/// The file, opened. Each section reports what is wrong with it; `finish` throws all of it at once.
struct TrainFile {
  static let keys = ["learner", "parameters", "seeds", "split", "stability", "thresholds", "drift"]

  let diagnostics: DiagnosticCollector
  private let path: String
  private let root: LocatedMap
  private let declaredKeys: [String]?

  /// Opens the file that is an item's input `config`.
  ///
  /// - Throws: `Diagnostics` for a file that is no YAML map or has unknown keys; `TaskFailure` if it cannot be read.
  init(_ item: TaskSpecification.Item) throws {
    let path = try item.input("config")
    try self.init(text: try TaskFile.text(path), path: path, declaredKeys: item.inputs["config"]?.keys)
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

  /// The value of a top-level key; nil where it is absent.
  ///
  /// - Throws: `TaskFailure` where the task's input does not name the key: then the fingerprint would not know of it.
  func section(_ key: String) throws -> LocatedValue? {
    if let declaredKeys, !declaredKeys.contains(key) {
      let all = (declaredKeys + [key]).joined(separator: ", ")
      throw TaskFailure(.config, "the task reads `\(key)` of \(path): name it in the input's keys, as in keys: [\(all)]")
    }
    return root[key].flatMap { $0.isNull ? nil : $0 }
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
