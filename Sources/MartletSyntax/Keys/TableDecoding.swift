/// Reading maps by their table of keys.

import MartletModel

extension LocatedValue {
  /// The map, without the keys that its table does not know; those are reported, as are keys of later versions and missing ones.
  func map(_ table: KeyTable, _ diagnostics: DiagnosticCollector) -> LocatedMap? {
    guard let map = anyMap(diagnostics) else { return nil }
    for entry in map.entries where !entry.key.hasPrefix("x-") {
      guard let key = table.key(entry.key) else {
        let place = name.isEmpty ? "" : " in \"\(name)\""
        diagnostics.report(
          .unknownKey, "unknown key \"\(entry.key)\"\(place)", atKeyOf: entry,
          help: help(forUnknown: entry.key, table))
        continue
      }
      if key.availability == .later {
        diagnostics.report(
          .laterVersion, "this version of Martlet does not have \"\(entry.key)\"", atKeyOf: entry, help: "remove the key")
      }
    }
    for key in table.keys where key.isRequired && map[key.name] == nil {
      let place = name.isEmpty ? "" : " in \"\(name)\""
      diagnostics.report(.missingKey, "missing key \"\(key.name)\"\(place)", at: self)
    }
    return map
  }

  /// The nearest key of this table, else where the key would belong, else the keys there are.
  private func help(forUnknown key: String, _ table: KeyTable) -> String? {
    if let nearest = Suggestion.nearest(to: key, among: table.knownNames) { return "did you mean \"\(nearest)\"?" }
    for other in PipelineKeys.tables where other.name != table.name {
      if other.knownNames.contains(key) { return "it is a key of \(other.title): move it there" }
    }
    return suggestion(for: key, among: table.knownNames)
  }

  /// One of the words that the table's key allows.
  func word(_ words: [String], later: [String] = [], _ diagnostics: DiagnosticCollector) -> String? {
    guard let text = text(diagnostics) else { return nil }
    if words.contains(text) { return text }
    if later.contains(text) {
      diagnostics.report(
        .laterVersion, "this version of Martlet does not have \"\(name): \(text)\"", at: self,
        help: suggestion(for: "", among: words))
    } else {
      diagnostics.report(
        .invalidValue, "\"\(name)\" can't be \"\(text)\"", at: self, help: suggestion(for: text, among: words))
    }
    return nil
  }
}
