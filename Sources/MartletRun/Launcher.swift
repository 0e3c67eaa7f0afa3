/// Turns an attempt as decided into a process to start.

import MartletModel

public struct Launcher: Sendable {
  /// The workspace's absolute path.
  public let root: String
  /// The absolute path of `martlet-tasks`.
  public let tasksExecutable: String
  /// What of the host's environment a task may see.
  public let hostEnvironment: [String: String]
  /// How long a process tree that was asked to end may take, in seconds.
  public let graceSeconds: Double

  public init(root: String, tasksExecutable: String, hostEnvironment: [String: String], graceSeconds: Double = 10) {
    self.root = root
    self.tasksExecutable = tasksExecutable
    self.hostEnvironment = hostEnvironment
    self.graceSeconds = graceSeconds
  }

  /// The variables of a host's environment that tasks may see.
  public static func allowed(_ environment: [String: String]) -> [String: String] {
    let names: Set = [
      "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "SHELL", "TERM", "VIRTUAL_ENV", "MARTLET_NATIVE_DIR",
    ]
    return environment.filter { names.contains($0.key) || $0.key.hasPrefix("LC_") }
  }

  public func request(for plan: AttemptPlan) -> AttemptRequest {
    let folder = "\(root)/\(plan.folder)"
    var environment = hostEnvironment
    // OpenMP's threads wait by spinning: for long, training beside other attempts took seven times as long; not at all, training
    // alone took two and a half times as long. GNU's library spins so many times, then sleeps.
    if plan.shellCommand == nil { environment["GOMP_SPINCOUNT"] = "1000" }
    for (name, value) in plan.environment { environment[name] = value }
    environment["MARTLET_RUN"] = plan.record.run
    environment["MARTLET_TASK"] = plan.record.task
    environment["MARTLET_PARTITION"] = plan.items.count == 1 ? plan.items[0].instance.partition?.description ?? "" : ""
    environment["MARTLET_ATTEMPT"] = plan.record.id
    environment["MARTLET_KEY"] = plan.record.fingerprints[0].digest.hex
    environment["MARTLET_SPEC"] = "\(folder)/spec.json"
    environment["MARTLET_RESULT"] = "\(folder)/result.jsonl"
    environment["MARTLET_EVENTS"] = "\(folder)/events.jsonl"
    let arguments = plan.shellCommand.map { ["/bin/sh", "-ec", $0] } ?? [tasksExecutable, "run"]
    return AttemptRequest(
      attempt: plan.record.id, arguments: arguments, environment: environment, workingDirectory: root, folder: folder,
      logPath: "\(folder)/log", timeoutSeconds: plan.timeoutSeconds, graceSeconds: graceSeconds,
      resources: plan.record.resources)
  }
}
