// The engine is killed while a task runs: the work goes on, the next run takes it, and nothing is repeated.

import Testing

extension Stories {
  @Suite struct Kills {
    @Test func trainingThatOutlivesTheEngineIsTakenNotRepeated() throws {
      let workspace = try Flights.finished()
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.01")
      try workspace.edit("config/train.yaml", "rounds: 30\n  early_stopping: 10", "rounds: 800\n  early_stopping: 800")
      let engine = workspace.start(["run"])
      let attempt = try workspace.attemptRunning("train")
      engine.kill()
      let run = try workspace.run()
      #expect(run.ran == Flights.belowClean, "\(run)")
      #expect(try run.entry("train").attempt == attempt, "\(run)")
      #expect(try workspace.attempts(of: "train").count == 1)
      #expect(try workspace.run().ran == [])
    }

    @Test func aTaskThatEndedWhileNoEngineLivedIsTakenToo() throws {
      let workspace = try Flights.fresh()
      try workspace.append(
        "martlet.yaml",
        """

          slow:
            run: echo start >> starts; while ! test -e go; do test -e martlet.yaml; sleep 0.02; done; cp starts ${{ out.copy }}; touch done
            out: {copy: data/slow.txt}
          next:
            run: cat ${{ in.slow }} > ${{ out.copy }}
            in: {slow: slow.copy}
            out: {copy: data/next.txt}

        """)
      let engine = workspace.start(["run", "next"])
      let attempt = try workspace.attemptRunning("slow")
      _ = try workspace.wait(for: "the task's start") { workspace.exists("starts") ? true : nil }
      engine.kill()
      try workspace.write("go", "")
      _ = try workspace.wait(for: "the task's end") { workspace.exists("done") ? true : nil }
      #expect(!workspace.exists("data/slow.txt"))
      let run = try workspace.run("next")
      #expect(run.ran == ["next", "slow"], "\(run)")
      #expect(try run.entry("slow").attempt == attempt)
      #expect(try workspace.read("data/next.txt") == "start\n")
      #expect(try workspace.run("next").ran == [])
    }

    @Test func aSecondRunQueuesBehindTheOneThatGoesOn() throws {
      let workspace = try Flights.fresh()
      try workspace.append(
        "martlet.yaml",
        """

          slow:
            run: echo start >> starts; while ! test -e go; do test -e martlet.yaml; sleep 0.02; done; cp starts ${{ out.copy }}
            out: {copy: data/slow.txt}

        """)
      let engine = workspace.start(["run", "slow"])
      _ = try workspace.attemptRunning("slow")
      let second = workspace.start(["run", "slow"])
      _ = try workspace.wait(for: "the second run to queue") { second.said.contains("queued") ? true : nil }
      try workspace.write("go", "")
      let endings = [engine.end(), second.end()]
      #expect(endings.map(\.status) == [0, 0], "\(endings)")
      #expect(try workspace.read("data/slow.txt") == "start\n")
    }
  }
}

extension Workspace {
  /// Waits until `status` tells of an unfinished attempt of the task, and of its process.
  func attemptRunning(_ task: String) throws -> String {
    try wait(for: "an attempt of \(task)") {
      let running = JSON(martlet("status", "--json").out)?["unfinished"].list ?? []
      return running.first { $0["task"].text == task && $0["pid"].integer != nil }?["attempt"].text
    }
  }

  /// The attempts of a task over the two newest runs, that of the killed engine and that which took it over.
  func attempts(of task: String) throws -> [String] {
    let runs = try document("runs")["runs"].list.compactMap { $0["run"].text }
    return try runs.prefix(2).flatMap { run in
      // One that another run took over is shown by both.
      try document("show", run)["attempts"].list.filter { $0["task"].text == task && $0["run"].text == run }
        .compactMap { $0["attempt"].text }
    }
  }
}
