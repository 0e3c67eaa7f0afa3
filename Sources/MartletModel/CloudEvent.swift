/// An event as CloudEvents 1.0 writes it in structured mode.
public struct CloudEvent: Hashable, Sendable {
  /// Equal for what is the same event, however often it is told.
  public let id: String
  public let event: NotificationEvent
  /// `/martlet/<host>/<pipeline>`
  public let source: String
  /// What it is about: an incident, a gate, a run.
  public let subject: String
  /// RFC 3339 with offset.
  public let time: String
  public let data: ConfigurationValue

  public init(id: String, event: NotificationEvent, source: String, subject: String, time: String, data: ConfigurationValue) {
    self.id = id
    self.event = event
    self.source = source
    self.subject = subject
    self.time = time
    self.data = data
  }

  public static let contentType = "application/cloudevents+json; charset=utf-8"

  /// One line of JSON, keys sorted.
  public var json: String {
    ConfigurationValue.map([
      "specversion": .text("1.0"), "id": .text(id), "type": .text(event.type), "source": .text(source), "subject": .text(subject),
      "time": .text(time), "datacontenttype": .text("application/json"), "data": data,
    ]).canonicalJSON
  }
}
