// One process at a time holds a workspace: what others get from it, and what takes the workspace from nobody.

import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Stories {
  @Suite struct Holding {
    /// One task, which lasts until there is a file `go`, and keeps count of its starts.
    private func workspace() throws -> Workspace {
      let workspace = Workspace()
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: slow
        tasks:
          slow:
            run: echo start >> starts; while ! test -e go; do sleep 0.02; done; cp starts ${{ out.copy }}
            out: {copy: data/slow}

        """)
      return workspace
    }

    private func started(_ workspace: Workspace) throws -> Program {
      let run = workspace.start(["run"])
      _ = try workspace.wait(for: "the task") { workspace.exists("starts") ? true : nil }
      return run
    }

    @Test func whoRemovesTheLocksFileFreesNothing() throws {
      let workspace = try workspace()
      let first = try started(workspace)
      try workspace.remove(".martlet/lock")
      let second = workspace.start(["run"])
      _ = try workspace.wait(for: "the second run to queue") { second.said.contains("queued") ? true : nil }
      try workspace.write("go", "")
      let endings = [first.end(), second.end()]
      #expect(endings.map(\.status) == [0, 0], "\(endings)")
      #expect(try workspace.read("data/slow") == "start\n")
    }

    @Test func whoAsksOneThatIsStoppedIsToldSoAndNothingIsDone() throws {
      let workspace = try workspace()
      let holder = try started(workspace)
      holder.suspend()
      let asked = workspace.martlet("cancel")
      #expect(asked.status == 75, "\(asked)")
      #expect(asked.err.hasPrefix("error: the process that holds the workspace does not answer\n"), "\(asked)")
      #expect(asked.err.contains("held by    process \(holder.pid) on "), "\(asked)")
      holder.resume()
      try workspace.write("go", "")
      let ending = holder.end()
      #expect(ending.status == 0, "\(ending)")
      #expect(try workspace.document("runs")["runs"].list.count == 1)
    }

    @Test func aTerminalThatIsClosedEndsNothing() throws {
      let workspace = try workspace()
      let run = try started(workspace)
      kill(run.pid, SIGHUP)
      try workspace.write("go", "")
      let ending = run.end()
      #expect(ending.status == 0, "\(ending)")
      #expect(workspace.exists("data/slow"))
    }

    @Test func termEndsARunAsCtrlCDoes() throws {
      let workspace = try workspace()
      let run = try started(workspace)
      kill(run.pid, SIGTERM)
      let ending = run.end()
      #expect(ending.status == 143, "\(ending)")
      #expect(ending.err.contains("cancelled: 1 ran"), "\(ending)")
      #expect(!workspace.exists("data/slow"))
    }

    @Test func manyFirstRunsAtOnceTakeTurns() throws {
      let workspace = try workspace()
      try workspace.write("go", "")
      let endings = (0..<6).map { _ in workspace.start(["run"]) }.map { $0.end() }
      #expect(endings.allSatisfy { $0.status == 0 }, "\(endings)")
      #expect(try workspace.read("data/slow") == "start\n")
    }
  }
}
