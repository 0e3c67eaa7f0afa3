// `martlet retry` and the classes of failures, with commands that fail on purpose.

import MartletModel
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct RetryTests {
  /// Four tasks; `mix` calls its data bad until there is a file `fixed`.
  private static let pipeline = """
    martlet: 1
    pipeline: demo
    params: {word: hello}
    tasks:
      load:
        run: cat ${{ in.x }} > ${{ out.o }}
        in: {x: ./source}
        out: {o: data/loaded}
      mix:
        run: |
          cat ${{ in.x }} > ${{ out.o }}
          test -f fixed || { echo '{"status":"failed","class":"data","message":"3 of 4 rows bad"}' >> $MARTLET_RESULT; exit 65; }
          echo ${{ params.word }} >> ${{ out.o }}
        in: {x: load.o}
        out: {o: data/mixed}
      after:
        run: cat ${{ in.x }} > ${{ out.o }}
        in: {x: mix.o}
        out: {o: data/after}
      other:
        run: cat ${{ in.x }} > ${{ out.o }}
        in: {x: load.o}
        out: {o: data/other}

    """

  private func failed() -> CommandWorkspace {
    let workspace = CommandWorkspace(pipeline: RetryTests.pipeline)
    workspace.write("source", "rows\n")
    #expect(workspace.martlet("run", "-q", "--param", "word=bye").status == 1)
    return workspace
  }

  @Test func whatStandsAgainIsNoLongerToldOfAsFailed() {
    let workspace = CommandWorkspace(pipeline: RetryTests.pipeline)
    workspace.write("source", "rows\n")
    workspace.write("fixed", "")
    #expect(workspace.martlet("run", "-q").status == 0)
    workspace.write("source", "bad rows\n")
    #expect(unlink(workspace.root + "/fixed") == 0)
    #expect(workspace.martlet("run", "-q").status == 1)
    #expect(workspace.martlet("status").out.contains("mix    ✗ failed"))
    workspace.write("source", "rows\n")
    #expect(workspace.martlet("run", "-q").status == 0)
    let status = workspace.martlet("status")
    #expect(status.out.contains("mix    = reused"), "\(status)")
    #expect(status.out.contains("after  = reused"), "\(status)")
  }

  @Test func whatFailedAndWhatItBlockedRunsOnceMoreWithTheSameParameters() {
    let workspace = failed()
    // A person's run waits for a change; only retry asks for the same again.
    let again = workspace.martlet("run", "--param", "word=bye")
    #expect(again.status == 1)
    #expect(again.err.contains("mix         data: 3 of 4 rows bad"), "\(again)")
    #expect(!again.err.contains("attempt"), "\(again)")
    workspace.write("fixed", "")
    let retry = workspace.martlet("retry")
    #expect(retry.status == 0)
    #expect(
      retry.told == """
        retrying run RUN: 1 failed (mix: data), 1 blocked
          verified  1 output of tasks upstream
         = load        reused
         ✓ mix         TIME
         ✓ after       TIME
        incident mix-data-ID closed: the task succeeded
        succeeded: 2 ran, 1 reused  (TIME, run RUN)

        """)
    #expect(workspace.read("data/after") == "rows\nbye\n")
    #expect(workspace.martlet("plan", "--param", "word=bye").out.contains("nothing to do"))
    #expect(workspace.martlet("show").out.contains("asked       martlet retry 2"))
  }

  @Test func whatTheFailedAttemptsHadWrittenIsCleared() {
    let workspace = failed()
    #expect(workspace.keptOutputs.count == 2)
    let retry = workspace.martlet("retry")
    #expect(retry.status == 1)
    #expect(retry.told.components(of: "cleared   what attempt RUN.") == 2, "\(retry)")
    // What is there now is what the retry has left.
    #expect(workspace.keptOutputs.count == 2)
    workspace.write("fixed", "")
    #expect(workspace.martlet("retry", "-q").status == 0)
    #expect(workspace.keptOutputs.isEmpty)
  }

  @Test func whatNoLongerStandsUpstreamIsMadeFirst() {
    let workspace = failed()
    workspace.write("fixed", "")
    workspace.write("data/loaded", "ROWS\n")
    let retry = workspace.martlet("retry")
    #expect(retry.status == 0, "\(retry)")
    #expect(retry.err.contains("  first     load: output modified: data/loaded\n"), "\(retry)")
    #expect(workspace.read("data/after") == "rows\nbye\n")
  }

  @Test func aRunIsNamedByItsBeginning() {
    let workspace = failed()
    workspace.write("fixed", "")
    #expect(workspace.martlet("run", "-q", "other").status == 0)
    let newest = workspace.martlet("retry")
    #expect(newest.status == 0)
    #expect(
      newest.told == """
        nothing to retry: run RUN ended as succeeded
          martlet retry RUN    in which mix failed

        """)
    let json = workspace.martlet("retry", "--json")
    #expect(json.out.contains("\"result\":\"succeeded\"") && json.out.contains("\"schema\":\"martlet.run/1\""))
    let run = newest.err.firstMatch(of: /martlet retry (\S+)/)!.1
    #expect(workspace.martlet("retry", String(run)).status == 0)
    let over = workspace.martlet("retry")
    #expect(over.told == "nothing to retry: run RUN ended as succeeded\n")
    let unknown = workspace.martlet("retry", "1999")
    #expect(unknown.status == 2)
    #expect(unknown.err == "error: there is no run 1999\n  hint: `martlet runs` lists them\n")
  }

  @Test func aRetryThatFailsSaysSo() {
    let workspace = failed()
    let retry = workspace.martlet("retry")
    #expect(retry.status == 1)
    #expect(retry.told.contains("failed: 1 ran, 1 reused, 1 failed, 1 blocked  (TIME, run RUN)"), "\(retry)")
  }

  @Test func nothingRanYet() {
    let workspace = CommandWorkspace(pipeline: RetryTests.pipeline)
    let retry = workspace.martlet("retry")
    #expect(retry.status == 2)
    #expect(
      retry.err == "error: nothing ran here yet\n  hint: `martlet run` runs the pipeline, `martlet plan` says what it would do\n")
    let cancel = workspace.martlet("cancel")
    #expect(cancel.status == 0)
    #expect(cancel.err == "nothing is running\n")
    #expect(workspace.martlet("run", "-q").status == 1)
    #expect(workspace.martlet("cancel").err == "nothing is running\n")
  }

  /// Three days, of which the second fails until there is a file `fixed`.
  private func days() -> CommandWorkspace {
    CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: days
        partitions: {dt: {every: day, start: 2013-01-01, end: 2013-01-03}}
        tasks:
          load:
            run: echo ${{ dt }} >> tries; test ${{ dt }} != 2013-01-02 || test -f fixed; echo ${{ dt }} > ${{ out.o }}
            each: dt
            out: {o: "data/dt=${{ dt }}"}
          join:
            run: cat ${{ in.x }} > ${{ out.o }}
            in: {x: load.o}
            out: {o: data/all}

        """)
  }

  @Test func onlyTheBadPartitionRunsAgain() {
    let workspace = days()
    #expect(workspace.martlet("run", "-q").status == 1)
    workspace.write("fixed", "")
    workspace.write("tries", "")
    let retry = workspace.martlet("retry")
    #expect(retry.status == 0, "\(retry)")
    #expect(retry.err.contains("1 failed (load dt=2013-01-02: code), 1 blocked"), "\(retry)")
    #expect(workspace.read("tries") == "2013-01-02\n")
    #expect(workspace.read("data/all") == "2013-01-01\n2013-01-02\n2013-01-03\n")
  }

  // MARK: Classes

  /// A pipeline of one command, with more keys of the task and of the file.
  private func single(_ command: String, task: String = "", file: String = "") -> CommandWorkspace {
    CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: single
        \(file)
        tasks:
          only:
            run: |
              \(command)
            out: {o: data/o}
            \(task)

        """)
  }

  /// The rows of the newest run's attempts: number, class, rule and what followed.
  private func attempts(_ workspace: CommandWorkspace) -> [String] {
    guard let show = ConfigurationValue(canonicalJSON: String(workspace.martlet("show", "--json").out.dropLast())),
      case .list(let attempts)? = show["attempts"]
    else { return [] }
    return attempts.map { attempt in
      func value(_ key: String) -> String { attempt[key]?.display ?? "" }
      return "\(value("number")) \(value("class")): \(value("rule")); \(value("followUp"))"
    }
  }

  @Test func eachClassHasItsBudgetAndTheAttemptSaysWhatFollowed() {
    let workspace = single("exit 75", task: "retries: {io: 2}")
    #expect(workspace.martlet("run", "-q").status == 1)
    #expect(
      attempts(workspace) == [
        "1 io: exit status 75; retry 1 of 2", "2 io: exit status 75; retry 2 of 2",
        "3 io: exit status 75; no retry: all 2 retries for io spent",
      ])
    #expect(workspace.martlet("show").out.contains("no retry: all 2 retries for io spent"))
  }

  @Test func aRuleGivesTheClassAndIsNamed() {
    let workspace = single(
      "echo 'connection refused'; exit 3", task: "retries: {io: 1}",
      file: "failures: [{class: config, exit: [4]}, {class: io, exit: [3], log: refused}]")
    #expect(workspace.martlet("run", "-q").status == 1)
    #expect(
      attempts(workspace) == [
        "1 io: failures[1] of the pipeline file; retry 1 of 1",
        "2 io: failures[1] of the pipeline file; no retry: the one retry for io spent",
      ])
  }

  @Test func whoRanOutOfMemoryAsksForTwiceAsMuch() {
    let rules = "failures: [{class: resource, log: out of memory}]\nresources: {memory: 1GiB, cpu: 1}"
    let command = "grep -o 'memoryBytes\":[0-9]*' $MARTLET_SPEC | cut -d: -f2 >> asked; echo out of memory; exit 1"
    let workspace = single(command, task: "resources: {memory: 300MiB}", file: rules)
    #expect(workspace.martlet("run", "-q").status == 1)
    #expect(workspace.read("asked") == "\(300 << 20)\n\(600 << 20)\n")
    #expect(attempts(workspace).first == "1 resource: failures[0] of the pipeline file; retry 1 of 1 with twice the memory")
    let full = single(command, task: "resources: {memory: 1GiB}", file: rules)
    #expect(full.martlet("run", "-q").status == 1)
    #expect(
      attempts(full) == ["1 resource: failures[0] of the pipeline file; no retry: it had all the memory there is"])
  }

  @Test func aCommandMayBeUnstableToo() {
    let workspace = single(
      "grep -o 'seedIndex\":[0-9]*' $MARTLET_SPEC | cut -d: -f2 >> seeds; echo loss is nan; exit 1",
      task: "retries: {unstable: 2}", file: "failures: [{class: unstable, log: nan}]")
    #expect(workspace.martlet("run", "-q").status == 1)
    #expect(workspace.read("seeds") == "0\n1\n2\n")
    let again = workspace.martlet("run")
    #expect(again.status == 1)
    #expect(workspace.read("seeds") == "0\n1\n2\n", "\(again)")
  }

  @Test func mistakesAreNotRepeated() {
    let workspace = single("exit 78")
    #expect(workspace.martlet("run", "-q").status == 1)
    #expect(attempts(workspace) == ["1 config: exit status 78; no retry: config is not retried"])
  }

  @Test func aPartOfABackfillHasARetryOfItsOwn() {
    let workspace = days()
    #expect(workspace.martlet("backfill", "dt=2013-01-01..2013-01-03", "-q").status == 1)
    let retry = workspace.martlet("retry")
    #expect(retry.status == 2)
    #expect(retry.told.hasPrefix("error: run RUN was a part of backfill bRUN\n  hint: `martlet backfill retry bRUN`"), "\(retry)")
  }

  @Test func whatAPersonMustDoNextIsSaid() {
    let held = failed()
    let ending = held.martlet("run", "--param", "word=bye")
    #expect(
      ending.err.contains(
        "  martlet logs mix    what it printed\n"
          + "  martlet why mix    what decides its result: it waits until one of these changes\n"
          + "  martlet retry    the same once more\n"), "\(ending)")
    let mistake = single("exit 78").martlet("run")
    #expect(
      mistake.err.contains(
        "  martlet logs only    what it printed\n  martlet show    what was tried\n  martlet retry    once that is mended\n"),
      "\(mistake)")
  }

  @Test func oneFailureBlocksOnlyWhatDependsOnIt() {
    let workspace = CommandWorkspace(pipeline: RetryTests.pipeline)
    workspace.write("source", "rows\n")
    let run = workspace.martlet("run")
    #expect(run.status == 1)
    #expect(workspace.read("data/other") == "rows\n")
    #expect(run.told.contains("failed: 3 ran, 1 failed, 1 blocked  (TIME, run RUN)\n"), "\(run)")
  }
}

extension Ending {
  /// What was said to a person, with every run's id as RUN, the digits of an incident's as ID, and every duration as TIME.
  fileprivate var told: String {
    err.replacing(/\d{8}-\d{6}-[a-z0-9]{4}/, with: "RUN").replacing(/\d+(\.\d+)?s\b/, with: "TIME")
      .replacing(/-[0-9a-f]{8} closed/, with: "-ID closed")
  }
}

extension String {
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}

extension CommandWorkspace {
  /// The files that failed attempts have left in their staging.
  fileprivate var keptOutputs: [Substring] {
    Program.run(["/usr/bin/find", ".martlet/attempts", "-path", "*/out/*", "-type", "f"], in: root).out.split(separator: "\n")
  }

  /// The bytes are as they were in the end: what the task read is not known.
  @Test func anInputThatWasEditedAndPutBackMeanwhileCountsAsChanged() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: demo
        tasks:
          copy:
            run: |
              if test -e busy; then cp ${{ in.x }} kept; echo B > ${{ in.x }}; cat ${{ in.x }} > ${{ out.o }}; cp kept ${{ in.x }}
              else cat ${{ in.x }} > ${{ out.o }}; fi
            in: {x: data/x}
            out: {o: data/o}

        """)
    workspace.write("data/x", "A\n")
    workspace.write("busy", "")
    let run = workspace.martlet("run")
    #expect(run.status == 1, "\(run)")
    #expect(workspace.read("data/o") == nil)
    let shown = workspace.martlet("show", "--failed").out + run.err
    #expect(shown.contains("data/x was written while it was read"), "\(shown)")
    _ = Program.run(["/bin/rm", "busy"], in: workspace.root)
    #expect(workspace.martlet("run").status == 0)
    #expect(workspace.read("data/o") == "A\n")
  }
}
