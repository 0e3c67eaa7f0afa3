/// Rows that ingest could not read and clean set aside: where they lie, and what they are.

import Foundation
import MartletFiles
import MartletModel
import MartletPlan
import MartletRun
import MartletStore

/// So many rows of one partition, set aside for one reason. What is absent has no value.
struct SetAsideCount: Decodable {
  let path: String
  let partition: String?
  let code: String
  let column: String?
  let rows: Int
}

/// One row that was set aside, with where it came from. A row that ingest rejected for several columns is there once for each.
struct SetAsideRow: Decodable, Equatable {
  /// The Parquet file that holds it.
  let path: String
  let partition: String?
  /// Its source file and line; the line is unknown where the file has another number of rows than when it was read.
  let file: String?
  let line: Int?
  /// Its number among the rows of its partition that ingest accepted.
  let number: Int?
  let code: String
  let reason: String?
  let column: String?
  /// What could not be read.
  let value: String?
  /// The row itself, where it could be read.
  let row: ConfigurationValue?
}

/// Finds the files of an ingest and of the cleans behind it, and has `martlet-tasks` read them: this program links no DuckDB.
struct SetAsideDesk {
  /// A file with rows that were set aside.
  struct Place {
    let task: String
    let path: String
    let partition: Partition?
    /// Of a failed attempt, whose rows are not published.
    let attempt: String?
  }

  /// One ingest with the cleans that read what it wrote; without an ingest, a clean that reads something else.
  private struct Group {
    let ingest: PipelineTask?
    let cleans: [PipelineTask]
  }

  private let reader: WorkspaceReader
  private let host: Host
  private let checkpoints: [String: [CheckpointSummary]]
  /// Instances whose published rows are of the rule and the data as they are now, whatever failed since.
  private let standing: Set<TaskInstance>

  /// - Parameter plan: what would run now; without one the rows are those of the last attempts, mended since or not.
  init(_ reader: WorkspaceReader, host: Host, plan: Plan?) {
    self.reader = reader
    self.host = host
    standing = Set(plan?.entries.filter { $0.action == .reuse }.map(\.instance) ?? [])
    let known = reader.planner().graph.index
    checkpoints = Dictionary(grouping: reader.survey.checkpoints.filter { known[$0.instance] != nil }, by: \.instance.task)
  }

  /// The tasks that set rows aside.
  var tasks: [String] { groups.flatMap { [$0.ingest].compactMap { $0 } + $0.cleans }.map(\.name) }

  /// All files that may hold such rows, by path.
  func places() throws -> [String: Place] {
    let places = try groups.flatMap { ($0.ingest.map(rejects) ?? []) + (try $0.cleans.flatMap(quarantine)) }
    return Dictionary(places.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Parameter partitions: values; `nil` for all.
  func counts(_ partitions: [String]?) throws -> [SetAsideCount] { try ask(partitions, counts: true) }

  func rows(_ partitions: [String]?) throws -> [SetAsideRow] { try ask(partitions, counts: false) }

  // MARK: Files

  private var groups: [Group] {
    let tasks = reader.loaded.pipeline.tasks
    let cleans = tasks.filter { $0.builtin?.name == "clean" }
    let ingests = tasks.filter { $0.builtin?.name == "ingest" }
    let groups = ingests.map { ingest in Group(ingest: ingest, cleans: cleans.filter { dataTask(of: $0) == ingest.name }) }
    let rest = cleans.filter { clean in !ingests.contains { $0.name == dataTask(of: clean) } }
    return groups + rest.map { Group(ingest: nil, cleans: [$0]) }
  }

  private func dataTask(of clean: PipelineTask) -> String? {
    guard case .output(let reference)? = clean.inputs.first(where: { $0.name == "data" })?.origin else { return nil }
    return reference.task
  }

  /// Ingest says of each partition how many rows it rejected: files without any are not opened.
  private func rejects(_ ingest: PipelineTask) -> [Place] {
    (checkpoints[ingest.name] ?? []).filter { $0.figures["rejected"] != .integer(0) }.compactMap { checkpoint in
      checkpoint.outputs.first { $0.name == "rejects" }.map {
        Place(task: ingest.name, path: $0.path.string, partition: checkpoint.instance.partition, attempt: nil)
      }
    }
  }

  /// Of a clean that failed for too many bad rows, those of its last attempt: they are what a person looks for.
  private func quarantine(_ clean: PipelineTask) throws -> [Place] {
    let planner = reader.planner()
    return try planner.graph.nodes.filter { $0.instance.task == clean.name }.compactMap { node in
      if let failed = try failedQuarantine(clean, node.instance) { return failed }
      let output = checkpoints[clean.name]?.first { $0.instance == node.instance }?.outputs.first { $0.name == "quarantine" }
      return output.map { Place(task: clean.name, path: $0.path.string, partition: node.instance.partition, attempt: nil) }
    }
  }

  private func failedQuarantine(_ clean: PipelineTask, _ instance: TaskInstance) throws -> Place? {
    guard !standing.contains(instance), let store = reader.store,
      try store.latestSettlement(of: instance)?.settlement == .failed(.data),
      let attempt = try store.latestAttempts(task: clean.name, limit: 100).first(where: { $0.instances.contains(instance) }),
      let place = attempt.instances.firstIndex(of: instance), let output = clean.output("quarantine")
    else { return nil }
    let target = ArtifactPath(reader.loaded.pipeline.expand(output.path, partition: instance.partition))
    let path = AttemptPlan.staged(
      target, of: output.name, place: place, attempt: attempt.id,
      isAlone: attempt.instances.count == 1 && clean.outputs.count == 1
    ).string
    guard try FileKind.of("\(reader.location.root)/\(path)") == .file else { return nil }
    return Place(task: clean.name, path: path, partition: instance.partition, attempt: attempt.id)
  }

  // MARK: Asking

  private func ask<Answer: Decodable>(_ partitions: [String]?, counts: Bool) throws -> [Answer] {
    try groups.flatMap { group -> [Answer] in
      let rejects = group.ingest.map(self.rejects) ?? []
      let quarantine = try group.cleans.flatMap(self.quarantine)
      guard !rejects.isEmpty || !quarantine.isEmpty else { return [] }
      func files(_ places: [Place]) -> ConfigurationValue {
        .list(places.map { Document.object(["path": .text($0.path), "partition": Document.text($0.partition?.value)]) })
      }
      let request = Document.object([
        "root": .text(reader.location.root), "rejects": files(rejects), "quarantine": files(quarantine),
        "partitionColumn": Document.text(group.ingest?.each), "origin": group.ingest.flatMap(origin),
        "partitions": partitions.map { .list($0.map { .text($0) }) }, "counts": .boolean(counts),
      ])
      return try lines(request)
    }
  }

  private func lines<Answer: Decodable>(_ request: ConfigurationValue) throws -> [Answer] {
    let output = try HelperProgram.run(
      [host.sibling("martlet-tasks"), "rows"], input: Array(request.canonicalJSON.utf8), environment: host.environment)
    guard output.status == 0 else {
      throw UserError(
        "the rows that were set aside cannot be read",
        facts: [("status", "\(output.status)"), ("said", String(decoding: output.standardError, as: UTF8.self).oneLine)],
        hint: "`martlet doctor` says whether DuckDB is there")
    }
    let decoder = JSONDecoder()
    return try output.standardOutput.split(separator: UInt8(ascii: "\n")).map { try decoder.decode(Answer.self, from: Data($0)) }
  }

  /// Where the rows that an ingest accepted came from, as far as it is still there.
  private func origin(_ ingest: PipelineTask) -> ConfigurationValue? {
    let all = checkpoints[ingest.name] ?? []
    guard let whole = all.first(where: { $0.instance.partition == nil }),
      let report = whole.outputs.first(where: { ["all", "part"].contains($0.name) }) ?? whole.outputs.first,
      case .source(let schema)? = ingest.inputs.first(where: { $0.name == "schema" })?.origin
    else { return nil }
    var inputs: [String: ConfigurationValue] = [:]
    for node in reader.planner().graph.nodes where node.instance.task == ingest.name && node.instance.slice != .gather {
      let paths = node.inputs.compactMap { input -> (String, ConfigurationValue)? in
        guard case .source(let path) = input.origin, input.name != "schema" else { return nil }
        return (input.name, .list([.text(path.string)]))
      }
      inputs[node.instance.partition?.value ?? ""] = .map(Dictionary(paths, uniquingKeysWith: { first, _ in first }))
    }
    return .map([
      "report": .text(report.path.string), "schema": .text(reader.loaded.pipeline.expand(schema, partition: nil)),
      "inputs": .map(inputs),
    ])
  }
}
