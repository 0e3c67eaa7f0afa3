/// What each failure class means to the person on call: when it comes, and what to do. One place for words that pages share.

import MartletModel

struct FailureGuide {
  let failureClass: FailureClass
  let comesWhen: String
  let personDoes: String

  /// - Parameter task: who fails so; `nil` for one that the pipeline has no more.
  static func of(_ failureClass: FailureClass, in task: PipelineTask?) -> FailureGuide {
    let (comesWhen, personDoes) =
      task?.says(failureClass) == true ? words(failureClass) : wordsOfCommands[failureClass] ?? words(failureClass)
    return FailureGuide(failureClass: failureClass, comesWhen: comesWhen, personDoes: personDoes)
  }

  /// The classes that a task can fail with, in the order of the closed list.
  static func classes(of task: PipelineTask, rules: [FailureRule]) -> [FailureClass] {
    guard task.gate == nil else { return [] }
    var classes: Set<FailureClass> = [.io, .config, .resource, .killed, .lost]
    if !task.inputs.isEmpty || !task.code.isEmpty { classes.insert(.inputChanged) }
    if task.timeoutSeconds != nil { classes.insert(.timeout) }
    switch task.builtin?.name {
    case "ingest", "clean": classes.insert(.data)
    case "validate": classes.formUnion([.schema, .data])
    case "train": classes.insert(.unstable)
    case "evaluate": classes.insert(.threshold)
    case nil: classes.formUnion(rules.map(\.failureClass) + [.code])
    default: break
    }
    return FailureClass.allCases.filter { classes.union(task.retries.keys).contains($0) }
  }

  /// What is retried and how often, as the pipeline and the class's default have it.
  static func retries(of failureClass: FailureClass, in task: PipelineTask) -> String {
    let count = task.retries[failureClass] ?? failureClass.defaultRetries
    switch failureClass {
    case .unstable where count == .max:
      return task.says(.unstable)
        ? "with the next seed, until none is left" : "not retried, unless its result says by `seedsLeft` that it has another seed"
    case .unstable where count > 0 && task.says(.unstable): return "\(times(count)), with the next seed"
    case .inputChanged: return "planned again, at most \(count) times"
    case _ where count == 0: return "not retried"
    case .resource: return "\(times(count)), asking for twice the memory"
    default: return "\(times(count)), after growing waits"
    }
  }

  /// Where a class means less than it does for the built-in task that has files, settings and commands of its own for it.
  private static let wordsOfCommands: [FailureClass: (comesWhen: String, personDoes: String)] = [
    .schema: ("its own result or a rule of `failures:` says so", "read the log; mend the data or what it checks; `martlet run`"),
    .data: ("its own result or a rule of `failures:` says so", "read the log; mend the data; `martlet run`"),
    .unstable: (
      "its own result or a rule of `failures:` says so", "read the log; change its settings or its inputs; `martlet run`"
    ),
  ]

  private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }

  private static func words(_ failureClass: FailureClass) -> (comesWhen: String, personDoes: String) {
    switch failureClass {
    case .io:
      (
        "disk, network or file system refuse, or exit status 75",
        "`martlet doctor`: is the disk full, the share there? Then `martlet run`"
      )
    case .schema:
      (
        "the verdict is fail: columns, types or a check",
        "read the summary; mend the data or `config/schema.yaml`; the next run goes on by itself"
      )
    case .data:
      (
        "a file cannot be read, or too many rows are bad",
        "`martlet quarantine show`; mend the data or the rule; then `martlet quarantine replay`"
      )
    case .unstable:
      (
        "loss is no number, folds differ too much, or a metric is under its floor",
        "read the log and the report of the attempt; change `config/train.yaml` or the features"
      )
    case .threshold:
      (
        "the verdict is fail: a metric or a drift is beyond its limit",
        "`martlet incident show`; then accept, reject, or mend and run again"
      )
    case .resource:
      ("the kernel ended it for want of memory", "raise `resources: memory` of the task or of the pipeline, or give it less data")
    case .timeout: ("it took longer than its `timeout`", "see in the log where it stood; raise `timeout`, or find what hangs")
    case .killed: ("a signal ended it, and nothing says why", "find out who sent it; `martlet run` goes on")
    case .inputChanged: ("an input changed while it ran", "stop whoever writes it, or let it write elsewhere and rename")
    case .config: ("a mistake in its configuration: exit status 64 or 78", "read the log, mend the file it names, `martlet run`")
    case .code: ("its command failed, or left an output out", "read the log, mend the command, `martlet run`")
    case .cancelled: ("a person ended it", "`martlet run` when it may go on")
    case .lost: ("the process vanished with the machine", "nothing: the next `martlet run` tries again")
    }
  }
}

extension PipelineTask {
  /// Whether it is a built-in task that fails with this class in a way of its own.
  func says(_ failureClass: FailureClass) -> Bool {
    switch failureClass {
    case .schema: builtin?.name == "validate"
    case .data: ["ingest", "clean"].contains(builtin?.name)
    case .unstable: builtin?.name == "train"
    default: false
    }
  }
}
