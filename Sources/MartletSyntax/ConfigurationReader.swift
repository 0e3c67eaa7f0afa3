/// Reads a YAML file of configuration, either as plain values or as located ones for a reader of its own.

import MartletModel

public enum ConfigurationReader {
  /// The value of each top-level key. Only content counts: comments, order, quoting and indentation change nothing.
  /// - Parameter file: the name that diagnostics show.
  public static func read(text: String, file: String) -> Result<[String: ConfigurationValue], Diagnostics> {
    let document = ConfigurationDocument(text: text, file: file)
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

  public init(text: String, file: String) {
    let source = SourceText(text: text, file: file)
    diagnostics = DiagnosticCollector(source: source)
    root = YAMLDocument.read(source, diagnostics)
  }
}
