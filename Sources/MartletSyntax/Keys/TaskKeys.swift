/// The keys of a task and of its inputs.

import MartletModel

enum TaskKeys {
  private typealias Kind = KeyDescription.Kind
  private static let working: [KeyDescription.Kind] = [.builtin, .command]

  static let task = KeyTable(
    "task", "A task: a built-in (`uses`), a command (`run`) or a gate (`gate`).", oneOf: ["uses", "run", "gate"],
    [
      KeyDescription(
        "uses", .text(pattern: "^[a-z]+@[1-9][0-9]*$", examples: BuiltinCatalog.all.map(\.reference.description)),
        "The built-in task that does the work, with its version: " + builtinNames + ".", kinds: [.builtin]),
      KeyDescription(
        "run", .text(examples: ["python3 score.py --model ${{ in.model }} --out ${{ out.scores }}"]),
        "A command for `/bin/sh -ec`. Each `${{ }}` becomes one shell-quoted word, so it stands outside quotes.",
        kinds: [.command]),
      KeyDescription(
        "gate", .choice([("approval", "`martlet approve` or `martlet reject` decides")]), "A stop that needs a person.",
        kinds: [.gate]),
      KeyDescription("description", .text(), "What the task does, in a sentence."),
      KeyDescription(
        "each", .text(pattern: Names.pattern, examples: ["dt"]),
        "The partition: the task runs once for each slice, with a checkpoint of its own.", kinds: working),
      KeyDescription(
        "batch", .integer(minimum: 1, maximum: 4096), "Up to so many partitions in one process.", kinds: [.builtin]),
      KeyDescription(
        "gather", .map(names: Names.pattern, .text()),
        "Outputs that join all partitions, written once every partition has its checkpoint.", kinds: [.builtin]),
      KeyDescription(
        "in", .map(names: Names.pattern, .either([.text(), .table(input)])),
        "What the task reads, by name: a path, or `task.output`; or a map with `path`, `keys`, `optional`, `release`, `file`.",
        kinds: working),
      KeyDescription(
        "out", .map(names: Names.pattern, .text()),
        "What the task writes, by name: paths; a folder ends in a slash.", kinds: working),
      KeyDescription(
        "after", .list(.text(pattern: Names.pattern)), "Tasks that must have succeeded first although no data pass."),
      KeyDescription(
        "when",
        .choice([
          ("ready", "everything upstream succeeded with a verdict that lets others go on"),
          ("settled", "everything upstream has succeeded, failed or been blocked"),
        ]), "When the task may run; `ready` where absent.", kinds: working),
      KeyDescription(
        "with", .map(names: Names.pattern, .anything),
        "Parameters of the task; a built-in knows its own, a command finds them in `MARTLET_SPEC`.", kinds: working),
      KeyDescription(
        "env", .map(names: Names.environmentPattern, .either([.text(), .number, .boolean])),
        "Environment variables; part of the fingerprint.", kinds: working),
      KeyDescription(
        "code", .list(.text(examples: ["score.py"])),
        "Files whose content makes the result stale too: scripts, lock files.", kinds: working),
      KeyDescription(
        "resources", .table(PipelineKeys.resources), "What an attempt asks for.", kinds: working),
      KeyDescription(
        "timeout", .duration, "How long one attempt may take; no limit where absent.", kinds: working),
      KeyDescription(
        "retries", PipelineKeys.retries,
        "Tries after the first, by failure class: `{io: 3, unstable: 2}`.", kinds: working),
      KeyDescription("executor", PipelineKeys.executor, "Where attempts happen.", kinds: working),
      KeyDescription(
        "in_place", .boolean,
        "For a command that can't write to another path: its old outputs are moved aside and put back on failure.",
        kinds: [.command]),
      KeyDescription(
        "subject", .text(examples: ["package.release"]), "What an approval promotes: a package task's release.",
        kinds: [.gate]),
      KeyDescription(
        "show", .list(.text(examples: ["eval.metrics"])),
        "What the person is shown. An approval binds to their digests.", kinds: [.gate]),
      KeyDescription(
        "approvers", .list(.text(examples: ["*", "maria", "group:ml", "!requester"])),
        "Who may decide: users, `group:NAME`, or `*` for everybody, which holds where the key is absent; "
          + "`!requester`: not who started the run that made the subject.", kinds: [.gate]),
      KeyDescription(
        "expires", .either([.duration, .table(expiry)]),
        "How long the gate waits for a decision on the same evidence: `3d` (then it is rejected), or a map with `after` and `result`; "
          + "for ever where absent.",
        kinds: [.gate]),
    ])

  static let expiry = KeyTable(
    "expiry", "What becomes of a gate on which nobody decides.",
    [
      KeyDescription("after", .duration, "How long the gate waits.", isRequired: true),
      KeyDescription(
        "result",
        .choice([
          ("rejected", "as if somebody had rejected it, which holds where the key is absent"),
          ("approved", "as if somebody had approved it: the subject is promoted"),
        ]), "What is recorded then; `rejected` where absent."),
    ])

  static let input = KeyTable(
    "input", "What a task reads under one name.", oneOf: ["path", "release"],
    [
      KeyDescription("path", .text(examples: ["config/schema.yaml"]), "A path of the workspace."),
      KeyDescription(
        "keys", .list(.text()),
        "Only these top-level keys of a YAML file count: a change of another one leaves the task alone."),
      KeyDescription("optional", .boolean, "Whether the task can do without it."),
      KeyDescription(
        "release", .choice([("current", "the newest promoted release that was made from other data or another model")]),
        "A release instead of a path."),
      KeyDescription("file", .text(examples: ["data_profile.json"]), "One file of the release."),
    ])

  private static var builtinNames: String {
    BuiltinCatalog.all.map { "`\($0.reference)`" }.joined(separator: ", ")
  }
}
