/// Reads the pipeline file and lays out its partitions.

import Foundation
import MartletFiles
import MartletModel
import MartletPlan
import MartletSyntax

/// A pipeline as read, with what the command line adds.
struct LoadedPipeline {
  let pipeline: Pipeline
  /// By partition name, in order.
  let partitions: [String: [Partition]]
  /// The parameters that the command line changed.
  let overrides: [String: ConfigurationValue]
  let file: PipelineFile

  /// - Parameters:
  ///   - parameters: `--param k=v`, values read as YAML.
  /// - Throws: `Diagnostics` with everything that is wrong with the file.
  init(_ location: WorkspaceLocation, parameters: [String] = [], host: Host) throws {
    let now = host.wallSeconds()
    overrides = Dictionary(try parameters.map(LoadedPipeline.override), uniquingKeysWith: { $1 })
    file = try PipelineFile(location, overrides: overrides, now: now, host: host)
    let pipeline = try file.checked()
    for name in overrides.keys.sorted() {
      guard pipeline.parameters[name] != nil else {
        let nearest = Suggestion.nearest(to: name, among: pipeline.parameters.keys.sorted())
        throw UserError(
          "the pipeline has no parameter \(name)",
          facts: [("has", pipeline.parameters.keys.sorted().joined(separator: " "))],
          hint: nearest.map { "did you mean \($0)?" } ?? "declare it under params: in \(location.pipelineFile)")
      }
    }
    self.pipeline = pipeline
    partitions = try Dictionary(
      uniqueKeysWithValues: pipeline.partitions.map { definition in
        // Looking up a time zone takes longer than everything else here: only where the answer matters.
        let today = try definition.end ?? LoadedPipeline.today(in: definition.timezone, now: now)
        return (definition.name, definition.partitions(today: today))
      })
  }

  /// The pipeline's partitions in a range, and a note on the days of the range that it does not have.
  /// - Throws: `UserError` if it has none of them.
  func partitions(in range: PartitionRange) throws -> (known: [Partition], note: String?) {
    let all = partitions[range.name] ?? []
    let text = all.first.map { "\($0)..\(all.last!.value)" } ?? "none yet"
    let known = all.filter(range.contains)
    guard !known.isEmpty else {
      throw UserError(
        "no partition of the pipeline lies in the range", facts: [("asked for", range.description), ("the pipeline has", text)],
        hint: "start: and end: under partitions: say which there are")
    }
    let outside = range.first.distance(to: range.last) + 1 - known.count
    guard outside > 0 else { return (known, nil) }
    return (
      known, "\(NumberText.counted(outside, "day")) of the range \(outside == 1 ? "lies" : "lie") outside the pipeline's \(text)"
    )
  }

  private static func override(_ text: String) throws -> (String, ConfigurationValue) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UserError("--param takes a name and a value", facts: [("given", text)], hint: "--param min_rows=500")
    }
    let name = String(text[..<equals])
    let value = String(text[text.index(after: equals)...])
    switch ConfigurationReader.read(text: "\(name): \(value)\n", file: "--param") {
    case .success(let keys): return (name, keys[name] ?? .text(value))
    case .failure: return (name, .text(value))
    }
  }

  private static func today(in timezone: String, now: Double) throws -> CalendarDay {
    guard let zone = TimeZone(identifier: timezone) else {
      throw UserError(
        "this machine does not know the time zone \(timezone)", hint: "install tzdata, or mend timezone: in martlet.yaml")
    }
    let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: now))
    return CalendarDay(ordinal: Int(((now + Double(offset)) / 86_400).rounded(.down)))
  }
}
