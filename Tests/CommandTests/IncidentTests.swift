// A failing verdict and exhausted retries wait for a person: the ticket, the decision, and what later runs make of it.

import MartletModel
import Testing

@Suite struct IncidentTests {
  /// `judge` fails below ten; `act` comes behind it.
  private func workspace(number: Int = 3, more: String = "") -> CommandWorkspace {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: small
        tasks:
          judge:
            run: |
              n=$(cat ${{ in.number }})
              if [ "$n" -lt 10 ]; then v=fail; else v=pass; fi
              echo "looking at $n"
              echo "{\\"status\\":\\"succeeded\\",\\"verdict\\":\\"$v\\",\\"message\\":\\"rows $n, limit 10\\"}" >> "$MARTLET_RESULT"
              echo "{\\"findings\\":[{\\"metric\\":\\"rows\\",\\"value\\":$n,\\"limit\\":10,\\"message\\":\\"$n is below 10\\"}]}" > ${{ out.said }}
            in: {number: data/number}
            out: {said: data/said.json}
          act:
            run: cp ${{ in.said }} ${{ out.done }}
            in: {said: judge.said}
            out: {done: data/done}
        \(more)
        """)
    workspace.write("data/number", "\(number)\n")
    return workspace
  }

  private func ids(_ workspace: CommandWorkspace, _ arguments: String...) -> [String] {
    let ending = Program.run(
      [Program.buildFolder + "/martlet", "incident", "list", "--json"] + arguments, in: workspace.root)
    guard case .list(let incidents)? = ConfigurationValue(canonicalJSON: String(ending.out.dropLast()))?["incidents"] else {
      return []
    }
    return incidents.map { "\($0["incident"]!.display) \($0["state"]!.display)" }
  }

  private func id(_ workspace: CommandWorkspace) -> String { String(ids(workspace)[0].split(separator: " ")[0]) }

  @Test func manyThatAreAlikeAreToldAsOne() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: daily
        partitions:
          dt: {every: day, start: "2013-01-01", end: "2013-01-08", timezone: UTC}
        failures: [{class: io, exit: [9]}]
        tasks:
          part:
            each: dt
            run: test ${{ dt }} = 2013-01-05 && touch ${{ out.o }} || exit 9
            out: {o: "parts/${{ dt }}"}
            retries: {io: 0}
          other:
            run: exit 9
            out: {o: other}
            retries: {io: 0}

        """)
    #expect(workspace.martlet("run").status == 1)
    #expect(ids(workspace).count == 8)
    let list = workspace.martlet("incident", "list")
    let range = "part dt=2013-01-01..2013-01-04, 2013-01-06..2013-01-08 (7)"
    let lines = list.out.split(separator: "\n").dropFirst()
    #expect(lines.count == 2 && lines.contains { $0.hasPrefix("other-io-") }, "\(list)")
    #expect(lines.contains { $0.hasPrefix(range) && $0.contains("! open") && $0.contains("io; the first: ") }, "\(list)")
    #expect(list.err == "-v lists each of the 8 incidents\n", "\(list)")
    #expect(workspace.martlet("incident", "list", "-v").out.split(separator: "\n").count == 9)
    let page = workspace.martlet("runbook").out
    #expect(page.contains("### 7 incidents: \(range), io, open\n"), "\(page)")
    #expect(page.contains("### \(range) failed: io\n"), "\(page)")
    #expect(page.contains("### other failed: io\n"), "\(page)")
  }

  @Test func aBreachOpensATicketWithItsNumbersAndOnlyOne() {
    let workspace = workspace()
    let first = workspace.martlet("run")
    #expect(first.status == 3, "\(first)")
    let id = id(workspace)
    #expect(id.hasPrefix("judge-threshold-"))
    #expect(first.err.contains("incident \(id) is open: rows 3, limit 10\n"), "\(first)")
    #expect(first.err.contains("  martlet incident show \(id)"), "\(first)")
    let ticket = workspace.martlet("incident", "show", "judge").out
    for part in [
      "state: \"open\"", "| rows | 3 | 10 | 3 is below 10 |", "looking at 3", "martlet incident accept \(id) -m \"why\"",
      "[data/said.json](../data/said.json)",
    ] { #expect(ticket.contains(part), "\(part) is missing in\n\(ticket)") }
    let second = workspace.martlet("run")
    #expect(second.status == 3, "\(second)")
    #expect(!second.err.contains("is open"), "\(second)")
    #expect(second.err.hasSuffix("\n  martlet incident show \(id)    the numbers, and what can be done\n"), "\(second)")
    #expect(ids(workspace) == ["\(id) open"])
  }

  @Test func theTicketOfValidateNamesEveryCheckThatDidNotPass() {
    let checks = (3...62).map { "    - {name: \"more than \($0)\", metric: rowCount, mustBeGreaterThan: \($0)}\n" }
    let table = JudgedTable(
      checks: """
            - {metric: duplicateValues, column: id, mustBe: 0}
            - {metric: rowCount, mustBeGreaterThan: 2, severity: warning}
        """)
    var run: Ending?
    for rows in [4, 3, 2] {
      table.write(rows: rows)
      run = table.run()
      #expect(run?.status == 1, "\(run!)")
    }
    let says = "duplicateValues of `id`: expected 0, observed 1; also rowCount"
    #expect(run?.err.contains(" is open: \(says)\n") == true, "\(run!)")
    let ticket = table.workspace.martlet("incident", "show", "validate").out
    for part in [
      "## Numbers and limits\n\nAs run 20", "| duplicateValues of `id` | 1 | 0 | fail |", "| rowCount | 2 | more than 2 | warn |",
      "[reports/data_profile.json](../reports/data_profile.json)",
    ] { #expect(ticket.contains(part), "\(part) is missing in\n\(ticket)") }

    let many = JudgedTable(checks: checks.joined())
    for rows in [2, 1, 3] {
      many.write(rows: rows)
      run = many.run()
    }
    let long = many.workspace.martlet("incident", "show", "validate").out
    #expect(long.contains("; also more than 4, more than 5, more than 6 and 56 more\n"), "\(long)")
    #expect(long.contains("| more than 52 | 3 |") && !long.contains("| more than 53 | 3 |"), "\(long)")
    #expect(long.contains("\nAnd 10 more: see what it wrote.\n"), "\(long)")
  }

  @Test func quietRunsSayWhatWaitsAndWhatWasRejected() {
    let workspace = workspace()
    let first = workspace.martlet("run", "-q")
    let id = id(workspace)
    #expect(first.status == 3)
    #expect(
      told(first) == [
        "incident \(id) is open: rows 3, limit 10", "waiting: the verdict of judge waits for a person",
        "  martlet incident show \(id)    the numbers, and what can be done",
      ])
    let again = workspace.martlet("run", "-q", "--allow-waiting", "--progress", "none")
    #expect(again.status == 0)
    #expect(told(again) == ["  martlet incident show \(id)    the numbers, and what can be done"])
    #expect(workspace.martlet("incident", "reject", id, "-m", "no").status == 0)
    let rejected = workspace.martlet("run", "-q")
    #expect(rejected.status == 4)
    #expect(told(rejected) == ["rejected: the verdict of judge was rejected by \(user)"])

    let gate = self.workspace(number: 12, more: "  ask: {gate: approval, show: [judge.said]}\n")
    let waiting = gate.martlet("run", "-q")
    #expect(waiting.status == 3)
    #expect(told(waiting) == ["waiting: ask waits for a person"])
    #expect(gate.martlet("run", "-q", "--allow-waiting") == Ending(status: 0, out: "", err: ""))
    #expect(gate.martlet("reject", "ask", "-m", "not now").status == 0)
    #expect(told(gate.martlet("run", "-q")) == ["rejected: ask was rejected by \(user): not now"])
    #expect(gate.martlet("approve", "ask", "--overrule").status == 0)
    #expect(gate.martlet("run", "-q") == Ending(status: 0, out: "", err: ""))
  }

  @Test func quietRunsAreToldByWhoeverHoldsTheWorkspace() {
    let workspace = workspace(
      more: """
          bad: {run: exit 3}
          slow: {run: "touch begun; while [ ! -e go ]; do sleep 0.05; done"}

        """)
    let martlet = "\(Program.buildFolder)/martlet"
    let script = """
      \(martlet) run slow >/dev/null 2>&1 &
      while [ ! -e begun ]; do sleep 0.05; done
      (sleep 0.5; touch go) >/dev/null 2>&1 &
      \(martlet) run -q judge bad
      """
    let run = Program.run(["/bin/sh", "-c", script], in: workspace.root)
    #expect(run.status == 1, "\(run)")
    let id = id(workspace)
    #expect(run.err.contains(" ✗ bad         code: exit status 3, log "), "\(run)")
    #expect(
      told(run) == [
        "incident \(id) is open: rows 3, limit 10", "failed: bad failed; the verdict of judge is fail",
        "  martlet incident show \(id)    the numbers, and what can be done",
      ], "\(run)")
  }

  /// What was said, without progress, times and the run.
  private func told(_ ending: Ending) -> [String] {
    ending.err.split(separator: "\n").filter { !$0.hasPrefix(" ✗") }.map { line in
      line.range(of: "  (").map { String(line[..<$0.lowerBound]) } ?? String(line)
    }
  }

  @Test func everyRunThatMeetsOpenIncidentsNamesThem() {
    let flaky = (1...5).map { "  flaky\($0): {run: exit 75, retries: {io: 0}}\n" }.joined()
    let workspace = CommandWorkspace(pipeline: "martlet: 1\npipeline: small\ntasks:\n\(flaky)  fine: {run: \"true\"}\n")
    #expect(workspace.martlet("run").status == 1)
    let ids = ids(workspace).map { $0.split(separator: " ")[0] }
    for run in [workspace.martlet("run"), workspace.martlet("run", "fine")] {
      #expect(run.err.split(separator: "\n").filter { $0.hasPrefix("  martlet incident show ") }.count == 3, "\(run)")
      #expect(run.err.contains("\n  martlet incident show \(ids[0])    the numbers, and what can be done\n"), "\(run)")
      #expect(run.err.contains("\n  martlet incident list    and 2 more that are open\n"), "\(run)")
    }
  }

  @Test func aLastingProblemOfTheDataIsOneIncident() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: small
        failures: [{class: schema, exit: [9]}]
        tasks:
          look:
            run: n=$(cat ${{ in.number }}); if [ $n -lt 10 ]; then exit 9; fi; echo $n > ${{ out.x }}
            in: {number: data/number}
            out: {x: data/x}

        """)
    for number in 1...5 {
      workspace.write("data/number", "\(number)\n")
      let run = workspace.martlet("run")
      #expect(run.status == 1, "\(run)")
      #expect(ids(workspace, "--all").count == (number < 3 ? 0 : 1), "\(ids(workspace, "--all"))")
      #expect(run.err.contains("is still open, after another change: ") == (number > 3), "\(run)")
    }
    let id = id(workspace)
    let show = workspace.martlet("incident", "show", id, "--json")
    guard case .list(let later)? = ConfigurationValue(canonicalJSON: String(show.out.dropLast()))?["incident"]?["laterRuns"]
    else {
      return #expect(Bool(false), "\(show)")
    }
    #expect(Set(later.map(\.display)).count == 2)
    // The same once more is no other try, and what is mended closes it.
    #expect(workspace.martlet("run").status == 1)
    #expect(ids(workspace) == ["\(id) open"])
    workspace.write("data/number", "12\n")
    #expect(workspace.martlet("run").status == 0)
    #expect(ids(workspace, "--all") == ["\(id) closed"])
  }

  @Test func anAcceptedVerdictLetsExactlyItsDigestsThrough() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    let id = id(workspace)
    let accepted = workspace.martlet("incident", "accept", id, "-m", "a small day")
    #expect(accepted == Ending(status: 0, out: "", err: "accepted: \(id) by \(user)\n  martlet run    goes on behind it\n"))
    let run = workspace.martlet("run")
    #expect(run.status == 0, "\(run)")
    #expect(run.err.contains("verdict fail, accepted by a person: rows 3, limit 10"), "\(run)")
    #expect(workspace.read("data/done") != nil)
    let history = workspace.read("artifact/history.jsonl") ?? ""
    #expect(history.contains("\"kind\":\"incident_accepted\"") && history.contains("a small day"))
    workspace.write("data/number", "4\n")
    let other = workspace.martlet("run")
    #expect(other.status == 3, "\(other)")
    #expect(ids(workspace, "--all").map { $0.split(separator: " ")[1] } == ["open", "closed"])
  }

  @Test func causesComeFirstAndEachNoteHasItsSign() {
    let workspace = workspace(
      more: """
          count:
            run: >-
              echo '{"status":"succeeded","figures":{"pictures":1,"rows":2,"status":1}}' > "$MARTLET_RESULT"; touch ${{ out.x }}
            out: {x: data/counted}
          doubt:
            run: >-
              echo '{"status":"succeeded","verdict":"warn","message":"a bit odd"}' > "$MARTLET_RESULT"; touch ${{ out.x }}
            out: {x: data/doubted}

        """)
    func lines(_ run: Ending) -> [String] {
      run.err.split(separator: "\n").filter { $0.hasPrefix(" ") && !$0.hasPrefix("  ") }.map { line in
        // Without times and paths of attempts.
        line.split(separator: " ").filter { !$0.contains(/^[0-9.]+m?s$/) && !$0.hasPrefix(".martlet") }.joined(separator: " ")
      }
    }
    let first = workspace.martlet("run", "-j1")
    #expect(
      lines(first) == [
        "✓ judge", "✗ verdict fail: rows 3, limit 10", "○ act blocked by judge, whose verdict is fail",
        "✓ count 1 picture, 2 rows, status 1",
        "✓ doubt", "! verdict warn: a bit odd",
      ], "\(first)")
    #expect(workspace.martlet("incident", "accept", "judge", "-m", "small").status == 0)
    workspace.write("data/said.json", "edited")
    let second = workspace.martlet("run", "judge")
    #expect(
      lines(second) == [
        "✓ judge", "✓ verdict fail, accepted by a person: rows 3, limit 10",
        "✎ data/said.json had been edited; the edited bytes are at",
      ],
      "\(second)")
  }

  @Test func theGraphAndTheStatusShowWhatAPersonSaidOfAVerdict() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    let id = id(workspace)
    func drawn(_ sign: String, _ ruling: String, _ comment: String) {
      let text = workspace.martlet("graph").out
      #expect(text.contains("\(sign) succeeded, verdict fail, \(ruling) "), "\(text)")
      #expect(text.contains("; \(ruling) by \(user): \(comment) "), "\(text)")
      let json = workspace.martlet("graph", "--json").out
      #expect(json.contains("\"ruling\":\"\(ruling)\",\"state\":\"succeeded\",\"task\":\"judge\""), "\(json)")
      let mermaid = workspace.martlet("graph", "--states", "--format", "mermaid").out
      #expect(mermaid.contains("[\"judge<br/>\(ruling)\"]:::\(ruling)") && mermaid.contains("classDef \(ruling) "), "\(mermaid)")
      let dot = workspace.martlet("graph", "--states", "--format", "dot").out
      #expect(dot.contains("label=\"judge\\n\(ruling)\", fillcolor"), "\(dot)")
      #expect(workspace.martlet("status").out.contains("  fail, \(ruling)  "))
    }
    #expect(workspace.martlet("graph").out.contains("✗ succeeded, verdict fail "))
    #expect(workspace.martlet("incident", "accept", id, "-m", "small").status == 0)
    drawn("✓", "accepted", "small")
    #expect(workspace.martlet("run").status == 0)
    drawn("✓", "accepted", "small")
    #expect(workspace.martlet("incident", "reject", id, "-m", "too small", "--overrule").status == 0)
    drawn("✗", "rejected", "too small")
    workspace.write("data/number", "4\n")
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("graph").out.contains("✗ succeeded, verdict fail "))
  }

  @Test func aRejectedVerdictMakesRunsRejectedUntilItIsGone() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    let id = id(workspace)
    #expect(workspace.martlet("incident", "reject", id, "-m", "not this").status == 0)
    let run = workspace.martlet("run")
    #expect(run.status == 4, "\(run)")
    #expect(run.err.contains("blocked by judge, which was rejected"), "\(run)")
    #expect(
      run.err.hasSuffix(
        """
          martlet incident show \(id)    the numbers; rejected by \(user): not this
          martlet run    once what it rests on has changed: then it is judged anew
          martlet incident accept \(id) --overrule -m "why"    if it is to pass all the same

        """), "\(run)")
    workspace.write("data/number", "12\n")
    let mended = workspace.martlet("run")
    #expect(mended.status == 0, "\(mended)")
    #expect(mended.err.contains("incident \(id) closed: the task succeeded\n"), "\(mended)")
    #expect(ids(workspace).isEmpty)
    #expect(workspace.martlet("incident").err == "no incident is open; --all shows 1 that closed\n")
    // The decision is bound to what was judged: coming back to it is no new question.
    workspace.write("data/number", "3\n")
    #expect(workspace.martlet("run").status == 4)
    #expect(ids(workspace) == ["\(id) rejected"])
  }

  @Test func ofTwoDecisionsTheFirstCountsAndBothAreRecorded() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    let id = id(workspace)
    #expect(workspace.martlet("incident", "reject", id, "-m", "no").status == 0)
    let second = workspace.martlet("incident", "accept", id, "-m", "yes")
    #expect(second.status == 2, "\(second)")
    #expect(second.err.hasPrefix("error: \(id) was rejected already, by \(user) at "), "\(second)")
    #expect(workspace.martlet("run").status == 4)
    let history = (workspace.read("artifact/history.jsonl") ?? "").split(separator: "\n")
    #expect(history.count == 2)
    #expect(history[1].contains("\"settled_by\":1"))
    #expect(workspace.martlet("incident", "accept", id, "-m", "yes", "--overrule").status == 0)
    #expect(workspace.martlet("run").status == 0)
  }

  @Test func aPersonsNotesStay() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    let id = id(workspace)
    let path = "incidents/\(id).md"
    workspace.write(path, workspace.read(path)! + "Called Bob, he looks at the sensor.\n")
    #expect(workspace.martlet("incident", "reject", id, "-m", "no").status == 0)
    workspace.write("data/number", "12\n")
    #expect(workspace.martlet("run").status == 0)
    let ticket = workspace.read(path)!
    #expect(ticket.contains("state: \"closed\"") && ticket.contains("closed_because: \"succeeded\""))
    #expect(ticket.hasSuffix("Called Bob, he looks at the sensor.\n"))
  }

  @Test func ticketsAndHistoryDecideWithoutTheStore() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    let id = id(workspace)
    _ = Program.run(["/bin/rm", "-r", ".martlet"], in: workspace.root)
    #expect(workspace.martlet("incident", "accept", id, "-m", "fine").status == 0)
    _ = Program.run(["/bin/rm", "-r", ".martlet", "incidents"], in: workspace.root)
    let run = workspace.martlet("run")
    #expect(run.status == 0, "\(run)")
    #expect(ids(workspace) == ["\(id) accepted"])
  }

  @Test func anotherPipelineInTheWorkspaceClosesNone() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    let id = id(workspace)
    workspace.write("other.yaml", "martlet: 1\npipeline: other\ntasks:\n  fine: {run: \"true\"}\n")
    let other = workspace.martlet("run", "-f", "other.yaml")
    #expect(other.status == 0, "\(other)")
    #expect(ids(workspace) == ["\(id) open"])
    // In its own pipeline a task that is gone has nothing that is open.
    workspace.write("martlet.yaml", "martlet: 1\npipeline: small\ntasks:\n  fine: {run: \"false || true\"}\n")
    #expect(workspace.martlet("run").status == 0)
    #expect(ids(workspace).isEmpty)
  }

  @Test func exhaustedRetriesOpenOneThatNobodyCanAccept() {
    let workspace = workspace(
      number: 12,
      more: """
          flaky:
            run: test -e data/mended || { echo no connection; exit 75; }; touch ${{ out.x }}
            out: {x: data/x}
            retries: {io: 1}
          wrong:
            run: exit 1
            out: {x: data/y}
        """)
    let run = workspace.martlet("run")
    #expect(run.status == 1, "\(run)")
    let id = id(workspace)
    #expect(ids(workspace) == ["\(id) open"])
    #expect(id.hasPrefix("flaky-io-"))
    let ticket = workspace.martlet("incident", "show", id).out
    #expect(ticket.contains("| 2 | failed | io | exit status 75 |"), "\(ticket)")
    #expect(ticket.contains("no connection"), "\(ticket)")
    let refused = workspace.martlet("incident", "accept", id, "-m", "so be it")
    #expect(refused.status == 2)
    #expect(refused.err.hasPrefix("error: \(id) is no verdict: there is nothing to accept\n"), "\(refused)")
    workspace.write("data/mended", "")
    #expect(workspace.martlet("run", "flaky").status == 0)
    #expect(ids(workspace).isEmpty)
  }

  @Test func anUnknownNameGetsASuggestion() {
    let workspace = workspace()
    #expect(workspace.martlet("incident", "show", "jugde").err == "error: there is no incident named jugde\n")
    #expect(workspace.martlet("incident").err == "no incident\n")
    #expect(workspace.martlet("run").status == 3)
    let id = id(workspace)
    #expect(
      workspace.martlet("-C", workspace.root, "incident", "show", "eval").err
        == "error: there is no incident named eval\n  hint: there are: \(id)\n")
  }

  private var user: String { Program.run(["/usr/bin/id", "-un"], in: "/").out.split(separator: "\n").map(String.init)[0] }
}
