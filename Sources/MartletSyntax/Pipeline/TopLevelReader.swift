/// Reads everything of `martlet.yaml` but its tasks.

import MartletModel

struct TopLevelReader {
  let map: LocatedMap
  let diagnostics: DiagnosticCollector
  /// Values that stand in place of those under `params:`.
  let overrides: [String: ConfigurationValue]

  func name() -> String {
    guard let value = map["pipeline"], let text = value.text(diagnostics) else { return "" }
    if !Names.isName(text) {
      diagnostics.report(
        .invalidValue, "\"\(text)\" can't be the name of a pipeline", at: value,
        help: "a name begins with a letter and holds letters, digits, _ and -, at most 64 of them")
    }
    return text
  }

  func checkVersion() {
    guard let value = map["martlet"], let version = value.integer(diagnostics), version != 1 else { return }
    diagnostics.report(
      .laterVersion, "this version of Martlet reads format 1, not \(version)", at: value, help: "write \"martlet: 1\"")
  }

  func context() -> PipelineContext {
    let limits = LimitsReader(diagnostics: diagnostics)
    let resources = map["resources"].map(limits.resources) ?? ResourceRequest()
    let (partitions, names) = partitions()
    return PipelineContext(
      diagnostics: diagnostics, parameters: parameters(), partitions: partitions, partitionNames: names, resources: resources,
      defaults: defaults(limits, host: resources))
  }

  private func parameters() -> [String: ConfigurationValue] {
    var parameters: [String: ConfigurationValue] = [:]
    for entry in map["params"]?.anyMap(diagnostics)?.entries ?? [] {
      _ = Names.check(entry, what: "a parameter", diagnostics)
      parameters[entry.key] = entry.value.configuration
      if case .text(let text) = entry.value.content, text.contains("${{") {
        diagnostics.report(.expressionScope, "no expression can stand in params", at: entry.value)
      }
    }
    return parameters.merging(overrides.filter { parameters[$0.key] != nil }) { $1 }
  }

  private func partitions() -> ([PartitionDefinition], [String]) {
    let entries = map["partitions"]?.anyMap(diagnostics)?.entries ?? []
    return (entries.compactMap(partition), entries.map(\.key))
  }

  private func partition(_ entry: LocatedEntry) -> PartitionDefinition? {
    if Names.reserved.contains(entry.key) {
      diagnostics.report(
        .invalidValue, "\"\(entry.key)\" can't be the name of a partition: expressions use it", atKeyOf: entry,
        help: "rename it, for example to \"dt\"")
    } else {
      _ = Names.check(entry, what: "a partition", diagnostics)
    }
    guard let map = entry.value.map(PipelineKeys.partition, diagnostics) else { return nil }
    let every: PartitionDefinition.Interval? = map["every"]?.choice(diagnostics)
    let start = map["start"]?.day(diagnostics)
    let end = map["end"]?.day(diagnostics)
    let timezone = map["timezone"].map(zone) ?? "UTC"
    guard let every, let start, let timezone else { return nil }
    if let end, end < start {
      diagnostics.report(.invalidValue, "\"end\" is before \"start\"", at: map["end"]!, help: "\(end) comes before \(start)")
    }
    return PartitionDefinition(name: entry.key, every: every, start: start, end: end, timezone: timezone)
  }

  private func zone(_ value: LocatedValue) -> String? {
    guard let text = value.text(diagnostics) else { return nil }
    if Names.isTimezone(text) { return text }
    diagnostics.report(
      .invalidValue, "\"\(text)\" is no time zone", at: value, help: "write a name such as UTC or America/New_York")
    return nil
  }

  private func defaults(_ limits: LimitsReader, host: ResourceRequest) -> TaskDefaults {
    var defaults = TaskDefaults()
    guard let map = map["defaults"]?.map(PipelineKeys.defaults, diagnostics) else { return defaults }
    defaults.timeoutSeconds = map["timeout"]?.seconds(diagnostics)
    if let value = map["retries"] { defaults.retries = limits.retries(value) }
    if let value = map["resources"] {
      defaults.resources = limits.resources(value)
      limits.check(defaults.resources, of: value, against: host)
    }
    if let value = map["executor"] { limits.executor(value) }
    return defaults
  }

  func failureRules() -> [FailureRule] {
    (map["failures"]?.list(diagnostics) ?? []).compactMap(failureRule)
  }

  private func failureRule(_ value: LocatedValue) -> FailureRule? {
    guard let map = value.map(PipelineKeys.failure, diagnostics) else { return nil }
    let word = map["class"]?.word(PipelineKeys.ruleClasses.map(\.rawValue), diagnostics)
    let exits = integers(map["exit"], 1...255)
    let signals = integers(map["signal"], 1...64)
    let pattern = map["log"].flatMap(regularExpression)
    if ["exit", "signal", "log"].allSatisfy({ map[$0] == nil }) {
      diagnostics.report(
        .missingKey, "a rule needs one of \"exit\", \"signal\" and \"log\"", at: value,
        help: "without one it would match every failure")
    }
    guard let failureClass = word.flatMap(FailureClass.init(rawValue:)) else { return nil }
    return FailureRule(failureClass: failureClass, exitStatuses: exits, signals: signals, logPattern: pattern)
  }

  private func integers(_ value: LocatedValue?, _ range: ClosedRange<Int>) -> [Int32] {
    (value?.list(diagnostics) ?? []).compactMap { $0.integer(in: range, diagnostics).map(Int32.init) }
  }

  private func regularExpression(_ value: LocatedValue) -> String? {
    guard let text = value.text(diagnostics) else { return nil }
    do {
      _ = try Regex(text)
      return text
    } catch {
      diagnostics.report(.invalidValue, "\"\(text)\" is no regular expression: \(error)", at: value)
      return nil
    }
  }

  func storeFolder() -> String? {
    guard let value = map["store"], let text = value.text(diagnostics) else { return nil }
    if text.isEmpty { diagnostics.report(.path, "\"store\" names no folder", at: value) }
    return text
  }
}
