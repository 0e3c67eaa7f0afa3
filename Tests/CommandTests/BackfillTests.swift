// `martlet backfill` through the real program: two years with five bad days, what each choice takes, and ranges that are none.

import MartletModel
import Testing

@Suite struct BackfillTests {
  private func pipeline(_ start: String = "2013-01-01", _ end: String = "2013-01-06") -> String {
    """
    martlet: 1
    pipeline: daily
    partitions:
      dt: {every: day, start: "\(start)", end: "\(end)", timezone: UTC}
    tasks:
      part:
        each: dt
        run: grep -q good ${{ in.x }} && cp ${{ in.x }} ${{ out.o }} && echo ${{ dt }} >> ran
        in: {x: "raw/${{ dt }}"}
        out: {o: "parts/${{ dt }}"}
      join:
        run: cat ${{ in.parts }} > ${{ out.o }}
        in: {parts: part.o}
        out: {o: all/joined}

    """
  }

  private func workspace(_ start: String = "2013-01-01", _ end: String = "2013-01-06", bad: Set<String> = []) -> CommandWorkspace
  {
    let workspace = CommandWorkspace(pipeline: pipeline(start, end))
    for day in days(start, end) { workspace.write("raw/\(day)", "\(bad.contains(day) ? "bad" : "good") \(day)\n") }
    return workspace
  }

  private func days(_ start: String, _ end: String) -> [String] {
    (CalendarDay(start)!...CalendarDay(end)!).map(\.description)
  }

  private func ran(_ workspace: CommandWorkspace) -> [String] {
    (workspace.read("ran") ?? "").split(separator: "\n").map(String.init)
  }

  private func document(_ ending: Ending) -> [String: ConfigurationValue] {
    guard case .map(let members) = ConfigurationValue(canonicalJSON: String(ending.out.dropLast())) else { return [:] }
    return members
  }

  private func counts(_ document: [String: ConfigurationValue]) -> [String: Int] {
    guard case .map(let counts) = document["counts"] else { return [:] }
    return counts.compactMapValues { if case .integer(let count) = $0, count > 0 { count } else { nil } }
  }

  // MARK: Two years

  @Test func fiveBadDaysInTwoYearsStopNothingElseAndRunAgainAlone() {
    let bad: Set = ["2012-02-29", "2012-07-04", "2012-12-31", "2013-01-01", "2013-10-27"]
    let workspace = workspace("2012-01-01", "2013-12-30", bad: bad)
    let first = workspace.martlet("backfill", "dt=2012-01-01..2013-12-30", "--json", "-m", "two years")
    #expect(first.status == 1, "\(first)")
    let told = document(first)
    #expect(counts(told) == ["succeeded": 725, "failed": 5])
    #expect(told["state"] == .text("failed") && told["comment"] == .text("two years"))
    #expect(ran(workspace).count == 725)
    // Told by counts: a line for each failure and for each tenth, not one for each day.
    #expect(first.err.split(separator: "\n").count < 30, "\(first.err)")
    #expect(first.err.contains(": 725 done, 5 failed  ("))
    #expect(first.err.hasSuffix("left to the next `martlet run`: join\n"))

    guard case .text(let id) = told["backfill"] else { return #expect(Bool(false), "\(first)") }
    let shown = workspace.martlet("backfill", "show", id)
    #expect(shown.out.contains("  stands  725 done, 5 failed\n"), "\(shown)")
    let troubles = """
      STATE     TASK                                CLASS  MESSAGE
      ✗ failed  part dt=2012-02-29                  code   exit status 1
      ✗ failed  part dt=2012-07-04                  code   exit status 1
      ✗ failed  part dt=2012-12-31..2013-01-01 (2)  code   exit status 1
      ✗ failed  part dt=2013-10-27                  code   exit status 1

      martlet backfill retry \(id)    runs 5 failed again

      """
    #expect(shown.out.hasSuffix(troubles), "\(shown)")

    for day in bad { workspace.write("raw/\(day)", "good \(day)\n") }
    let again = workspace.martlet("backfill", "retry", id, "--json")
    #expect(again.status == 0, "\(again)")
    #expect(counts(document(again)) == ["succeeded": 730])
    #expect(Set(ran(workspace).suffix(5)) == bad && ran(workspace).count == 730)
    #expect(workspace.martlet("backfill", "dt=2012-01-01..2013-12-30").err == "nothing to run: 730 up to date\n")
    #expect(workspace.martlet("run").err.contains("1 ran, 1 reused"))
  }

  // MARK: Planning

  @Test func aDryRunSaysWhatWouldRunAndChangesNothing() {
    let workspace = workspace()
    #expect(workspace.martlet("run", "part", "-p", "dt=2013-01-02").status == 0)
    let ending = workspace.martlet("backfill", "dt=2013-01-01..2013-01-05", "--dry-run")
    let text = """
      ACTION  TASK                                            BECAUSE
      ▶ run   part dt=2013-01-01, 2013-01-03..2013-01-05 (4)  never run
      4 partitions to run, 1 up to date
      left to the next `martlet run`: join

      """
    #expect(ending == Ending(status: 0, out: text, err: ""))
    let json = document(workspace.martlet("backfill", "dt=2013-01-04..2013-01-09", "part", "--dry-run", "--json"))
    #expect(json["schema"] == .text("martlet.backfillplan/1") && json["upToDate"] == .integer(0))
    guard case .list(let tasks) = json["tasks"] else { return #expect(Bool(false)) }
    #expect(tasks.count == 3)
    #expect(ran(workspace) == ["2013-01-02"])
    #expect(workspace.martlet("backfill", "list").err.hasPrefix("there is no backfill yet"))
  }

  @Test func aDryRunTellsDaysThatFailedFromThoseThatNeverRan() {
    let workspace = workspace(bad: ["2013-01-02", "2013-01-04"])
    #expect(workspace.martlet("backfill", "dt=2013-01-01..2013-01-04").status == 1)
    let text = """
      ACTION  TASK                                BECAUSE
      ▶ run   part dt=2013-01-02, 2013-01-04 (2)  failed before (code)
      ▶ run   part dt=2013-01-05..2013-01-06 (2)  never run
      4 partitions to run, 2 up to date
      left to the next `martlet run`: join

      """
    #expect(workspace.martlet("backfill", "dt=2013-01-01..2013-01-06", "--dry-run") == Ending(status: 0, out: text, err: ""))
  }

  @Test func onlyWhatIsNotUpToDateRunsAndNewestFirstIfAsked() {
    let workspace = workspace()
    #expect(workspace.martlet("backfill", "dt=2013-01-01..2013-01-04", "--order", "newest", "-j", "1").status == 0)
    #expect(ran(workspace) == ["2013-01-04", "2013-01-03", "2013-01-02", "2013-01-01"])
    workspace.write("raw/2013-01-03", "good again\n")
    #expect(workspace.martlet("backfill", "dt=2013-01-01..2013-01-05", "-j", "1").status == 0)
    #expect(ran(workspace).dropFirst(4) == ["2013-01-03", "2013-01-05"])
    #expect(workspace.martlet("backfill", "dt=2013-01-02..2013-01-03", "--select", "all", "-j", "1").status == 0)
    #expect(ran(workspace).dropFirst(6) == ["2013-01-02", "2013-01-03"])
  }

  @Test func failedDaysAreTakenWhenAskedFor() {
    let workspace = workspace(bad: ["2013-01-02"])
    #expect(workspace.martlet("backfill", "dt=2013-01-01..2013-01-03").status == 1)
    let missing = workspace.martlet("backfill", "dt=2013-01-01..2013-01-04", "--select", "missing", "--dry-run")
    #expect(missing.out.contains("1 partition to run, 2 up to date, 1 left out by --select\n"), "\(missing)")
    let both = workspace.martlet("backfill", "dt=2013-01-01..2013-01-04", "--select", "missing+failed", "--dry-run")
    #expect(both.out.contains("2 partitions to run, 2 up to date\n"), "\(both)")
  }

  @Test func workOfSeveralTasksIsCountedAlikeEverywhere() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: small
        partitions: {dt: {every: day, start: "2013-01-01", end: "2013-01-05", timezone: UTC}}
        tasks:
          part: {each: dt, run: "test ${{ dt }} != 2013-01-02; touch ${{ out.a }}", out: {a: "part/${{ dt }}"}}
          score: {each: dt, run: "cp ${{ in.a }} ${{ out.b }}", in: {a: part.a}, out: {b: "score/${{ dt }}"}}

        """)
    let first = workspace.martlet("backfill", "dt=2013-01-01..2013-01-05")
    #expect(first.status == 1 && first.err.contains(": 5 partitions × 2 tasks of dt=2013-01-01..2013-01-05 to run\n"), "\(first)")
    #expect(first.err.contains(": 8 done, 1 failed, 1 blocked  ("), "\(first)")
    #expect(first.err.contains("    runs 1 failed and 1 blocked again\n"), "\(first)")
    let list = workspace.martlet("backfill", "list").out
    #expect(list.contains(/DONE +FAILED +BLOCKED +BY\n.* 8 of 10 +1 +1 +/), "\(list)")
    let dry = workspace.martlet("backfill", "dt=2013-01-02..2013-01-05", "part", "--select", "all", "--dry-run").out
    #expect(dry.contains("\n4 partitions to run\n"), "\(dry)")
    workspace.write("part/2013-01-05", "edited\n")
    workspace.write("score/2013-01-04", "edited\n")
    let uneven = workspace.martlet("backfill", "dt=2013-01-02..2013-01-05", "--dry-run").out
    #expect(uneven.contains("5 partitions of 2 tasks to run, "), "\(uneven)")
  }

  @Test func aPipelineThatChangedPausesWhatWasPlannedBefore() {
    let workspace = workspace(bad: ["2013-01-02"])
    let first = workspace.martlet("backfill", "dt=2013-01-01..2013-01-03", "--json")
    guard case .text(let id) = document(first)["backfill"] else { return #expect(Bool(false), "\(first)") }
    workspace.write("martlet.yaml", pipeline().replacing("grep -q good", with: "grep -qv good"))
    let refused = workspace.martlet("backfill", "retry", id)
    #expect(refused.status == 3, "\(refused)")
    #expect(
      refused.err == """
        backfill \(id): runs 1 partition again
        backfill \(id) is paused: the pipeline changed since it was planned
          part: command changed
          martlet backfill resume \(id) --replan    goes on by the pipeline as it is now, for all its partitions
          martlet backfill resume \(id)    once the old one is back

        """)
    #expect(workspace.martlet("backfill", "show", id).out.contains("part: command changed"))
    #expect(ran(workspace).count == 2)
    // By the new pipeline all three days are made again, and now the other two are bad.
    let replanned = workspace.martlet("backfill", "resume", id, "--replan", "--json")
    #expect(replanned.status == 1 && counts(document(replanned)) == ["succeeded": 1, "failed": 2], "\(replanned)")
  }

  @Test func whatThePipelineHasNoMoreIsNotPassedOverInSilence() {
    let workspace = workspace(bad: ["2013-01-01", "2013-01-03"])
    let first = workspace.martlet("backfill", "dt=2013-01-01..2013-01-03", "--json")
    guard case .text(let id) = document(first)["backfill"] else { return #expect(Bool(false), "\(first)") }
    workspace.write("raw/2013-01-01", "good\n")
    workspace.write("martlet.yaml", pipeline("2013-01-01", "2013-01-02"))
    let paused = workspace.martlet("backfill", "retry", id)
    #expect(paused.status == 3, "\(paused)")
    #expect(paused.err.contains("is paused: the pipeline changed since it was planned\n"), "\(paused)")
    #expect(paused.err.contains("  part: the pipeline has 1 partition of it no more\n"), "\(paused)")
    #expect(ran(workspace) == ["2013-01-02"])
    workspace.write("martlet.yaml", pipeline())
    workspace.write("raw/2013-01-03", "good\n")
    #expect(workspace.martlet("backfill", "resume", id).status == 0)
    #expect(ran(workspace).sorted() == ["2013-01-01", "2013-01-02", "2013-01-03"])
  }

  // MARK: Mistakes

  @Test(arguments: [
    (
      ["dt=2013-01-05..2013-01-02"],
      "error: the range dt=2013-01-05..2013-01-02 runs backwards\n  hint: the earlier day comes first: dt=2013-01-02..2013-01-05\n"
    ),
    (
      ["dt=2013-02-30"],
      "error: dt=2013-02-30 is no range of partitions\n  hint: dt=2013-01-01..2013-01-31, or dt=2013-01-31 for one\n"
    ),
    (
      ["dt=2013-01-05.."],
      "error: dt=2013-01-05.. is no range of partitions\n  hint: dt=2013-01-01..2013-01-31, or dt=2013-01-31 for one\n"
    ),
    (["td=2013-01-05"], "error: there is no partition named td\n  hint: did you mean dt?\n"),
    (
      ["dt=2014-01-01..2014-02-01"],
      "error: no partition of the pipeline lies in the range\n  asked for         dt=2014-01-01..2014-02-01\n  the pipeline has  dt=2013-01-01..2013-01-06\n  hint: start: and end: under partitions: say which there are\n"
    ),
    (
      ["dt=2013-01-05", "join"],
      "error: join does not run for each dt\n  each           none\n  tasks that do  part\n  hint: `martlet run join` brings it up to date, with what it reads\n"
    ),
    (["show", "b1"], "error: there is no backfill yet\n  hint: martlet backfill dt=2013-01-01..2013-01-31 makes one\n"),
  ])
  func aMistakeIsNamed(_ arguments: [String], _ text: String) {
    let workspace = workspace()
    let ending = Program.run([Program.buildFolder + "/martlet", "backfill"] + arguments, in: workspace.root)
    #expect(ending == Ending(status: 2, out: "", err: text))
  }

  @Test func veryManyPartitionsWantAWord() {
    let workspace = workspace("2010-01-01", "2013-12-31")
    let ending = workspace.martlet("backfill", "dt=2009-12-01..2013-12-31")
    #expect(
      ending
        == Ending(
          status: 2, out: "",
          err: """
            error: 1,461 partitions would run
              asked for           dt=2009-12-01..2013-12-31
              without a question  up to 1,000
              hint: --dry-run shows them, --yes runs them

            """))
    let dry = workspace.martlet("backfill", "dt=2009-12-01..2013-12-31", "--dry-run")
    #expect(dry.err == "note: 31 days of the range lie outside the pipeline's dt=2010-01-01..2013-12-31\n")
    #expect(dry.out.contains("1,461 partitions to run\n"))
    #expect(workspace.read("ran") == nil)
  }
}
