/// The key `rows` of schema.yaml: which rows are set aside, and how many may be.

import MartletModel
import MartletSyntax

/// A row for which `condition` is true is set aside with `code`.
struct RowRule {
  let code: String
  /// SQL over the ingested columns.
  let condition: String
  let why: String?
}

/// The rules and the budget for bad rows.
struct RowRules {
  var rules: [RowRule] = []
  var maximumBadPercent = 1.0
  var maximumBadRows: Int?
}

extension SchemaFile {
  /// Codes that clean itself gives: rows without a label, rows without a time.
  static let reservedCodes = ["no_label", "no_time"]

  func rowRules() throws -> RowRules {
    var rules = RowRules()
    guard let map = try section("rows")?.map(keys: ["rules", "max_bad_percent", "max_bad_rows"], diagnostics) else {
      return rules
    }
    rules.maximumBadPercent = map["max_bad_percent"]?.number(in: 0...100, diagnostics) ?? rules.maximumBadPercent
    rules.maximumBadRows = map["max_bad_rows"]?.integer(in: 0...Int.max, diagnostics)
    var codes = Set(Self.reservedCodes)
    rules.rules = (map["rules"]?.list(diagnostics) ?? []).compactMap { rule($0, &codes) }
    return rules
  }

  private func rule(_ value: LocatedValue, _ codes: inout Set<String>) -> RowRule? {
    guard let map = value.map(keys: ["code", "when", "why"], diagnostics),
      let codeValue = map.required("code", diagnostics), let code = codeValue.text(diagnostics),
      let condition = map.required("when", diagnostics)?.text(diagnostics)
    else { return nil }
    if !codes.insert(code).inserted {
      diagnostics.report(.duplicateKey, "the code \"\(code)\" is taken", at: codeValue, help: "give each rule a code of its own")
    }
    return RowRule(code: code, condition: condition, why: map["why"]?.text(diagnostics))
  }
}
