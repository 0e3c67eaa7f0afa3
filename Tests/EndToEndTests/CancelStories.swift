// A run that is stopped from another terminal, and one whose engine is killed while a task waits for its next try.

import Testing

extension Stories {
  @Suite struct Cancelling {
    /// Two tasks, of which the first takes until somebody ends it.
    private func slow(trap: String = "") throws -> Workspace {
      let workspace = Workspace()
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: slow
        tasks:
          slow:
            run: |
              \(trap)
              touch started
              while true; do sleep 1; done
              touch ${{ out.o }}
            out: {o: data/slow}
          after:
            run: cp ${{ in.x }} ${{ out.o }}
            in: {x: slow.o}
            out: {o: data/after}

        """)
      return workspace
    }

    private func started(_ workspace: Workspace, _ arguments: String...) throws -> Program {
      let run = workspace.start(arguments)
      _ = try workspace.wait(for: "the task") { workspace.exists("started") ? true : nil }
      return run
    }

    @Test func aRunIsStoppedFromAnotherTerminal() throws {
      let workspace = try slow()
      let run = try started(workspace, "run")
      let cancel = workspace.martlet("cancel")
      #expect(cancel.status == 0)
      #expect(cancel.err.hasPrefix("stopping run "), "\(cancel)")
      #expect(cancel.err.hasSuffix(" is cancelled\n"), "\(cancel)")
      let ending = run.end()
      #expect(ending.status == 130, "\(ending)")
      #expect(ending.err.contains("cancelled: 1 ran, 2 blocked"), "\(ending)")
      #expect(!workspace.exists("data/slow"))
      #expect(try workspace.document("runs")["runs"].list[0]["result"].text == "cancelled")
      #expect(workspace.martlet("cancel").err == "nothing is running\n")
    }

    @Test func nowKillsWhatDoesNotListen() throws {
      let workspace = try slow(trap: "trap '' TERM")
      let run = try started(workspace, "run")
      let polite = workspace.start(["cancel"])
      _ = try workspace.wait(for: "the first request") { polite.said.contains("stopping run") ? true : nil }
      let cancel = workspace.martlet("cancel", "--now")
      #expect(cancel.status == 0)
      #expect(cancel.err.hasPrefix("killing run "), "\(cancel)")
      #expect(polite.end().err.hasSuffix(" is cancelled\n"))
      #expect(run.end().status == 130)
    }

    @Test func aQueuedRunIsTakenOutOfTheQueue() throws {
      let workspace = try slow()
      let run = try started(workspace, "run")
      let queued = workspace.start(["run", "after"])
      let name = try workspace.wait(for: "the queued run's name") {
        queued.said.firstMatch(of: /queued behind the run that goes on, as run (\S+)\n/).map { String($0.1) }
      }
      let cancel = workspace.martlet("cancel", name)
      #expect(cancel.status == 0)
      #expect(cancel.err == "run \(name) is cancelled; it had not begun\n")
      let ending = queued.end()
      #expect(ending.status == 130)
      #expect(ending.err.hasSuffix("run \(name) was cancelled before it began\n"), "\(ending)")
      let unknown = workspace.martlet("cancel", "1999")
      #expect(unknown.status == 2)
      #expect(unknown.err.contains("there is no run 1999"), "\(unknown)")
      #expect(workspace.martlet("cancel", "--now").status == 0)
      #expect(run.end().status == 130)
    }

    @Test func whatAKilledEngineLeftRunningIsEnded() throws {
      let workspace = try slow()
      let run = try started(workspace, "run")
      // The process may work before the engine has put on record which one it is.
      let attempt = try workspace.wait(for: "the process on record") {
        try workspace.document("status")["unfinished"].list.first { $0["pid"].integer != nil }
      }
      run.kill()
      let pid = attempt["pid"].integer ?? 0
      #expect(workspace.exists("../../proc/\(pid)"))
      let cancel = workspace.martlet("cancel")
      #expect(cancel.status == 0)
      #expect(cancel.err == "ended what run \(attempt["run"].text ?? "") had left: slow\n")
      #expect(!workspace.exists("../../proc/\(pid)"))
      #expect(try workspace.document("status")["unfinished"].list.isEmpty)
      // What was cancelled is not what a retry means: it goes on with the run that was killed.
      try workspace.edit("martlet.yaml", "while true; do sleep 1; done", "true")
      let retry = workspace.martlet("retry")
      #expect(retry.status == 0, "\(retry)")
      #expect(retry.err.hasPrefix("going on with run \(attempt["run"].text ?? ""), which was interrupted\n"), "\(retry)")
      #expect(workspace.exists("data/after"))
    }

    /// Who names a run that has ended means no other: what a killed engine left running is for the next run to take over.
    @Test func aRunThatHasEndedIsNotAnothersWork() throws {
      let workspace = try slow()
      let first = try started(workspace, "run")
      #expect(workspace.martlet("cancel").status == 0)
      #expect(first.end().status == 130)
      let old = try #require(try workspace.document("runs")["runs"].list[0]["run"].text)
      try workspace.remove("started")
      try started(workspace, "run").kill()
      let attempt = try workspace.document("status")["unfinished"].list[0]
      let killed = try #require(attempt["run"].text)
      #expect(killed != old)
      let cancel = workspace.martlet("cancel", old)
      #expect(cancel.status == 0)
      #expect(cancel.err == "run \(old) has ended: cancelled\n", "\(cancel)")
      #expect(workspace.exists("../../proc/\(attempt["pid"].integer ?? 0)"))
      #expect(try workspace.document("status")["unfinished"].list.map { $0["run"].text } == [killed])
      #expect(workspace.martlet("cancel", killed).err == "ended what run \(killed) had left: slow\n")
      #expect(!workspace.exists("../../proc/\(attempt["pid"].integer ?? 0)"))
    }

    @Test func aRetryIsQueuedBehindTheRunThatGoesOn() throws {
      let workspace = try slow()
      let run = try started(workspace, "run")
      let retry = workspace.start(["retry"])
      _ = try workspace.wait(for: "the queue") { retry.said.contains("queued behind") ? true : nil }
      try workspace.edit("martlet.yaml", "while true; do sleep 1; done", "true")
      #expect(workspace.martlet("cancel").status == 0)
      let ending = retry.end()
      #expect(ending.status == 0, "\(ending)")
      #expect(ending.err.contains("retrying run ") && ending.err.contains(": 2 cancelled\n"), "\(ending)")
      #expect(ending.err.contains("succeeded: 2 ran"), "\(ending)")
      #expect(run.end().status == 130)
    }

    @Test func aWaitAndWhatWasSpentOutliveAKill() throws {
      let workspace = Workspace()
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: waits
        tasks:
          flaky:
            run: echo try >> tries; exit 75
            out: {o: data/flaky}
            retries: {io: 5}

        """)
      let run = workspace.start(["run"])
      _ = try workspace.wait(for: "the fourth wait") { run.said.contains("attempt 5 in ") ? true : nil }
      run.kill()
      let before = try workspace.document("show")["attempts"].list
      let next = try #require(before.last?["nextAttempt"].text)
      #expect(workspace.martlet("run").status == 1)
      let after = try workspace.document("show")["attempts"].list
      // Six tries in all, whenever the engine was killed, and none before its time: RFC 3339 in one zone sorts as text.
      #expect(before.count + after.count == 6)
      #expect(try #require(after.first?["created"].text) >= next)
      #expect(try workspace.read("tries").split(separator: "\n").count == 6)
      #expect(after.last?["followUp"].text == "no retry: all 5 retries for io spent")
    }
  }
}
