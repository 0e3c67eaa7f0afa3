/// Reads a YAML file of configuration, either as plain values or as located ones for a reader of its own.

import MartletModel

public enum ConfigurationReader {
  /// The value of each top-level key. Only content counts: comments, order, quoting and indentation change nothing.
  /// - Parameter file: the name that diagnostics show.
  public static func read(text: String, file: String) -> Result<[String: ConfigurationValue], Diagnostics> {
    read(ConfigurationDocument(text: text, file: file))
  }

  /// The same of a file's bytes; a file that is not UTF-8 is an error.
  public static func read(bytes: [UInt8], file: String) -> Result<[String: ConfigurationValue], Diagnostics> {
    read(ConfigurationDocument(bytes: bytes, file: file))
  }

  private static func read(_ document: ConfigurationDocument) -> Result<[String: ConfigurationValue], Diagnostics> {
    guard let root = document.root, !document.diagnostics.hasErrors else {
      return .failure(Diagnostics(document.diagnostics.diagnostics))
    }
    if root.isNull { return .success([:]) }
    guard root.anyMap(document.diagnostics) != nil, case .map(let values) = root.configuration else {
      return .failure(Diagnostics(document.diagnostics.diagnostics))
    }
    return .success(values)
  }
}

/// A YAML file as located values, with the collector for whatever a reader finds wrong with them.
///
///     let document = ConfigurationDocument(text: text, file: "config/train.yaml")
///     let map = document.root?.map(keys: ["learner", "seeds"], document.diagnostics)
///     let seeds = map?["seeds"]?.list(document.diagnostics)?.compactMap { $0.integer(document.diagnostics) }
///     guard !document.diagnostics.hasErrors else { throw Diagnostics(document.diagnostics.diagnostics) }
public struct ConfigurationDocument {
  /// `nil` where the text is no YAML; `diagnostics` says why. A null for an empty file.
  public let root: LocatedValue?
  public let diagnostics: DiagnosticCollector

  public init(text: String, file: String, limits: YAMLLimits = .configuration) {
    let source = SourceText(text: text, file: file)
    diagnostics = DiagnosticCollector(source: source)
    root = YAMLDocument.read(source, limits, diagnostics)
  }

  /// The same of a file's bytes; a file that is not UTF-8 is an error.
  public init(bytes: [UInt8], file: String, limits: YAMLLimits = .configuration) {
    let source = SourceText(text: String(decoding: bytes, as: UTF8.self), file: file)
    diagnostics = DiagnosticCollector(source: source)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      // Decoding put a replacement character where the first bytes were wrong.
      let offset = source.scalars.firstIndex(of: "\u{FFFD}") ?? 0
      diagnostics.report(
        .syntax, "the file is not UTF-8", at: source.location(offset: offset), help: "save it as UTF-8 in your editor")
      root = nil
      return
    }
    root = YAMLDocument.read(source, limits, diagnostics)
  }
}
