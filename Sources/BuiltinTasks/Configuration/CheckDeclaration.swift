/// The key `checks` of schema.yaml: what must hold of the data, in the words of the Open Data Contract Standard.

import MartletModel
import MartletSyntax

/// How grave a failed check is: an error makes the verdict `fail`, a warning `warn`.
enum CheckSeverity: String, CaseIterable {
  case error
  case warning
}

/// A number's condition.
enum CheckOperator: String, CaseIterable {
  case mustBe
  case mustNotBe
  case mustBeGreaterThan
  case mustBeGreaterOrEqualTo
  case mustBeLessThan
  case mustBeLessOrEqualTo
  case mustBeBetween
  case mustNotBeBetween

  var takesPair: Bool { self == .mustBeBetween || self == .mustNotBeBetween }

  /// Whether a number fulfils the condition. Bounds of a pair are excluded, as the standard's text has it.
  func holds(_ observed: Double, _ limits: [Double]) -> Bool {
    switch self {
    case .mustBe: observed == limits[0]
    case .mustNotBe: observed != limits[0]
    case .mustBeGreaterThan: observed > limits[0]
    case .mustBeGreaterOrEqualTo: observed >= limits[0]
    case .mustBeLessThan: observed < limits[0]
    case .mustBeLessOrEqualTo: observed <= limits[0]
    case .mustBeBetween: observed > limits[0] && observed < limits[1]
    case .mustNotBeBetween: !(observed > limits[0] && observed < limits[1])
    }
  }

  /// `less than 5`
  func phrase(_ limits: [String]) -> String {
    switch self {
    case .mustBe: limits[0]
    case .mustNotBe: "not \(limits[0])"
    case .mustBeGreaterThan: "more than \(limits[0])"
    case .mustBeGreaterOrEqualTo: "at least \(limits[0])"
    case .mustBeLessThan: "less than \(limits[0])"
    case .mustBeLessOrEqualTo: "at most \(limits[0])"
    case .mustBeBetween: "between \(limits[0]) and \(limits[1])"
    case .mustNotBeBetween: "not between \(limits[0]) and \(limits[1])"
    }
  }
}

/// One check.
struct CheckDeclaration {
  enum Metric: String, CaseIterable {
    case rowCount
    case nullValues
    case missingValues
    case invalidValues
    case duplicateValues
  }

  enum Unit: String, CaseIterable {
    case rows
    case percent
  }

  /// What is measured.
  enum Subject {
    case metric(Metric)
    /// SQL that gives one number.
    case sql(String)
  }

  var name: String?
  var subject: Subject
  var column: String?
  var condition: CheckOperator
  var limits: [Double]
  var unit = Unit.rows
  var severity = CheckSeverity.error
  /// For `invalidValues`.
  var validValues: [String]?
  var pattern: String?
  /// For `missingValues`; `nil` stands for null.
  var missingValues: [String?] = [nil]
  /// For `duplicateValues` over several columns.
  var properties: [String] = []
}

/// The comparison with the profile of the last release.
struct BaselineLimits {
  var maximumNullIncrease = 10.0
  var maximumRowChange = 50.0
  var severity = CheckSeverity.warning
}

extension SchemaFile {
  /// The checks in the file's order, and the limits of the comparison with the baseline.
  func checks() throws -> (quality: [CheckDeclaration], baseline: BaselineLimits) {
    var limits = BaselineLimits()
    guard let map = try section("checks")?.map(keys: ["quality", "baseline"], diagnostics) else { return ([], limits) }
    if let baseline = map["baseline"]?.map(keys: ["max_null_increase", "max_row_change", "severity"], diagnostics) {
      limits.maximumNullIncrease = baseline["max_null_increase"]?.number(in: 0...100, diagnostics) ?? limits.maximumNullIncrease
      limits.maximumRowChange = baseline["max_row_change"]?.number(in: 0...1e9, diagnostics) ?? limits.maximumRowChange
      if let severity: CheckSeverity = baseline["severity"]?.choice(diagnostics) { limits.severity = severity }
    }
    return ((map["quality"]?.list(diagnostics) ?? []).compactMap(check), limits)
  }

  private func check(_ value: LocatedValue) -> CheckDeclaration? {
    let keys =
      ["name", "type", "query", "metric", "column", "arguments", "unit", "severity"] + CheckOperator.allCases.map(\.rawValue)
    guard let map = value.map(keys: keys, diagnostics), let subject = subject(map), let (condition, limits) = condition(map)
    else {
      return nil
    }
    var check = CheckDeclaration(subject: subject, condition: condition, limits: limits)
    check.name = map["name"]?.text(diagnostics)
    check.column = map["column"]?.text(diagnostics)
    if let unit: CheckDeclaration.Unit = map["unit"]?.choice(diagnostics) { check.unit = unit }
    if let severity: CheckSeverity = map["severity"]?.choice(diagnostics) { check.severity = severity }
    if let arguments = map["arguments"]?.map(keys: ["validValues", "pattern", "missingValues", "properties"], diagnostics) {
      check.validValues = arguments["validValues"]?.list(diagnostics)?.map { $0.configuration.display }
      check.pattern = arguments["pattern"]?.text(diagnostics)
      check.properties = arguments["properties"]?.texts(diagnostics) ?? []
      if let values = arguments["missingValues"]?.list(diagnostics) {
        check.missingValues = values.map { $0.isNull ? nil : $0.configuration.display }
      }
    }
    return complete(check, map) ? check : nil
  }

  private func subject(_ map: LocatedMap) -> CheckDeclaration.Subject? {
    if let type = map["type"] {
      guard type.text(diagnostics) == "sql" else {
        diagnostics.report(.invalidValue, "\"type\" can only be \"sql\"", at: type, help: "leave it out for a metric")
        return nil
      }
      return map.required("query", diagnostics)?.text(diagnostics).map { .sql($0) }
    }
    guard let metric: CheckDeclaration.Metric = map.required("metric", diagnostics)?.choice(diagnostics) else { return nil }
    return .metric(metric)
  }

  private func condition(_ map: LocatedMap) -> (CheckOperator, [Double])? {
    let present = CheckOperator.allCases.filter { map[$0.rawValue] != nil }
    guard present.count == 1, let condition = present.first, let value = map[condition.rawValue] else {
      diagnostics.report(
        .missingKey, "a check needs one condition", at: map.value, help: "such as mustBe: 0 or mustBeLessThan: 5")
      return nil
    }
    guard condition.takesPair else { return value.number(diagnostics).map { (condition, [$0]) } }
    guard let pair = value.list(diagnostics)?.compactMap({ $0.number(diagnostics) }) else { return nil }
    if pair.count == 2 { return (condition, pair) }
    diagnostics.report(.invalidValue, "\"\(condition.rawValue)\" takes two numbers", at: value)
    return nil
  }

  /// Whether the check has what its metric needs.
  private func complete(_ check: CheckDeclaration, _ map: LocatedMap) -> Bool {
    guard case .metric(let metric) = check.subject else { return true }
    let needsColumn = metric != .rowCount && !(metric == .duplicateValues && !check.properties.isEmpty)
    if needsColumn, check.column == nil {
      diagnostics.report(.missingKey, "\"\(metric.rawValue)\" needs a \"column\"", at: map.value)
      return false
    }
    if metric == .invalidValues, check.validValues == nil, check.pattern == nil {
      diagnostics.report(
        .missingKey, "\"invalidValues\" needs \"arguments\" with \"validValues\" or a \"pattern\"", at: map.value)
      return false
    }
    return true
  }
}
