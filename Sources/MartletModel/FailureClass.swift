/// Why an attempt failed: the closed list that decides what happens next.
public enum FailureClass: String, Hashable, Sendable, Codable, CaseIterable {
  /// disk, network or file system
  case io
  /// the data broke its declared columns, types or contract
  case schema
  /// parse errors or null spikes above the threshold
  case data
  /// training diverged: NaN or infinite loss, spread between folds, metric under its floor
  case unstable
  /// a metric or drift beyond its limit
  case threshold
  /// killed for memory, with the kernel's evidence
  case resource
  /// the attempt's time limit
  case timeout
  /// a signal without evidence
  case killed
  /// inputs changed while the attempt ran
  case inputChanged = "input_changed"
  /// a mistake in configuration
  case config
  /// any other failure of the task's own code
  case code
  /// a person ended it
  case cancelled
  /// the process vanished with the machine
  case lost

  /// How many tries follow the first one when the pipeline says nothing. `unstable` is bounded by the seeds the task reports as left.
  public var defaultRetries: Int {
    switch self {
    case .io, .inputChanged, .lost: 3
    case .unstable: Int.max
    case .data, .resource, .timeout, .killed: 1
    case .schema, .threshold, .config, .code, .cancelled: 0
    }
  }

  /// Whether a later run tries again by itself although the fingerprint is the same.
  public var isPlannedAgain: Bool {
    switch self {
    case .data, .unstable: false
    default: true
    }
  }
}
