/// A task in one of its partitions, a task without partitions, or a task's gather: what has a checkpoint of its own.
public struct TaskInstance: Hashable, Sendable {
  /// Which part of the task.
  public enum Slice: Hashable, Sendable {
    /// the whole of a task without `each`; also a gate
    case whole
    /// one partition of a task with `each`
    case partition(Partition)
    /// the step that joins all partitions
    case gather
  }

  public let task: String
  public let slice: Slice

  public init(task: String, slice: Slice = .whole) {
    self.task = task
    self.slice = slice
  }

  public var partition: Partition? {
    guard case .partition(let partition) = slice else { return nil }
    return partition
  }

  /// The checkpoint's file below the workspace: `checkpoints/train.ok`, `checkpoints/ingest/dt=2013-01-31.ok`.
  public var checkpointPath: ArtifactPath {
    switch slice {
    case .whole, .gather: ArtifactPath("checkpoints/\(task).ok")
    case .partition(let partition): ArtifactPath("checkpoints/\(task)/\(partition).ok")
    }
  }
}

extension TaskInstance: CustomStringConvertible {
  /// `train`, `ingest dt=2013-01-31`, `ingest (gather)`
  public var description: String {
    switch slice {
    case .whole: task
    case .partition(let partition): "\(task) \(partition)"
    case .gather: "\(task) (gather)"
    }
  }

  /// A text that the store can use as key, and that reads back: `train`, `ingest/dt=2013-01-31`, `ingest/*`.
  public var key: String {
    switch slice {
    case .whole: task
    case .partition(let partition): "\(task)/\(partition)"
    case .gather: "\(task)/*"
    }
  }

  public init?(key: String) {
    let parts = key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let task = parts.first, !task.isEmpty else { return nil }
    guard parts.count == 2 else {
      self.init(task: task)
      return
    }
    if parts[1] == "*" {
      self.init(task: task, slice: .gather)
      return
    }
    let names = parts[1].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard names.count == 2 else { return nil }
    self.init(task: task, slice: .partition(Partition(name: names[0], value: names[1])))
  }
}

extension TaskInstance: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let instance = TaskInstance(key: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a task instance is TASK, TASK/NAME=VALUE or TASK/*")
    }
    self = instance
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(key)
  }
}
