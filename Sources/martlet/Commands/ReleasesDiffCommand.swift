// `martlet releases diff A B`: only what differs between two releases.

import ArgumentParser
import MartletFiles
import MartletModel
import MartletPlan

struct ReleasesDiffCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what differs between two releases: parameters, data, metrics, features, libraries.",
    discussion: """
      A release is named by its hash, the beginning of it, `current` or `previous`. Metrics of the evaluation stand in no release: they \
      are those that were on record when it was approved, or that the newest evaluation has if it judged this very model; otherwise \
      they are shown as unknown.
      """)

  @Argument(help: "The first release.")
  var first: String

  @Argument(help: "The second release.")
  var second: String

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let catalog = try ReleaseCatalog(root: location.root, history: try HistoryFile(root: location.root).read())
    let judgements = try location.judgements()
    let (one, other) = (try catalog.find(first), try catalog.find(second))
    let differences = ReleaseDifference.between(
      try record(one, catalog, judgements), try record(other, catalog, judgements))
    if shared.json {
      host.output.write(
        Document.line(
          schema: "martlet.diff/1",
          [
            "first": .text(one.string), "second": .text(other.string), "differences": .list(differences.map(Document.difference)),
          ]))
      return .done
    }
    shared.note("\(one.releaseName) -> \(other.releaseName)" + (differences.isEmpty ? ": nothing differs" : ""), host)
    host.output.write(DifferenceText(differences, shared.outputPainter(host)).text)
    return .done
  }

  private func record(_ path: ArtifactPath, _ catalog: ReleaseCatalog, _ judgements: [RecordedJudgement]) throws -> ReleaseRecord
  {
    guard let record = try catalog.record(path, judgements) else {
      throw UserError(
        "the release \(path.releaseName) cannot be compared", facts: [("because", "\(path)manifest.json does not read")],
        hint: "put the folder back from a backup")
    }
    return record
  }
}

/// The differences as a person reads them: a heading for each section, a line for each name, a line for all partitions that changed alike.
private struct DifferenceText {
  let text: String

  init(_ differences: [ReleaseDifference], _ painter: Painter) {
    var text = ""
    for section in ReleaseDifference.Section.allCases {
      let lines = DifferenceText.lines(differences.filter { $0.section == section })
      guard !lines.isEmpty else { continue }
      let width = lines.map(\.name.count).max()!
      text += "\(painter.paint(section.rawValue, .bold))\n"
      for line in lines {
        text += "  \(line.name)\(String(repeating: " ", count: width - line.name.count))  \(line.change)\n"
      }
    }
    self.text = text
  }

  private static func lines(_ differences: [ReleaseDifference]) -> [(name: String, change: String)] {
    var lines: [(name: String, change: String)] = []
    var partitions: [String: [String: [String]]] = [:]
    for difference in differences {
      guard let (artifact, partition) = difference.partition else {
        lines.append((difference.name, difference.change))
        continue
      }
      partitions[artifact, default: [:]][difference.partitionChange, default: []].append(partition)
    }
    for (artifact, changes) in partitions {
      let texts = changes.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key): \(ranges($0.value))" }
      lines.append((artifact, texts.joined(separator: "; ")))
    }
    return lines.sorted { $0.name < $1.name }
  }

  /// `2013-01-13..2013-01-15, 2013-01-20`; days in a row become one, at most five are named.
  private static func ranges(_ partitions: [String]) -> String {
    var ranges: [(first: String, last: String)] = []
    for partition in partitions.sorted() {
      if let last = ranges.last.flatMap({ CalendarDay($0.last) }), CalendarDay(partition) == last.advanced(by: 1) {
        ranges[ranges.count - 1].last = partition
      } else {
        ranges.append((partition, partition))
      }
    }
    let texts = ranges.prefix(5).map { $0.first == $0.last ? $0.first : "\($0.first)..\($0.last)" }
    return (texts + (ranges.count > 5 ? ["and \(ranges.count - 5) more"] : [])).joined(separator: ", ")
  }
}

extension ReleaseDifference {
  /// The artifact and the partition behind a name such as `ingest.part[2013-01-31]`.
  fileprivate var partition: (artifact: String, partition: String)? {
    guard section == .data, name.hasSuffix("]"), let bracket = name.firstIndex(of: "[") else { return nil }
    return (String(name[..<bracket]), String(name[name.index(after: bracket)...].dropLast()))
  }

  fileprivate var partitionChange: String {
    switch (first, second) {
    case (.absent, _): "added"
    case (_, .absent): "removed"
    default: "changed"
    }
  }

  /// `0.05 -> 0.1`, `added: double`, `categories: + XX - YY`
  fileprivate var change: String {
    if case .value(let old) = first, case .value(let new) = second, let categories = Self.categories(old, new) {
      return categories
    }
    switch (first, second) {
    case (.absent, let value): return "added: \(value.text)"
    case (let value, .absent): return "removed: \(value.text)"
    default: return "\(first.text) -> \(second.text)"
    }
  }

  private static func categories(_ old: ConfigurationValue, _ new: ConfigurationValue) -> String? {
    guard case .list(let before)? = old["categories"], case .list(let after)? = new["categories"] else { return nil }
    let added = after.filter { !before.contains($0) }.map { "+ \($0.display)" }
    let removed = before.filter { !after.contains($0) }.map { "- \($0.display)" }
    let changes = added + removed
    guard !changes.isEmpty else { return nil }
    return "categories: "
      + (changes.prefix(8) + (changes.count > 8 ? ["and \(changes.count - 8) more"] : [])).joined(separator: " ")
  }
}

extension ReleaseDifference.Value {
  fileprivate var text: String {
    switch self {
    case .absent: return "absent"
    case .unknown: return "unknown"
    case .value(.number(let number)): return NumberText.rounded(number)
    case .value(let value):
      if case .list(let categories)? = value["categories"] {
        return "\(value["type"]?.display ?? "") of \(categories.count) categor\(categories.count == 1 ? "y" : "ies")"
      }
      return Digest(hex: value.display)?.short ?? value.display
    }
  }

  fileprivate var json: ConfigurationValue? {
    guard case .value(let value) = self else { return nil }
    return value
  }
}

extension Document {
  fileprivate static func difference(_ difference: ReleaseDifference) -> ConfigurationValue {
    let unknown = [("first", difference.first), ("second", difference.second)].filter { $0.1 == .unknown }.map { $0.0 }
    return object([
      "section": .text(difference.section.rawValue), "name": .text(difference.name), "first": difference.first.json,
      "second": difference.second.json, "unknown": unknown.isEmpty ? nil : .list(unknown.map { .text($0) }),
    ])
  }
}
