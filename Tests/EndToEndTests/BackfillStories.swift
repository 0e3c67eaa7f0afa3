// A backfill beside everything else: killed, paused, met by a run, cancelled. No partition is ever made by two at once, or twice.

import Testing

extension Stories {
  @Suite struct Backfills {
    /// Each part waits until its day may go: a file `go` lets all of them.
    private func workspace() throws -> Workspace {
      let workspace = Workspace()
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: daily
        partitions:
          dt: {every: day, start: "2013-01-01", end: "2013-01-06", timezone: UTC}
        resources: {cpu: 2}
        tasks:
          part:
            each: dt
            run: |
              echo ${{ dt }} >> ran
              while ! test -e go; do test -e martlet.yaml; sleep 0.02; done
              cp ${{ in.x }} ${{ out.o }}
            in: {x: "raw/${{ dt }}"}
            out: {o: "parts/${{ dt }}"}
          join:
            run: cat ${{ in.parts }} > ${{ out.o }}
            in: {parts: part.o}
            out: {o: all/joined}

        """)
      for day in 1...6 { try workspace.write("raw/2013-01-0\(day)", "\(day)\n") }
      return workspace
    }

    private func days(_ workspace: Workspace) throws -> [String] {
      guard workspace.exists("ran") else { return [] }
      return try workspace.read("ran").split(separator: "\n").map { String($0.suffix(2)) }
    }

    private func started(_ count: Int, _ workspace: Workspace) throws {
      _ = try workspace.wait(for: "\(count) parts to start") { try days(workspace).count == count ? true : nil }
    }

    private func shown(_ workspace: Workspace) throws -> JSON { try workspace.document("backfill", "show") }

    private func count(_ state: String, _ workspace: Workspace) throws -> Int? {
      try shown(workspace)["counts"][state].integer
    }

    @Test func aKilledBackfillGoesOnWithWhatIsLeftAndTakesWhatRuns() throws {
      let workspace = try workspace()
      let engine = workspace.start(["backfill", "dt=2013-01-01..2013-01-06"])
      try started(2, workspace)
      engine.kill()
      // The plan was written before anything ran.
      #expect(try shown(workspace)["state"].text == "interrupted")
      #expect(try count("planned", workspace) == 6)
      try workspace.write("go", "")
      let resumed = workspace.martlet("backfill", "resume", "b")
      #expect(resumed.status == 0, "\(resumed)")
      #expect(try count("succeeded", workspace) == 6)
      #expect(try days(workspace).sorted() == ["01", "02", "03", "04", "05", "06"])
      #expect(try shown(workspace)["runs"].list.count == 2)
    }

    @Test func whatAKilledForcedBackfillMadeIsNotForcedAgain() throws {
      let workspace = try workspace()
      try workspace.write("go", "")
      #expect(workspace.martlet("run", "part").status == 0)
      try workspace.remove("go")
      let engine = workspace.start(["backfill", "dt=2013-01-01..2013-01-04", "--select", "all", "-j", "1"])
      try started(7, workspace)
      engine.kill()
      try workspace.write("go", "")
      #expect(workspace.martlet("backfill", "resume", "b").status == 0)
      #expect(try days(workspace).dropFirst(6) == ["01", "02", "03", "04"])
    }

    @Test func aRunTakesOverWhatAKilledBackfillLeft() throws {
      let workspace = try workspace()
      let engine = workspace.start(["backfill", "dt=2013-01-01..2013-01-04"])
      try started(2, workspace)
      engine.kill()
      try workspace.write("go", "")
      let run = workspace.martlet("run")
      #expect(run.status == 0 && run.err.contains("was interrupted; martlet backfill resume b"), "\(run)")
      #expect(workspace.martlet("backfill", "resume", "b").status == 0)
      #expect(try count("reused", workspace) == 4)
      #expect(try days(workspace).count == 6)
    }

    @Test func aRunComesBeforeTheRestOfABackfillAndNothingIsMadeTwice() throws {
      let workspace = try workspace()
      let backfill = workspace.start(["backfill", "dt=2013-01-01..2013-01-06", "-j", "1"])
      try started(1, workspace)
      let run = workspace.start(["run", "part", "-p", "dt=2013-01-05..2013-01-06", "-j", "1"])
      _ = try workspace.wait(for: "the run to queue") { run.said.contains("queued") ? true : nil }
      try workspace.write("go", "")
      let endings = [run.end(), backfill.end()]
      #expect(endings.map(\.status) == [0, 0], "\(endings)")
      #expect(endings[1].err.contains("has made room for a run\n"))
      #expect(try days(workspace) == ["01", "05", "06", "02", "03", "04"])
      #expect(try count("succeeded", workspace) == 4)
      #expect(try count("reused", workspace) == 2)
    }

    @Test func aBackfillThatIsAskedForDuringARunComesAfterIt() throws {
      let workspace = try workspace()
      let run = workspace.start(["run", "part", "-p", "dt=2013-01-02"])
      try started(1, workspace)
      let backfill = workspace.start(["backfill", "dt=2013-01-01..2013-01-03", "--json"])
      _ = try workspace.wait(for: "the backfill to queue") { backfill.said.contains("queued") ? true : nil }
      try workspace.write("go", "")
      let endings = [run.end(), backfill.end()]
      #expect(endings.map(\.status) == [0, 0], "\(endings)")
      #expect(JSON(endings[1].out)?["counts"]["succeeded"].integer == 2, "\(endings)")
      #expect(try days(workspace).sorted() == ["01", "02", "03"])
    }

    @Test func aPausedBackfillEndsWhatItBeganAndGoesOnWhenResumed() throws {
      let workspace = try workspace()
      let backfill = workspace.start(["backfill", "dt=2013-01-01..2013-01-06"])
      try started(2, workspace)
      let paused = workspace.martlet("backfill", "pause", "b")
      #expect(paused.status == 0 && paused.err.hasSuffix("pauses: what has started ends first\n"), "\(paused)")
      #expect(try shown(workspace)["state"].text == "pausing")
      let status = workspace.martlet("status")
      let id = try #require(try shown(workspace)["backfill"].text)
      let line = "⏸ pausing: backfill \(id) of dt=2013-01-01..2013-01-06, 6 still to run; martlet backfill show \(id)\n"
      #expect(status.out.contains(line), "\(status)")
      try workspace.write("go", "")
      #expect(backfill.end().status == 3)
      #expect(try days(workspace).sorted() == ["01", "02"])
      #expect(try shown(workspace)["state"].text == "paused")
      #expect(try workspace.document("status")["backfills"].list.map { $0["state"].text } == ["paused"])
      // One at a time now: in the order of the days.
      #expect(workspace.martlet("backfill", "resume", "b", "-j", "1").status == 0)
      #expect(try shown(workspace)["state"].text == "succeeded")
      #expect(try days(workspace).suffix(4) == ["03", "04", "05", "06"])
      #expect(try workspace.document("status")["backfills"].list.isEmpty)
      #expect(workspace.martlet("backfill", "resume", "b").status == 2)
    }

    @Test func aBackfillWhoseEngineIsKilledWhileItPausesIsPaused() throws {
      let workspace = try workspace()
      let engine = workspace.start(["backfill", "dt=2013-01-01..2013-01-06"])
      try started(2, workspace)
      #expect(workspace.martlet("backfill", "pause", "b").status == 0)
      engine.kill()
      #expect(try shown(workspace)["state"].text == "paused")
      try workspace.write("go", "")
      let run = workspace.martlet("run", "part", "-p", "dt=2013-01-01")
      #expect(run.status == 0 && !run.err.contains("was interrupted"), "\(run)")
      #expect(try shown(workspace)["state"].text == "paused")
      #expect(workspace.martlet("backfill", "resume", "b").status == 0)
      #expect(try shown(workspace)["state"].text == "succeeded")
    }

    @Test func aCancelledBackfillEndsWhatRunsForGood() throws {
      let workspace = try workspace()
      let backfill = workspace.start(["backfill", "dt=2013-01-01..2013-01-06"])
      try started(2, workspace)
      #expect(workspace.martlet("backfill", "cancel", "b").status == 0)
      #expect(backfill.end().status == 130)
      #expect(try shown(workspace)["state"].text == "cancelled")
      #expect(try count("planned", workspace) == 6)
      #expect(try workspace.paths("parts/*").isEmpty)
      let resumed = workspace.martlet("backfill", "resume", "b")
      #expect(resumed.status == 2 && resumed.err.contains("was cancelled\n"), "\(resumed)")
    }

    @Test func whoPressesControlCInterruptsABackfillThatGoesOnWhenResumed() throws {
      let workspace = try workspace()
      let backfill = workspace.start(["backfill", "dt=2013-01-01..2013-01-03", "-j", "1"])
      try started(1, workspace)
      backfill.interrupt()
      let ending = backfill.end()
      #expect(ending.status == 130 && ending.err.contains("is interrupted; martlet backfill resume b"), "\(ending)")
      #expect(try shown(workspace)["state"].text == "interrupted")
      #expect(try count("planned", workspace) == 3)
      try workspace.write("go", "")
      #expect(workspace.martlet("backfill", "resume", "b").status == 0)
      // What was ended is begun anew.
      #expect(try days(workspace) == ["01", "01", "02", "03"])
    }

    @Test func codeThatIsEditedWhileItRunsPausesTheBackfill() throws {
      let workspace = try workspace()
      try workspace.edit("martlet.yaml", "    in: {x: \"raw", "    code: [tool]\n    in: {x: \"raw")
      try workspace.write("tool", "1")
      let backfill = workspace.start(["backfill", "dt=2013-01-01..2013-01-06", "-j", "1"])
      try started(1, workspace)
      try workspace.write("tool", "2")
      try workspace.write("go", "")
      let ending = backfill.end()
      #expect(ending.status == 3 && ending.err.contains("\n  part: code tool changed\n"), "\(ending)")
      // What was made meanwhile by nobody knows which of the two is not taken.
      #expect(try count("planned", workspace) == 6)
      #expect(workspace.martlet("backfill", "resume", "b", "--replan").status == 0)
      #expect(try count("succeeded", workspace) == 6)
    }
  }
}
