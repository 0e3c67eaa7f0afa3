// A person decides, on what is shown, and only on that.

import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Stories {
  @Suite struct Gates {
    @Test func anApprovalPromotesAndMakesNothingStale() throws {
      let workspace = try Flights.finished()
      let release = try workspace.paths("artifact/model_v*")
      #expect(!workspace.exists("artifact/current"))
      let approval = workspace.martlet("approve", "promote", "-m", "looks good")
      #expect(approval.status == 0, "\(approval)")
      #expect(try ["artifact/" + workspace.link("artifact/current")] == release)
      #expect(try workspace.read("artifact/history.jsonl").contains("looks good"))
      let run = try workspace.run()
      #expect(run.status == 0, "\(run)")
      #expect(run.result == "succeeded")
      #expect(run.ran == [], "\(run)")
      try workspace.remove(".martlet")
      let rebuilt = try workspace.run()
      #expect(rebuilt.result == "succeeded", "\(rebuilt)")
      #expect(rebuilt.ran == [])
    }

    @Test func aRejectionStandsUntilTheEvidenceChanges() throws {
      let workspace = try Flights.finished()
      #expect(workspace.martlet("reject", "promote", "-m", "not this one").status == 0)
      let run = try workspace.run()
      #expect(run.status == 4, "\(run)")
      #expect(run.result == "rejected")
      #expect(run.ran == [])
      #expect(!workspace.exists("artifact/current"))
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.05")
      let changed = try workspace.run()
      #expect(changed.status == 3, "\(changed)")
      #expect(changed.ran == Flights.belowClean)
    }

    @Test func aGateWhoseEvidenceChangedAsksAgain() throws {
      let workspace = try Flights.finished()
      #expect(workspace.martlet("approve", "promote").status == 0)
      let first = try workspace.link("artifact/current")
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.05")
      let refused = workspace.martlet("approve", "promote")
      #expect(refused.status != 0, "\(refused)")
      let run = try workspace.run()
      #expect(run.status == 3, "\(run)")
      #expect(run.names("waiting") == ["promote"])
      #expect(try workspace.link("artifact/current") == first)
      #expect(try workspace.document("gates")["gates"].list.first?["state"].text == "waiting")
      #expect(workspace.martlet("approve", "promote").status == 0)
      #expect(try workspace.link("artifact/current") != first)
      #expect(try workspace.run().result == "succeeded")
    }

    /// The socket is the owner's alone; and were it opened to others, they would decide as themselves.
    @Test(.enabled(if: getuid() == 0, "only root can be somebody else"))
    func whoAsksTheHolderIsKnownFromTheKernel() throws {
      let workspace = Workspace()
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: asked
        tasks:
          make:
            run: echo made > ${{ out.o }}
            out: {o: data/made}
          ask:
            gate: approval
            show: [make.o]
            approvers: [root]
          slow:
            run: touch started; while ! test -e go; do test -e martlet.yaml; sleep 0.02; done; touch ${{ out.o }}
            out: {o: data/slow}

        """)
      let engine = workspace.start(["run"])
      _ = try workspace.wait(for: "the tasks") {
        workspace.exists("started") && workspace.exists("checkpoints/make.ok") ? true : nil
      }
      #expect(try workspace.shell("stat -c %a .martlet").out == "700\n")
      try workspace.shell("chmod 711 . .martlet && chmod 666 .martlet/control.sock")
      let answer = try workspace.python(
        """
        import os, socket
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
        asked = socket.socket(socket.AF_UNIX)
        asked.connect(".martlet/control.sock")
        asked.sendall(b'{"decide":{"_0":{"kind":"approved","gate":"ask","overrule":false}}}\\n')
        print(asked.makefile().read())
        """)
      #expect(answer.contains("may not decide on ask: they are none of its approvers"), "\(answer)")
      #expect(!workspace.exists("artifact/history.jsonl"))
      try workspace.write("go", "")
      #expect(engine.end().status == 3)
    }
  }
}
