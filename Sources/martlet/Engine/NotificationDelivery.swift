/// Posts what is to be told, the oldest first, for as long as a command may be kept waiting.

import MartletFiles
import MartletModel
import MartletRun
import MartletStore

extension WorkspaceSession {
  /// Tries everything that nobody has taken yet.
  /// - Returns: why the first of those that stay was not taken; `nil` if none stays.
  func deliverNotifications() throws -> String? {
    let open = try store.reader.openNotifications()
    guard !open.isEmpty else { return nil }
    var delivery = NotificationDelivery(host: host, store: store)
    let declared = Set(loaded.pipeline.notifications.map(\.address.name))
    for notification in open where !declared.contains(notification.address) {
      try store.note(
        notification, tries: notification.tries, endedAt: host.wallSeconds(), fault: "the pipeline no longer names this address")
    }
    let byAddress = Dictionary(grouping: open.filter { declared.contains($0.address) }, by: \.address)
    // One that does not answer must not take the time of the others, and those that did not answer before come last.
    let addresses = byAddress.keys.sorted { (byAddress[$0]![0].tries, $0) < (byAddress[$1]![0].tries, $1) }
    for (place, address) in addresses.enumerated() {
      delivery.takeTurn(othersAfter: addresses.count - place - 1)
      for notification in byAddress[address]! { try delivery.deliver(notification) }
    }
    try store.forgetNotifications(endedBefore: host.wallSeconds() - NotificationDelivery.rememberedSeconds)
    return delivery.complaint
  }
}

struct NotificationDelivery {
  /// One command waits no longer for all events together.
  static let budgetSeconds = 5.0
  private static let requestSeconds = 3.0
  private static let mostTries = 4
  private static let waits = RetryPolicy(baseSeconds: 0.2, jitterSeconds: 0.1)
  private static let givenUpAfterSeconds = 7 * 86_400.0
  /// For so long nobody is told of the same event again.
  static let rememberedSeconds = 90 * 86_400.0

  private let host: Host
  private let store: Store
  /// When the command's time is over, and when that of the address whose turn it is.
  private let end: Double
  private var deadline: Double
  /// Addresses that took an event in vain: those behind it wait their turn.
  private var silent: Set<String> = []
  private(set) var complaint: String?

  init(host: Host, store: Store) {
    self.host = host
    self.store = store
    end = host.wallSeconds() + NotificationDelivery.budgetSeconds
    deadline = end
  }

  /// Shares what is left of the time out evenly over the next address and those after it.
  mutating func takeTurn(othersAfter count: Int) {
    let now = host.wallSeconds()
    deadline = now + max(0, end - now) / Double(count + 1)
  }

  mutating func deliver(_ notification: StoredNotification) throws {
    guard !silent.contains(notification.address) else { return }
    guard let url = url(notification.address) else {
      return try leave(notification, tries: 0, "\(notification.address) holds no URL that events can be posted to")
    }
    var tries = 0
    while true {
      let left = deadline - host.wallSeconds()
      guard left > 0.1 else { return try leave(notification, tries: tries, "no time was left") }
      let answer = Webhook(url: url).post(notification.body, limitSeconds: min(left, NotificationDelivery.requestSeconds))
      tries += 1
      switch answer {
      case .taken:
        return try store.note(notification, tries: notification.tries + tries, endedAt: host.wallSeconds(), fault: nil)
      case .gone:
        return try store.note(
          notification, tries: notification.tries + tries, endedAt: host.wallSeconds(),
          fault: "answered 410: nobody is there any more")
      case .refused(let reason, let asked):
        let wait = asked ?? NotificationDelivery.waits.waitSeconds(retry: tries - 1, uniform: .random(in: 0..<1))
        guard tries < NotificationDelivery.mostTries, host.wallSeconds() + wait < deadline else {
          return try leave(notification, tries: tries, reason)
        }
        _ = Mailbox().next(timeoutSeconds: wait)
      }
    }
  }

  private func url(_ address: String) -> String? {
    guard address.hasPrefix("$") else { return address }
    return host.environment[String(address.dropFirst())].flatMap { NotificationTarget.isAcceptable($0) ? $0 : nil }
  }

  /// For the next command.
  private mutating func leave(_ notification: StoredNotification, tries: Int, _ reason: String) throws {
    let isOver = notification.createdAt + NotificationDelivery.givenUpAfterSeconds < host.wallSeconds()
    try store.note(
      notification, tries: notification.tries + tries, endedAt: isOver ? host.wallSeconds() : nil, fault: reason)
    silent.insert(notification.address)
    complaint = complaint ?? "an event waits for the next command: \(notification.address): \(reason)"
  }
}
