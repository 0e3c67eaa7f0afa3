// Who watches a run learns how far it is: a person from plain lines and `status`, a program from lines of JSON.

import Testing

extension Stories {
  @Suite struct Progress {
    /// `slow` says how far it is and waits for the file `go`; `next` fails once.
    private func workspace() throws -> Workspace {
      let workspace = Workspace()
      try workspace.write(
        "martlet.yaml",
        #"""
        martlet: 1
        pipeline: progress
        tasks:
          slow:
            run: |
              echo '{"progress": 0.25, "done": 1500, "total": 6e3, "unit": "rows", "message": "reading"}' >> $MARTLET_EVENTS
              while ! test -e go; do test -e martlet.yaml; sleep 0.02; done
              echo done > ${{ out.text }}
            out: {text: ./slow.txt}
          next:
            run: test -e tried || { touch tried; exit 75; }; cp ${{ in.text }} ${{ out.text }}
            in: {text: slow.text}
            out: {text: ./next.txt}

        """#)
      return workspace
    }

    @Test func aProgramReadsALineOfJSONForEachChange() throws {
      let workspace = try workspace()
      let run = workspace.start(["run", "--progress", "json"])
      _ = try workspace.wait(for: "progress") { run.printed.contains(#""event":"progress""#) ? true : nil }
      try workspace.write("go", "")
      let ending = run.end()
      #expect(ending.status == 0, "\(ending)")
      let lines = ending.out.split(separator: "\n").compactMap { JSON(String($0)) }
      #expect(
        lines.map { line in [line["event"], line["task"], line["number"], line["state"]].compactMap(word).joined(separator: " ") }
          == [
            "run_started", "attempt_started slow 1", "progress slow", "attempt_started next 1", "settled slow succeeded",
            "retrying next 1", "attempt_started next 2", "settled next succeeded", "",
          ], "\(ending)")
      #expect(Set(lines.dropLast().map { $0["schema"].text }) == ["martlet.event/1"])
      #expect(Set(lines.prefix(1).map { $0["run"].text }) == Set(lines.suffix(1).map { $0["run"].text }))
      let progress = lines[2]["progress"].value
      #expect(progress.canonicalJSON == #"{"done":1500,"fraction":0.25,"message":"reading","total":6000,"unit":"rows"}"#)
      #expect(lines.last?["schema"].text == "martlet.run/1")
      #expect(lines.last?["result"].text == "succeeded")
      // No line for a person but the last.
      #expect(ending.err.hasPrefix("succeeded: 2 ran"), "\(ending)")
    }

    @Test func aProgramThatQueuesItsRunReadsItsEventsToo() throws {
      let workspace = try workspace()
      let first = workspace.start(["run", "slow"])
      _ = try workspace.attemptRunning("slow")
      let second = workspace.start(["run", "--progress", "json"])
      _ = try workspace.wait(for: "the second run to queue") { second.said.contains("queued") ? true : nil }
      try workspace.write("go", "")
      let endings = [first.end(), second.end()]
      #expect(endings.map(\.status) == [0, 0], "\(endings)")
      let events = endings[1].out.split(separator: "\n").compactMap { JSON(String($0)) }
      #expect(events.first?["event"].text == "run_started", "\(endings[1])")
      #expect(events.contains { $0["event"].text == "settled" && $0["task"].text == "slow" && $0["state"].text == "reused" })
      #expect(events.last?["schema"].text == "martlet.run/1")
    }

    /// More lines than the socket takes, and nobody who reads them: the holder of the workspace goes on, and ends.
    @Test func whoDoesNotReadHoldsUpNobody() throws {
      let workspace = Workspace()
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: many
        partitions:
          dt: {every: day, start: "2011-01-01", end: "2013-12-31", timezone: UTC}
        tasks:
          first:
            run: while ! test -e go; do test -e martlet.yaml; sleep 0.02; done; touch ${{ out.o }}
            out: {o: ./first}
          # Blocked, each of them, which is told.
          part:
            each: dt
            run: cp ${{ in.x }} ${{ out.o }}
            in: {x: absent.o}
            out: {o: "parts/${{ dt }}"}
          absent:
            run: "false"
            out: {o: ./absent}

        """)
      let holder = workspace.start(["run", "first"])
      _ = try workspace.attemptRunning("first")
      let client = workspace.start(["run", "part", "--progress", "json"])
      _ = try workspace.wait(for: "the second run to queue") { client.said.contains("queued") ? true : nil }
      client.suspend()
      try workspace.write("go", "")
      #expect(holder.end().status == 0)
      #expect(try workspace.document("runs")["runs"].list.map { $0["result"].text } == ["failed", "succeeded"])
      client.resume()
      _ = client.end()
    }

    @Test func statusAndTheHeartbeatSayHowFarItIs() throws {
      let workspace = try workspace()
      let run = workspace.start(["run", "slow", "--heartbeat", "1"])
      let beat = try workspace.wait(for: "a heartbeat") {
        run.said.split(separator: "\n").first { $0.contains("running: slow for ") && $0.contains("25%") }
      }
      #expect(beat.hasSuffix("s, 25%, 1,500 of 6,000 rows, reading"), "\(beat)")
      let status = workspace.martlet("status").out
      #expect(status.contains(": 25%, 1,500 of 6,000 rows, reading\n"), "\(status)")
      let unfinished = try workspace.document("status")["unfinished"].list
      #expect(unfinished.map { $0["progress"]["done"].integer } == [1500])
      try workspace.write("go", "")
      #expect(run.end().status == 0)
      #expect(workspace.martlet("run", "--heartbeat", "-1").status == 2)
    }

    private func word(_ json: JSON) -> String? { json.text ?? json.integer.map { "\($0)" } }
  }
}
