/// The keys at the top of `martlet.yaml` and of the small maps below it.

import MartletModel

enum PipelineKeys {
  /// All tables, from the top of the file down.
  static let tables = [
    top, TaskKeys.task, TaskKeys.input, TaskKeys.expiry, partition, resources, defaults, failure, notification,
  ]

  static let top = KeyTable(
    "pipeline", "A pipeline of Martlet: what `martlet.yaml` holds.",
    [
      KeyDescription("martlet", .constant(1), "The version of this file's format: `1`.", isRequired: true),
      KeyDescription(
        "pipeline", .text(pattern: Names.pattern, examples: ["flights"]), "The pipeline's name.", isRequired: true),
      KeyDescription("description", .text(), "What the pipeline is for, in a sentence or two."),
      KeyDescription(
        "params", .map(names: Names.pattern, .anything),
        "Parameters, used as `${{ params.NAME }}`; `--param NAME=VALUE` replaces one for a run."),
      KeyDescription(
        "partitions", .map(names: Names.pattern, .table(partition)),
        "How artifacts are sliced. A task with `each: NAME` runs once for each slice."),
      KeyDescription(
        "resources", .table(resources), "What this host gives to all attempts together; what is absent is the machine's own."),
      KeyDescription("defaults", .table(defaults), "What tasks have that say nothing of their own."),
      KeyDescription(
        "tasks", .map(names: Names.pattern, .table(TaskKeys.task)), "The tasks, by name. Their order means nothing.",
        isRequired: true),
      KeyDescription(
        "failures", .list(.table(failure)),
        "Rules that give a failed attempt its failure class, in order; the first that matches decides."),
      KeyDescription(
        "schedules", .anything, "When the pipeline runs by itself.", availability: .later),
      KeyDescription(
        "notify", .list(.table(notification)),
        "Who is told of incidents, gates and runs: each event is posted as a CloudEvent, see [Notifications](notifications.md)."),
      KeyDescription("secrets", .anything, "Values that no log and no record may hold.", availability: .later),
      KeyDescription(
        "store", .text(examples: ["/var/lib/martlet/flights"]),
        "A local folder for the store, where the workspace lies on a network file system."),
    ])

  static let partition = KeyTable(
    "partition", "How artifacts are sliced.",
    [
      KeyDescription(
        "every", .choice([("day", "one slice for each day, `dt=2013-01-31`")]), "How long a slice is.", isRequired: true),
      KeyDescription("start", .day, "The first day.", isRequired: true),
      KeyDescription("end", .day, "The last day; without it, up to today."),
      KeyDescription(
        "timezone", .text(pattern: Names.timezonePattern, examples: ["UTC", "America/New_York"]),
        "The IANA time zone that decides when today begins; `UTC` where absent."),
    ])

  static let resources = KeyTable(
    "resources", "Processor cores and memory.",
    [
      KeyDescription("cpu", .integer(minimum: 1, maximum: 4096), "Processor cores."),
      KeyDescription("memory", .size, "Memory, with its unit: `512MiB`, `4GiB`."),
    ])

  static let defaults = KeyTable(
    "defaults", "What tasks have that say nothing of their own.",
    [
      KeyDescription("timeout", .duration, "How long one attempt may take."),
      KeyDescription("retries", retries, "Tries after the first, by failure class."),
      KeyDescription("resources", .table(resources), "What an attempt asks for."),
      KeyDescription("executor", executor, "Where attempts happen."),
    ])

  static let failure = KeyTable(
    "failure", "A rule that gives failed attempts a failure class. All conditions it names must hold.",
    [
      KeyDescription("class", .choice(classes(ruleClasses)), "The class.", isRequired: true),
      KeyDescription("exit", .list(.integer(minimum: 1, maximum: 255)), "Exit statuses, any of them."),
      KeyDescription("signal", .list(.integer(minimum: 1, maximum: 64)), "Numbers of signals, any of them."),
      KeyDescription(
        "log", .text(examples: ["connection reset"]), "A regular expression searched for in the log's last lines."),
    ])

  static let notification = KeyTable(
    "notification", "Where events are posted to, and which.", oneOf: ["url", "url_env"],
    [
      KeyDescription(
        "url", .text(pattern: "^https?://[^/?#@]", examples: ["https://hooks.example.org/martlet"]), "Where events are posted to."
      ),
      KeyDescription(
        "url_env", .text(pattern: Names.environmentPattern, examples: ["MARTLET_WEBHOOK"]),
        "The environment variable that holds the URL, for one with a token in it."),
      KeyDescription(
        "on",
        .list(
          .choice([
            ("incident.opened", "an incident opened"),
            ("incident.closed", "an incident closed by itself, or somebody decided on it"),
            ("gate.waiting", "a gate began to wait"),
            ("gate.decided", "somebody decided on a gate, or nobody did in time"),
            ("release.reverted", "a run went back to an earlier release"), ("run.failed", "a run ended as failed"),
            ("run.rejected", "a run ended as rejected"), ("run.succeeded", "a run succeeded"),
          ])), "Which events; all but `run.succeeded` where the key is absent."),
    ])

  static let executor = Shape.choice([("local", "processes on this machine")])

  /// Executors that later versions have.
  static let laterExecutors = ["slurm", "ray"]

  static let retries = Shape.map(names: "^(" + retryClasses.map(\.rawValue).joined(separator: "|") + ")$", .integer(minimum: 0))

  /// Classes that a task may retry; the engine decides about the others alone.
  static let retryClasses = FailureClass.allCases.filter { $0 != .cancelled && $0 != .inputChanged }

  /// Classes that a process can fail with.
  static let ruleClasses: [FailureClass] = [
    .io, .schema, .data, .unstable, .threshold, .resource, .timeout, .killed, .config, .code,
  ]

  private static func classes(_ list: [FailureClass]) -> [(word: String, meaning: String)] {
    list.map { ($0.rawValue, meaning(of: $0)) }
  }

  private static func meaning(of failureClass: FailureClass) -> String {
    switch failureClass {
    case .io: "disk, network or file system"
    case .schema: "the data broke its declared columns, types or contract"
    case .data: "parse errors or null spikes above the threshold"
    case .unstable: "training diverged"
    case .threshold: "a metric or drift beyond its limit"
    case .resource: "out of memory"
    case .timeout: "the attempt's time limit"
    case .killed: "a signal without evidence"
    case .inputChanged: "inputs changed while the attempt ran"
    case .config: "a mistake in configuration"
    case .code: "any other failure of the task's own code"
    case .cancelled: "a person ended it"
    case .lost: "the process vanished with the machine"
    }
  }
}
