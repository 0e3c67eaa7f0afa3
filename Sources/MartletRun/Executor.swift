/// Where attempts happen, as the run loop sees it.

import MartletModel

/// Everything an executor needs to start one attempt. Paths are absolute.
public struct AttemptRequest: Sendable, Hashable {
  public let attempt: String
  /// The program and its arguments.
  public let arguments: [String]
  /// The whole environment, `MARTLET_ATTEMPT` included: it is also the mark by which strays are found.
  public let environment: [String: String]
  public let workingDirectory: String
  /// The attempt's own folder, which exists: what happens to its process is written there.
  public let folder: String
  /// stdout and stderr are appended here.
  public let logPath: String
  /// The limit in seconds; `nil` means none.
  public let timeoutSeconds: Double?
  /// How long a process tree that was asked to end may take, in seconds.
  public let graceSeconds: Double
  public let resources: Resources

  public init(
    attempt: String, arguments: [String], environment: [String: String], workingDirectory: String, folder: String,
    logPath: String, timeoutSeconds: Double?, graceSeconds: Double, resources: Resources
  ) {
    self.attempt = attempt
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.folder = folder
    self.logPath = logPath
    self.timeoutSeconds = timeoutSeconds
    self.graceSeconds = graceSeconds
    self.resources = resources
  }
}

/// What identifies a process beyond its number, which is used again after it ended and after a reboot.
public struct ProcessIdentity: Sendable, Hashable, Codable {
  public let pid: Int32
  /// Field 22 of `/proc/PID/stat`: clock ticks since boot.
  public let startTicks: UInt64
  public let bootID: String

  public init(pid: Int32, startTicks: UInt64, bootID: String) {
    self.pid = pid
    self.startTicks = startTicks
    self.bootID = bootID
  }
}

/// How an attempt's process ended and what it used.
public struct ExitRecord: Sendable, Hashable, Codable {
  /// The three ways an attempt's process can end.
  public enum Status: Sendable, Hashable, Codable {
    case exited(Int32)
    case signalled(Int32)
    /// The program could not be started; the system's error number.
    case notStarted(errno: Int32)
  }

  public let attempt: String
  public let status: Status
  /// Whether the supervisor ended it at its time limit.
  public let timedOut: Bool
  /// Whether the supervisor ended it because it was told to.
  public let cancelled: Bool
  /// Whether the kernel says that memory ran out.
  public let outOfMemory: Bool
  /// Seconds since 1970, wall clock.
  public let startedAt: Double
  public let endedAt: Double
  public let userSeconds: Double
  public let systemSeconds: Double
  /// The largest resident size of the process or of one of its waited-for children, in bytes.
  public let peakMemoryBytes: Int

  public init(
    attempt: String, status: Status, timedOut: Bool = false, cancelled: Bool = false, outOfMemory: Bool = false,
    startedAt: Double, endedAt: Double, userSeconds: Double = 0, systemSeconds: Double = 0, peakMemoryBytes: Int = 0
  ) {
    self.attempt = attempt
    self.status = status
    self.timedOut = timedOut
    self.cancelled = cancelled
    self.outOfMemory = outOfMemory
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.userSeconds = userSeconds
    self.systemSeconds = systemSeconds
    self.peakMemoryBytes = peakMemoryBytes
  }
}

/// What an executor reports.
public enum ExecutorEvent: Sendable, Hashable {
  case started(attempt: String, ProcessIdentity)
  /// Also for an adopted attempt, whose end may lie before the adoption.
  case exited(ExitRecord)
  /// The process is gone and left no exit record.
  case lost(attempt: String)
}

/// Starts, watches and ends attempts. Calls return at once; what comes of them is reported to the handler given at creation, from any
/// thread, exactly one `exited` or `lost` for each attempt that was started or adopted.
public protocol Executor: Sendable {
  func start(_ request: AttemptRequest)
  /// Takes over an attempt that an earlier engine started.
  func adopt(attempt: String, folder: String, identity: ProcessIdentity?)
  /// Asks the whole process tree to end, and after the grace ends it. `immediately` leaves out the grace.
  func end(attempt: String, immediately: Bool)
}
