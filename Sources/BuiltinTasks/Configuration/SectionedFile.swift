/// A configuration file of the built-in tasks, read section by section: a task reads only the keys that it declared.

import MartletModel
import MartletSyntax

/// A kind of such file. Each section reports what is wrong with it; `finish` throws all of it at once.
protocol SectionedFile {
  var sections: Sections { get }

  /// The value of a top-level key; `nil` where it is absent.
  ///
  /// - Throws: `TaskFailure` where the task's input does not name the key.
  func section(_ key: String) throws -> LocatedValue?
}

/// The file, opened.
struct Sections {
  let path: String
  let diagnostics: DiagnosticCollector
  private let root: LocatedMap
  private let declaredKeys: [String]?

  /// - Parameters:
  ///   - keys: those that the file may have.
  ///   - declaredKeys: those that the task's input names; `nil` for all.
  /// - Throws: `Diagnostics` for a file that is no YAML map or has unknown keys.
  init(text: String, path: String, keys: [String], declaredKeys: [String]?) throws {
    let document = ConfigurationDocument(text: text, file: path)
    self.path = path
    diagnostics = document.diagnostics
    self.declaredKeys = declaredKeys
    guard let root = document.root?.map(keys: keys, document.diagnostics) else {
      throw Diagnostics(document.diagnostics.diagnostics)
    }
    self.root = root
  }

  /// Opens the file that is an item's input of this name.
  /// - Throws: `Diagnostics`; `TaskFailure` if it cannot be read.
  init(_ item: TaskSpecification.Item, input: String, keys: [String]) throws {
    let path = try item.input(input)
    try self.init(text: try TaskFile.text(path), path: path, keys: keys, declaredKeys: item.inputs[input]?.keys)
  }

  /// - Throws: `TaskFailure` where the task's input does not name the key: then the fingerprint would not know of it.
  func mustBeDeclared(_ key: String) throws {
    guard let declaredKeys, !declaredKeys.contains(key) else { return }
    let all = (declaredKeys + [key]).joined(separator: ", ")
    throw TaskFailure(.config, "the task reads `\(key)` of \(path): name it in the input's keys, as in keys: [\(all)]")
  }

  func value(_ key: String) -> LocatedValue? { root[key].flatMap { $0.isNull ? nil : $0 } }

  fileprivate func required(_ key: String) -> LocatedValue? { root.required(key, diagnostics) }
}

extension SectionedFile {
  var path: String { sections.path }
  var diagnostics: DiagnosticCollector { sections.diagnostics }

  func section(_ key: String) throws -> LocatedValue? {
    guard let value = sections.value(key) else { return nil }
    try sections.mustBeDeclared(key)
    return value
  }

  /// The value of a top-level key that must be there.
  func requiredSection(_ key: String) throws -> LocatedValue? {
    if let value = try section(key) { return value }
    return sections.required(key)
  }

  /// Throws everything that the sections reported.
  func finish() throws {
    if diagnostics.hasErrors { throw Diagnostics(diagnostics.diagnostics) }
  }
}
