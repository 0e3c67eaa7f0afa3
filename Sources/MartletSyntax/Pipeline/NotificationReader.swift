/// Reads whom the pipeline tells of what happens: `notify:`.

import MartletModel

struct NotificationReader {
  let diagnostics: DiagnosticCollector

  func targets(_ value: LocatedValue?) -> [NotificationTarget] {
    (value?.list(diagnostics) ?? []).compactMap(target)
  }

  private func target(_ value: LocatedValue) -> NotificationTarget? {
    guard let map = value.map(PipelineKeys.notification, diagnostics) else { return nil }
    let events = map["on"].map(events) ?? NotificationEvent.usual
    if map["url"] == nil, map["url_env"] == nil {
      diagnostics.report(
        .missingKey, "an entry of \"notify\" needs \"url\" or \"url_env\"", at: value, help: "write {url: https://…}")
    }
    if map["url"] != nil, let second = map.entry("url_env") {
      diagnostics.report(.keyNotHere, "\"url_env\" can't stand beside \"url\"", atKeyOf: second, help: "keep one of them")
    }
    let address = map["url"].flatMap(url) ?? map["url_env"].flatMap(variable)
    return address.map { NotificationTarget(address: $0, events: events) }
  }

  private func events(_ value: LocatedValue) -> Set<NotificationEvent> {
    let items = value.list(diagnostics) ?? []
    if case .list = value.content, items.isEmpty {
      diagnostics.report(.invalidValue, "\"on\" names no event", at: value, help: "remove the key, or name one")
    }
    return Set(
      items.compactMap { item in
        item.word(NotificationEvent.allCases.map(\.rawValue), diagnostics).flatMap(NotificationEvent.init(rawValue:))
      })
  }

  private func url(_ value: LocatedValue) -> NotificationTarget.Address? {
    guard let text = value.text(diagnostics) else { return nil }
    guard NotificationTarget.isAcceptable(text) else {
      diagnostics.report(
        .invalidValue, "\"\(text)\" is no URL that events can be posted to", at: value,
        help: "write http://… or https://…, without a user's name; url_env names a variable that holds it")
      return nil
    }
    return .url(text)
  }

  private func variable(_ value: LocatedValue) -> NotificationTarget.Address? {
    guard let text = value.text(diagnostics) else { return nil }
    guard Names.isEnvironmentName(text) else {
      diagnostics.report(.invalidValue, "\"\(text)\" is no name of an environment variable", at: value)
      return nil
    }
    return .environment(text)
  }
}
