/// What an attempt is to do: the JSON file at `MARTLET_SPEC`, as docs/process-contract.md describes it.

import Foundation
import MartletModel

/// The decoded specification of one attempt. Paths are relative to the working directory, which is the workspace.
public struct TaskSpecification: Decodable, Sendable {
  public enum Mode: String, Decodable, Sendable {
    case task
    /// Joins all partitions of a task into its gathered outputs.
    case gather
  }

  public struct Resources: Decodable, Sendable {
    public let cpu: Int
    public let memoryBytes: Int

    public init(cpu: Int, memoryBytes: Int) {
      self.cpu = cpu
      self.memoryBytes = memoryBytes
    }
  }

  public struct PartitionValue: Decodable, Sendable, Hashable {
    public let name: String
    public let value: String
  }

  /// The files of one input, in the partitions' order; empty for an optional input that is absent.
  public struct Input: Decodable, Sendable {
    public let paths: [String]
    public let digests: [String]
    /// The partition's value of each path, where an input reads several partitions.
    public let partitions: [String]?
    /// The top-level keys of a configuration file that count; `nil` for all.
    public let keys: [String]?
  }

  /// One partition of a batch, or all that a task without partitions does.
  public struct Item: Decodable, Sendable {
    public let partition: PartitionValue?
    public let inputs: [String: Input]
    /// Staged paths: their folders exist, the files do not.
    public let outputs: [String: String]

    /// The single path of an input that must be there.
    ///
    /// - Throws: `TaskFailure` of class `config` if the task has no such input or it has not exactly one path.
    public func input(_ name: String) throws -> String {
      guard let input = inputs[name], input.paths.count == 1 else {
        throw TaskFailure(.config, "the task needs exactly one file as its input `\(name)`")
      }
      return input.paths[0]
    }

    /// The path of an optional input; `nil` if it is not declared or absent.
    public func optionalInput(_ name: String) -> String? { inputs[name]?.paths.first }

    /// The staged path of an output that must be declared.
    public func output(_ name: String) throws -> String {
      guard let path = outputs[name] else {
        let known = outputs.keys.sorted()
        let hint = Suggestion.nearest(to: name, among: known).map { ", did you mean it by `\($0)`?" } ?? ""
        throw TaskFailure(.config, "the task needs an output `\(name)`\(hint)")
      }
      return path
    }
  }

  /// What a release was made from: one digest, or one for each partition.
  public enum Lineage: Decodable, Sendable, Equatable {
    case digest(String)
    case partitions([String: String])

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      do {
        self = .digest(try container.decode(String.self))
      } catch DecodingError.typeMismatch {
        self = .partitions(try container.decode([String: String].self))
      }
    }
  }

  /// The pipeline's graph, for a report.
  public struct Graph: Decodable, Sendable {
    public let mermaid: String
    public let dot: String
  }

  /// How a task upstream ended, for a task with `when: settled`.
  public struct Upstream: Decodable, Sendable {
    public let task: String
    public let outcome: String
    public let verdict: String?
    public let message: String?
  }

  public let schema: String
  public let task: String
  public let uses: String?
  public let mode: Mode
  public let run: String
  public let attempt: String
  public let key: String
  public let parameters: [String: ConfigurationValue]
  public let seedIndex: Int
  public let resources: Resources
  public let scratch: String
  /// A folder that the task may make; what it leaves there stays beside the log.
  public let diagnostics: String?
  public let items: [Item]
  public let lineage: [String: Lineage]?
  public let graph: Graph?
  public let upstream: [Upstream]?

  /// Reads a specification.
  ///
  /// - Throws: `TaskFailure` of class `config` for a file that is none, `io` for one that cannot be read.
  public static func read(_ path: String) throws -> TaskSpecification {
    let bytes = try TaskFile.read(path)
    do {
      let specification = try JSONDecoder().decode(TaskSpecification.self, from: Data(bytes))
      guard specification.schema == "martlet.spec/1", !specification.items.isEmpty else {
        throw TaskFailure(.config, "\(path) is no martlet.spec/1 with items")
      }
      return specification
    } catch let error as DecodingError {
      throw TaskFailure(.config, "\(path) is no martlet.spec/1: \(error)")
    }
  }
}
