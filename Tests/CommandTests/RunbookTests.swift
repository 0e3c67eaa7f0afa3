// `martlet runbook`: the page as a whole, for a pipeline of which one task failed and a gate waits.

import MartletModel
import Testing

@Suite struct RunbookTests {
  private func workspace() throws -> CommandWorkspace {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: words
        failures: [{class: io, exit: [9]}]
        tasks:
          fetch:
            run: touch ${{ out.words }}
            out: {words: data/words.txt}
            retries: {io: 5}
            timeout: 5m
          load:
            description: Sorts the words.
            run: sort ${{ in.words }} > ${{ out.sorted }}
            in: {words: fetch.words, more: {path: data/more.txt, optional: true}}
            out: {sorted: data/sorted.txt}
          promote:
            gate: approval
            after: [load]

        """)
    try workspace.record(RecordedRuns.entries)
    return workspace
  }

  /// A history's text in which releases were promoted one after another.
  private func promotions(_ count: Int) -> String {
    var history = History()
    for release in ["model_v11111111", "model_v22222222"].prefix(count) {
      let entry = history.next(
        .approved,
        .gate("promote", evidence: RecordedRuns.fingerprint, shown: [:], release: ArtifactPath("artifact/\(release)/")),
        at: "2013-01-31T05:05:00.000+00:00", by: "ann", comment: nil)
      history = History(entries: history.entries + [entry])
    }
    return history.entries.map { $0.line + "\n" }.joined()
  }

  @Test func ofOneTask() throws {
    let workspace = try workspace()
    let page = """
      # Runbook: words

      Written by `martlet runbook` from `martlet.yaml` and the state of the workspace.

      ## Now

      ### load failed: io

      disk [2Jwent away

      1. What it printed: `martlet logs load`; what was tried: `martlet show 20130131-040506-aaaa`.
      2. Mend: `martlet doctor`: is the disk full, the share there? Then `martlet run`.
      3. Once more, the same: `martlet retry`; after a mend: `martlet run`.

      ## At any time

      - What is going on: `martlet status`, `martlet runs`, `martlet show`. Stop it: `martlet cancel`.
      - After a crash: `martlet run`. Nothing has to be unlocked or cleaned up.
      - To have a task run again: `martlet run TASK --force`, or delete its file below `checkpoints/`.
      - Disk full: `martlet gc --dry-run`, then `martlet gc`; `--intermediates` frees more.

      ## load

      Sorts the words.

      | | |
      |---|---|
      | does | command |
      | stands | run: failed before (io) |
      | needs | `fetch.words`<br>`data/more.txt`, if it is there |
      | writes | `data/sorted.txt` |

      | fails as | when | by itself | a person |
      |---|---|---|---|
      | `io` | disk, network or file system refuse, or exit status 75 | 3 times, after growing waits | `martlet doctor`: is the disk full, the share there? Then `martlet run` |
      | `resource` | the kernel ended it for want of memory | once, asking for twice the memory | raise `resources: memory` of the task or of the pipeline, or give it less data |
      | `killed` | a signal ended it, and nothing says why | once, after growing waits | find out who sent it; `martlet run` goes on |
      | `input_changed` | an input changed while it ran | planned again, at most 3 times | stop whoever writes it, or let it write elsewhere and rename |
      | `config` | a mistake in its configuration: exit status 64 or 78 | not retried | read the log, mend the file it names, `martlet run` |
      | `code` | its command failed, or left an output out | not retried | read the log, mend the command, `martlet run` |
      | `lost` | the process vanished with the machine | 3 times, after growing waits | nothing: the next `martlet run` tries again |

      ```sh
      martlet why load     # what would make it run, what decides its result
      martlet run load     # it, and whatever is stale upstream of it
      martlet logs load
      martlet verify load     # does it write the same bytes again?
      ```

      """
    #expect(workspace.martlet("runbook", "load") == Ending(status: 0, out: page, err: ""))
  }

  @Test func ofAllTasksAndAlwaysTheSame() throws {
    let workspace = try workspace()
    let first = workspace.martlet("runbook")
    #expect(first.status == 0, "\(first)")
    for title in ["## fetch", "## load", "## promote", "### load failed: io"] { #expect(first.out.contains("\n\(title)\n")) }
    #expect(first.out.contains("| `timeout` | it took longer than its `timeout` | once, after growing waits |"))
    #expect(
      first.out.contains("| `io` | disk, network or file system refuse, or exit status 75 | 5 times, after growing waits |"))
    #expect(workspace.martlet("runbook") == first)
    #expect(workspace.martlet("runbook", "loda").err == "error: there is no task named loda\n  hint: did you mean load?\n")
  }

  @Test func whatABuiltinTaskHasIsNotSaidOfACommand() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: small
        failures: [{class: data, exit: [3]}, {class: unstable, exit: [4]}]
        tasks:
          odd: {run: exit 3}
          shaky: {run: exit 4, retries: {unstable: 0}}
          wobbly: {run: exit 4}
          seeded:
            run: |
              if test -e tried; then left=0; else left=1; fi; touch tried
              echo '{"status":"failed","class":"unstable","seedsLeft":'$left'}' > "$MARTLET_RESULT"; exit 1
          patient: {run: exit 4, retries: {unstable: 2}}

        """)
    #expect(workspace.martlet("run").status == 1)
    let pages = [workspace.martlet("runbook").out] + ["odd", "shaky"].map { workspace.martlet("incident", "show", $0).out }
    // What is said of retries is what happens.
    let unstable = "| `unstable` | its own result or a rule of `failures:` says so | "
    let attempts = workspace.martlet("show", "-v").out
    for (task, says, count) in [
      ("shaky", "not retried", 1), ("wobbly", "not retried, unless its result says by `seedsLeft` that it has another seed", 1),
      ("seeded", "not retried, unless its result says by `seedsLeft` that it has another seed", 2),
      ("patient", "2 times, after growing waits", 3),
    ] {
      #expect(workspace.martlet("runbook", task).out.contains("\(unstable)\(says) |"), "\(task)")
      #expect(attempts.matches(of: try! Regex("\n\\S+ +\(task) +[0-9]+ ")).count == count, "\(task):\n\(attempts)")
    }
    for word in ["quarantine", "rejected rows", "config/train.yaml", "learning_rate", "diverged"] {
      for page in pages { #expect(!page.contains(word), "\(word):\n\(page)") }
    }
    #expect(pages[0].contains("\n2. Mend: read the log; mend the data; `martlet run`.\n"), "\(pages[0])")
    #expect(pages[0].contains("| `unstable` | its own result or a rule of `failures:` says so |"), "\(pages[0])")
    #expect(pages[1].contains("\n- Read the log, mend the data; `martlet run` then goes on by itself.\n"), "\(pages[1])")
    #expect(pages[2].contains("\n- Read the log, change its settings or its inputs; "), "\(pages[2])")
  }

  @Test func aRollbackIsSuggestedWhereThereIsSomethingToGoBackTo() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: small
        tasks:
          judge:
            run: cat said.json >> "$MARTLET_RESULT"; touch ${{ out.said }}
            out: {said: data/said}

        """)
    func judge(_ figures: String) {
      let line = #"{"status":"succeeded","verdict":"fail","message":"rows 3, limit 10","figures":{\#(figures)}}"#
      workspace.write("said.json", line + "\n")
      let run = workspace.martlet("run", "judge", "--force")
      #expect(run.status == 3, "\(run)")
    }
    judge("")
    func steps() -> Substring {
      let page = workspace.martlet("runbook").out
      return page[(page.firstRange(of: "### Incident")?.lowerBound ?? page.endIndex)...].prefix { $0 != "|" }
    }
    #expect(steps().contains("martlet incident accept judge-threshold-"), "\(workspace.martlet("runbook"))")
    for (count, isSuggested) in [(0, false), (1, false), (2, true)] {
      workspace.write("artifact/history.jsonl", promotions(count))
      #expect(
        steps().contains("\nmartlet rollback -m \"why\"     # 11111111 goes back into production\n```") == isSuggested,
        "after \(count) promotions:\n\(steps())")
      let page = workspace.martlet("runbook").out
      #expect(page.contains("- Bad model in production: `martlet rollback -m \"why\"`.") == isSuggested, "\(page)")
      #expect(page.contains("- In production is 11111111, and no release to go back to.") == (count == 1), "\(page)")
      #expect(page.contains("`martlet releases --at DATE`") == (count > 0), "\(page)")
    }
    for (figures, isSuggested) in [
      (#""champion":"11111111","champion_verdict":"fail""#, false), (#""champion":"11111111","champion_verdict":"warn""#, true),
      (#""champion":"22222222","champion_verdict":"fail""#, true),
    ] {
      judge(figures)
      #expect(workspace.martlet("runbook").out.contains("martlet rollback") == isSuggested, "after \(figures)")
    }
    #expect(workspace.martlet("incident", "reject", "judge-threshold", "-m", "no").status == 0)
    #expect(steps().contains("\nmartlet incident accept judge-threshold-"), "\(steps())")
    #expect(steps().contains(" --overrule -m \"why\" "), "\(steps())")
    #expect(!steps().contains("martlet incident reject"), "\(steps())")
  }
}
