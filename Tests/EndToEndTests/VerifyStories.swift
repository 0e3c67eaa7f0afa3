// A task that stands runs once more, and its bytes are compared; nothing of it is published.

import Testing

extension Stories {
  @Suite struct Verify {
    @Test func aTaskThatWritesTheSameBytesIsSaidToDoSo() throws {
      let workspace = try Flights.finished()
      let checkpoints = try workspace.shell("sha256sum checkpoints/*.ok checkpoints/ingest/*").out
      let model = workspace.martlet("verify", "train")
      #expect(model.status == 0, "\(model)")
      #expect(model.out == "✓ train: 3 outputs, the same bytes\n")
      #expect(
        workspace.martlet("verify", "ingest", "-p", "dt=2013-01-02..2013-01-03").out == "✓ ingest: 4 outputs, the same bytes\n")
      #expect(try workspace.shell("sha256sum checkpoints/*.ok checkpoints/ingest/*").out == checkpoints)
      let run = try workspace.run()
      #expect(run.ran == [], "\(run)")
      #expect(workspace.martlet("runs").out.split(separator: "\n").count == 3)
      let gate = workspace.martlet("verify", "promote")
      #expect(gate.status == 2, "\(gate)")
    }

    @Test func aTaskThatIsNotDeterministicIsShownWithTheFirstDifference() throws {
      let workspace = Workspace()
      try workspace.write("names.txt", "a\nb\n")
      try workspace.write("counter", "1\n")
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: odd
        tasks:
          stamp:
            run: cp ${{ in.names }} ${{ out.copy }}; cat ${{ in.names }} counter > ${{ out.stamped }}; echo run >> counter
            in: {names: ./names.txt}
            out: {copy: ./copy.txt, stamped: ./stamped.txt}

        """)
      #expect(try workspace.run().status == 0)
      let published = try workspace.digests(["stamped.txt", "checkpoints/stamp.ok"])
      let ending = workspace.martlet("verify", "stamp")
      #expect(ending.status == 1, "\(ending)")
      #expect(ending.out.hasPrefix("✗ stamp\n    stamped  stamped.txt\n      was  "), "\(ending)")
      #expect(
        ending.out.contains(
          "      first differs at byte 6, line 4\n        - \n        + run\n      the new bytes are at .martlet/attempts/"))
      #expect(ending.out.hasSuffix("stamp is not deterministic: 1 of 2 outputs differ\n"))
      #expect(try workspace.digests(["stamped.txt", "checkpoints/stamp.ok"]) == published)
      let document = try workspace.document("verify", "stamp")
      let output = document["instances"].list[0]["outputs"].list[1]
      #expect(output["name"].text == "stamped")
      #expect(output["line"].integer == 4)
      #expect(try workspace.read(output["staged"].text ?? "").hasPrefix("a\nb\n1\nrun\n"))
      #expect(try workspace.run().ran == [])
    }

    /// The second time, the task does something else first.
    private func changing(_ second: String) throws -> Workspace {
      let workspace = Workspace()
      try workspace.write("names.txt", "a\n")
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: changing
        tasks:
          copy:
            run: if test -e again; then \(second); fi; cp ${{ in.names }} ${{ out.copy }}
            in: {names: ./names.txt}
            out: {copy: ./copy.txt}

        """)
      #expect(try workspace.run().status == 0)
      try workspace.write("again", "")
      return workspace
    }

    @Test func whatWasStoppedIsNotTheSame() throws {
      let workspace = try changing("touch started; while true; do sleep 1; done")
      let verify = workspace.start(["verify", "copy"])
      _ = try workspace.wait(for: "the task") { workspace.exists("started") ? true : nil }
      verify.interrupt()
      let ending = verify.end()
      #expect(ending.status == 130, "\(ending)")
      #expect(ending.out == "copy: 1 of 1 instance not compared: cancelled\n")
      #expect(try workspace.run().ran == [])
    }

    @Test func whatChangesMeanwhileIsNotTheSame() throws {
      let workspace = try changing("echo more >> names.txt")
      let ending = workspace.martlet("verify", "copy")
      #expect(ending.status == 1, "\(ending)")
      #expect(ending.out == "copy: 1 of 1 instance not compared: what it reads changed meanwhile\n")
      #expect(try workspace.read("copy.txt") == "a\n")
    }

    @Test func whatDoesNotStandHasNothingToCompareWith() throws {
      let workspace = try Flights.finished()
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.05")
      let ending = workspace.martlet("verify", "train")
      #expect(ending.status == 2, "\(ending)")
      #expect(
        ending.err == """
          error: train does not stand: there is nothing to compare with
            because  parameter learning_rate 0.1 -> 0.05
            hint: `martlet run train` first

          """)
    }
  }
}
