/// JSON for `--json`: one line, keys sorted, with the name of its schema.

import MartletModel
import MartletRun

enum Document {
  /// One document with a `schema` key, and its line end.
  static func line(schema: String, _ members: [String: ConfigurationValue?]) -> String {
    object(members.merging(["schema": .text(schema)]) { $1 }).canonicalJSON + "\n"
  }

  /// A map without the members that are absent.
  static func object(_ members: [String: ConfigurationValue?]) -> ConfigurationValue {
    .map(members.compactMapValues { $0 })
  }

  static func text(_ value: String?) -> ConfigurationValue? {
    value.map(ConfigurationValue.text)
  }

  static func time(_ seconds: Double?) -> ConfigurationValue? {
    seconds.map { .text(TimeText.timestamp($0)) }
  }

  /// Seconds, to the millisecond.
  static func duration(_ seconds: Double?) -> ConfigurationValue? {
    seconds.map { .number(($0 * 1000).rounded() / 1000) }
  }

  static func counts(_ counts: RunCounts) -> ConfigurationValue {
    .map([
      "ran": .integer(counts.ran), "reused": .integer(counts.reused), "failed": .integer(counts.failed),
      "blocked": .integer(counts.blocked), "waiting": .integer(counts.waiting),
    ])
  }

  static func run(_ run: RunRecord) -> ConfigurationValue {
    object([
      "run": .text(run.id), "pipeline": .text(run.pipeline), "started": time(run.startedAt), "ended": time(run.endedAt),
      "seconds": duration(run.endedAt.map { $0 - run.startedAt }), "result": text(run.result?.rawValue),
      "counts": run.counts.map(counts), "command": .text(run.command), "by": text(run.startedBy),
      "arguments": .list(run.arguments.map { .text($0) }),
      "parameters": .map(run.parameters),
      "version": .text(run.engineVersion),
    ])
  }
}
