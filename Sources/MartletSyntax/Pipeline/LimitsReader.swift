/// Reads what tasks and defaults share: resources, retries, executor.

import MartletModel

struct LimitsReader {
  let diagnostics: DiagnosticCollector

  func resources(_ value: LocatedValue) -> ResourceRequest {
    guard let map = value.map(PipelineKeys.resources, diagnostics) else { return ResourceRequest() }
    return ResourceRequest(
      cpu: map["cpu"]?.integer(in: 1...4096, diagnostics), memoryBytes: map["memory"]?.bytes(diagnostics))
  }

  /// Reports a request that the host can never grant.
  func check(_ request: ResourceRequest, of value: LocatedValue?, against host: ResourceRequest) {
    guard let value, case .map(let entries) = value.content else { return }
    for entry in entries {
      let isTooMuch =
        switch entry.key {
        case "cpu": (request.cpu ?? 0) > (host.cpu ?? Int.max)
        case "memory": (request.memoryBytes ?? 0) > (host.memoryBytes ?? Int.max)
        default: false
        }
      guard isTooMuch else { continue }
      diagnostics.report(
        .invalidValue, "the task asks for more \"\(entry.key)\" than the pipeline's resources give", at: entry.value,
        help: "ask for less, or raise \"\(entry.key)\" under the pipeline's resources")
    }
  }

  func retries(_ value: LocatedValue) -> [FailureClass: Int] {
    if case .integer = value.content {
      diagnostics.reportType("a map from failure classes to numbers", at: value, help: "write {io: 3}")
      return [:]
    }
    var retries: [FailureClass: Int] = [:]
    let known = PipelineKeys.retryClasses
    for entry in value.anyMap(diagnostics)?.entries ?? [] {
      guard let failureClass = known.first(where: { $0.rawValue == entry.key }) else {
        diagnostics.report(
          .unknownKey, "no failure class \"\(entry.key)\" can be retried", atKeyOf: entry,
          help: suggestion(for: entry.key, among: known.map(\.rawValue)))
        continue
      }
      retries[failureClass] = entry.value.integer(in: 0...1000, diagnostics)
    }
    return retries
  }

  func executor(_ value: LocatedValue) {
    _ = value.word(["local"], later: PipelineKeys.laterExecutors, diagnostics)
  }
}
