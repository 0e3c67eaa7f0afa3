// What `runs`, `show`, `logs` and `status` print, as whole texts.

import MartletModel
import MartletRun
import Testing

@Suite struct ReadingCommandTests {
  let workspace = CommandWorkspace()

  init() throws {
    try workspace.record(RecordedRuns.entries)
  }

  @Test func runsAreListedNewestFirst() {
    let table = """
      RUN                   STARTED              RESULT      TOOK  RAN  REUSED  FAILED  BLOCKED  WAITING  ASKED
      20130131-050506-bbbb  2013-01-31 05:05:06  ⏸ waiting   4.0s    1                                 1
      20130131-040506-aaaa  2013-01-31 04:05:06  ✗ failed   1m05s    2       1       1        1           fetch

      """
    #expect(workspace.martlet("runs") == Ending(status: 0, out: table, err: ""))
  }

  @Test func runsAsJSONCarryTheirSchema() {
    let document = """
      {"runs":[{"arguments":[],"command":"run","counts":{"blocked":0,"failed":0,"ran":1,"reused":0,"waiting":1},"ended":"2013-01-31T05:05:10.000+00:00",\
      "parameters":{},"pipeline":"flights","result":"waiting","run":"20130131-050506-bbbb","seconds":4.0,\
      "started":"2013-01-31T05:05:06.000+00:00","version":"0.1.0"}],"schema":"martlet.runs/1"}

      """
    #expect(workspace.martlet("runs", "--json", "--limit", "1") == Ending(status: 0, out: document, err: ""))
  }

  @Test func showTellsOfTheNewestRun() {
    let text = """
      run 20130131-050506-bbbb of flights: ⏸ waiting
        started     2013-01-31 05:05:06
        took        4.0s
        asked       martlet run

      TASK     STATE          VERDICT  TOOK  ATTEMPTS  WHY
      ingest   ✓ 2 succeeded  warn     2.0s         1  input flights changed (1 -> 2)
      promote  ⏸ waiting                               waits for gate promote

      """
    #expect(workspace.martlet("show") == Ending(status: 0, out: text, err: ""))
  }

  @Test func showTellsEveryAttemptOfWhatDidNotSucceedAtOnce() {
    let text = """
      run 20130131-040506-aaaa of flights: ✗ failed
        started     2013-01-31 04:05:06
        took        1m05s
        asked       martlet run fetch
        parameters  min_rows=5

      TASK    STATE         TOOK  ATTEMPTS  WHY
      ingest  = 2 reused                    unchanged
      fetch   ✓ succeeded   2.3s         3  there was no result
      load    ✗ failed     1m01s         1  io: disk [2Jwent away
      report  ○ blocked                     blocked by load

      ATTEMPT  OF     NUMBER  OUTCOME      CLASS  RULE             TOOK   MEMORY  WAITED AFTER  MESSAGE
      at-1     fetch       1  ✗ failed     io     exit status 75   0.5s  3.0 MiB          0.3s  disk went away
      at-2     fetch       2  ✗ failed     io     exit status 75   0.5s  3.0 MiB          0.5s  disk went away
      at-3     fetch       3  ✓ succeeded                          0.3s  3.0 MiB
      at-4     load        1  ✗ failed     io     exit status 1   1m01s  3.0 MiB                disk went away

      """
    #expect(workspace.martlet("show", "20130131-04") == Ending(status: 0, out: text, err: ""))
  }

  @Test func aRunThatFoundNothingToDoSaysSo() throws {
    let run = RunRecord(
      id: "20130131-060506-dddd", pipeline: "flights", startedAt: RecordedRuns.start, arguments: [], parameters: [:],
      engineVersion: "0.1.0")
    try workspace.record([
      .runStarted(run), .runEnded(run: run.id, result: .succeeded, counts: RunCounts(reused: 4), at: RecordedRuns.start + 0.04),
    ])
    #expect(workspace.martlet("show").out.hasSuffix("  asked       martlet run\n\nnothing had to be done\n"))
  }

  @Test func aRunIsNamedByTheBeginningOfItsId() {
    #expect(
      workspace.martlet("show", "2013")
        == Ending(
          status: 2, out: "",
          err: "error: more than one run begins with 2013\n  hint: give more of it: `martlet runs` lists them\n"))
    #expect(
      workspace.martlet("show", "2014")
        == Ending(status: 2, out: "", err: "error: there is no run 2014\n  hint: `martlet runs` lists them\n"))
  }

  @Test func statusTellsHowEveryTaskStands() {
    let text = """
      flights: ⏸ waiting, run 20130131-050506-bbbb of 2013-01-31 05:05:06

      TASK     STATE          VERDICT  SINCE                WHY
      fetch    ✓ succeeded             2013-01-31 04:05:10  there was no result
      load     ✗ failed                2013-01-31 04:06:11  io: disk [2Jwent away
      report   ○ blocked               2013-01-31 04:06:11  blocked by load
      ingest   ✓ 2 succeeded  warn     2013-01-31 05:05:09  input flights changed (1 -> 2)
      promote  ⏸ waiting               2013-01-31 05:05:09  waits for gate promote

      """
    #expect(workspace.martlet("status") == Ending(status: 0, out: text, err: ""))
  }

  @Test func statusFollowsThePipelineFileWhereItIsSound() {
    workspace.write(
      "martlet.yaml",
      """
      martlet: 1
      pipeline: flights
      tasks:
        load: {run: "touch ${{ out.a }}", out: {a: data/a}}
        new: {run: "touch ${{ out.b }}", out: {b: data/b}}

      """)
    let text = """
      flights: ⏸ waiting, run 20130131-050506-bbbb of 2013-01-31 05:05:06

      TASK  STATE        SINCE                WHY
      load  ✗ failed     2013-01-31 04:06:11  io: disk [2Jwent away
      new   · never run

      """
    #expect(workspace.martlet("status") == Ending(status: 0, out: text, err: ""))
  }

  @Test func aRunWhoseEngineIsGoneIsInterrupted() throws {
    let run = RunRecord(
      id: "20130131-060506-cccc", pipeline: "flights", startedAt: RecordedRuns.start + 7200, arguments: [], parameters: [:],
      engineVersion: "0.1.0")
    let attempt = AttemptRecord(
      id: "at-6", run: run.id, task: "fetch", instances: [TaskInstance(task: "fetch")], fingerprints: [RecordedRuns.fingerprint],
      ingredients: [RecordedRuns.ingredients], number: 1, resources: Resources(cpu: 1, memoryBytes: 1), seedIndex: 0,
      createdAt: run.startedAt)
    try workspace.record([
      .runStarted(run), .attemptCreated(attempt),
      .attemptStarted(attempt: "at-6", ProcessIdentity(pid: 4711, startTicks: 1, bootID: "an earlier boot")),
    ])
    let status = workspace.martlet("status").out
    #expect(status.hasPrefix("flights: ○ interrupted, run 20130131-060506-cccc of 2013-01-31 06:05:06\n\nTASK"))
    #expect(status.hasSuffix("\n\n○ interrupted: fetch, attempt 1; the next `martlet run` goes on from there\n"))
    #expect(workspace.martlet("runs", "-n", "1").out.contains("○ interrupted"))
  }

  @Test func attemptsThatARunTookOverCountAsItsOwn() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: small
        resources: {cpu: 2}
        tasks:
          good: {run: "touch good; while [ ! -e go ]; do sleep 0.05; done; touch ${{ out.x }}", out: {x: data/x}}
          bad: {run: "touch bad; while [ ! -e go ]; do sleep 0.05; done; echo too bad; exit 75", retries: {io: 0}}

        """)
    let martlet = "\(Program.buildFolder)/martlet"
    let script = """
      \(martlet) run >/dev/null 2>&1 &
      while [ ! -e good ] || [ ! -e bad ]; do sleep 0.05; done
      kill -9 $!
      wait
      (sleep 0.5; touch go) >/dev/null 2>&1 &
      \(martlet) run --json 2>/dev/null
      """
    let run = Program.run(["/bin/sh", "-c", script], in: workspace.root)
    #expect(run.status == 1, "\(run)")
    let show = workspace.martlet("show")
    let lines = show.out.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    for task in ["good", "bad"] {
      let row = lines.first { $0.first == task } ?? []
      // Behind the state come how long it took, and how many attempts there were.
      #expect(row.count > 4 && row[3].hasSuffix("s") && row[4] == "1", "\(show)")
    }
    #expect(show.out.contains(" exit status 75 "), "\(show)")
    let id = ConfigurationValue(canonicalJSON: String(run.out.dropLast()))?["run"]?.display ?? ""
    #expect(workspace.martlet("logs", "bad", "--run", id).out == "too bad\n")
    let ticket = workspace.martlet("incident", "show", "bad").out
    #expect(ticket.contains("## What was tried") && ticket.contains("| 1 | failed | io | exit status 75 |"), "\(ticket)")
  }

  @Test func logsPrintTheBytesAndSayOnStderrWhose() {
    workspace.write(".martlet/attempts/at-2/log", "second\ttry\r\n")
    workspace.write(".martlet/attempts/at-3/log", "third, without a line end")
    #expect(
      workspace.martlet("logs", "fetch")
        == Ending(
          status: 0, out: "third, without a line end", err: "fetch, attempt 3 of run 20130131-040506-aaaa: succeeded\n"))
    #expect(
      workspace.martlet("logs", "fetch", "--attempt", "2", "--follow", "-q") == Ending(status: 0, out: "second\ttry\r\n", err: "")
    )
  }

  @Test func logsOfAPartitionAreThoseOfItsBatch() {
    workspace.write(".martlet/attempts/at-5/log", "batch\n")
    #expect(
      workspace.martlet("logs", "ingest", "-p", "dt=2013-01-02")
        == Ending(status: 0, out: "batch\n", err: "ingest 2 partitions, attempt 1 of run 20130131-050506-bbbb: succeeded\n"))
    #expect(
      workspace.martlet("logs", "ingest", "-p", "dt=2013-01-09")
        == Ending(
          status: 2, out: "",
          err: "error: no attempt of ingest ran partition dt=2013-01-09\n  hint: partitions are given as dt=2013-01-31\n"))
  }

  @Test func logsSayWhatIsMissing() {
    #expect(
      workspace.martlet("logs", "ingets")
        == Ending(status: 2, out: "", err: "error: there is no task with attempts named ingets\n  hint: did you mean ingest?\n"))
    #expect(
      workspace.martlet("logs", "fetch", "--attempt", "7")
        == Ending(
          status: 2, out: "", err: "error: fetch has no attempt 7 in run 20130131-040506-aaaa\n  hint: there are: 1, 2, 3\n"))
    #expect(
      workspace.martlet("logs", "load", "-q")
        == Ending(
          status: 2, out: "",
          err: """
            error: the attempt left no log
              looked at  ROOT/.martlet/attempts/at-4/log
              hint: logs are removed with .martlet/attempts

            """))
  }

  @Test func colourComesWhenItIsAskedFor() {
    let plain = workspace.martlet("status").out
    #expect(!plain.contains("\u{1b}"))
    #expect(workspace.martlet("status", environment: ["CLICOLOR_FORCE": "1"]).out.contains("\u{1b}[31m✗ failed"))
    #expect(workspace.martlet("status", environment: ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]).out == plain)
    #expect(workspace.martlet("--color", "never", "status", environment: ["FORCE_COLOR": "1"]).out == plain)
  }

  @Test func aGateStandsAsItWasDecidedSinceTheRuns() throws {
    workspace.write(
      "martlet.yaml",
      "martlet: 1\npipeline: flights\ntasks:\n  promote: {gate: approval}\n  other: {gate: approval}\n  late: {gate: approval}\n")
    var history = History()
    for (kind, gate, at) in [
      (HistoryEntry.Kind.rejected, "promote", "2013-01-31T05:05:00.000+00:00"),
      (.approved, "late", "2013-02-01T00:00:00.000+00:00"),
      (.approved, "promote", "2013-01-31T06:00:00.000+00:00"),
    ] {
      let subject = HistoryEntry.Subject.gate(gate, evidence: RecordedRuns.fingerprint, shown: [:], release: nil)
      history = History(entries: history.entries + [history.next(kind, subject, at: at, by: "ann", comment: "fine")])
    }
    workspace.write("artifact/history.jsonl", history.entries.map { $0.line + "\n" }.joined())
    let text = """
      flights: ⏸ waiting, run 20130131-050506-bbbb of 2013-01-31 05:05:06

      TASK     STATE          SINCE                WHY
      promote  ✓ approved     2013-01-31 06:00:00  by ann: fine
      other    · not decided
      late     ✓ approved     2013-02-01 00:00:00  by ann: fine

      """
    #expect(workspace.martlet("status") == Ending(status: 0, out: text, err: ""))
    let document = workspace.martlet("status", "--json").out
    #expect(document.contains(#""message":"fine","reasons":[],"state":"approved","task":"promote""#), "\(document)")
    #expect(!document.contains(#""state":"waiting""#))
    // What a run made of the gate afterwards counts again.
    workspace.write("artifact/history.jsonl", history.entries[0].line + "\n")
    #expect(workspace.martlet("status").out.contains("promote  ⏸ waiting"))
  }
}
