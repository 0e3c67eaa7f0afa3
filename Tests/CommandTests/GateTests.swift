// Who may decide on a gate, what becomes of a second decision, and of a gate on which nobody decides.

import MartletModel
import Testing

@Suite struct GateTests {
  private func workspace(_ gate: String = "approvers: [\"*\"]") -> CommandWorkspace {
    let workspace = CommandWorkspace(pipeline: pipeline(gate))
    workspace.write("data/number", "1\n")
    return workspace
  }

  private func pipeline(_ gate: String) -> String {
    """
    martlet: 1
    pipeline: small
    tasks:
      make:
        run: cp ${{ in.number }} ${{ out.made }}
        in: {number: data/number}
        out: {made: data/made}
      ask:
        gate: approval
        show: [make.made]
        \(gate)
      ship:
        run: cp ${{ in.made }} ${{ out.shipped }}
        in: {made: make.made}
        out: {shipped: data/shipped}
        after: [ask]

    """
  }

  private func history(_ workspace: CommandWorkspace) -> [ConfigurationValue] {
    (workspace.read("artifact/history.jsonl") ?? "").split(separator: "\n").map { ConfigurationValue(canonicalJSON: String($0))! }
  }

  @Test func aCommentThatSaysNothingIsNone() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    for empty in ["", " \t\n"] {
      for command in [["reject", "ask"], ["rollback"], ["incident", "accept", "ask"], ["incident", "reject", "ask"]] {
        let ending = Program.run([Program.buildFolder + "/martlet"] + command + ["-m", empty], in: workspace.root)
        #expect(ending.status == 2, "\(ending)")
        #expect(ending.err.contains("an empty comment says nothing: this decision needs a reason"), "\(ending)")
      }
    }
    #expect(history(workspace).isEmpty)
    #expect(workspace.martlet("approve", "ask", "-m", " ").status == 0)
    #expect(history(workspace).map { $0["comment"] } == [nil])
    #expect(!workspace.martlet("gates").out.contains(": \n"))
  }

  private func kinds(_ workspace: CommandWorkspace) -> [String] { history(workspace).map { $0["kind"]!.display } }

  /// Somebody else whom every machine has.
  private var other: String { id("-un") == "root" ? "nobody" : "root" }

  private func id(_ option: String) -> String {
    Program.run(["/usr/bin/id", option], in: "/").out.split(separator: "\n").map(String.init)[0]
  }

  // MARK: Two people

  @Test func ofTwoDecisionsTheFirstCountsAndBothAreRecorded() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("approve", "ask", "-m", "fine").status == 0)
    let second = workspace.martlet("reject", "ask", "-m", "wait!")
    #expect(second.status == 2, "\(second)")
    #expect(second.err.hasPrefix("error: ask was approved already, by \(id("-un")) at "), "\(second)")
    #expect(workspace.martlet("approve", "ask").status == 0)
    #expect(kinds(workspace) == ["approved", "rejected", "approved"])
    #expect(history(workspace).map { $0["settled_by"]?.display } == [nil, "1", "1"])
    let run = workspace.martlet("run")
    #expect(run.status == 0, "\(run)")
  }

  @Test func aRejectionIsOverruledOnlyByName() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("reject", "ask", "-m", "no").status == 0)
    let approval = workspace.martlet("approve", "ask")
    #expect(approval.status == 2, "\(approval)")
    #expect(approval.err.contains("--overrule"), "\(approval)")
    let run = workspace.martlet("run")
    #expect(run.status == 4)
    #expect(
      run.err.hasSuffix(
        """
          martlet gates    what ask shows; rejected by \(id("-un")): no
          martlet run    once what it shows has changed: then it asks again
          martlet approve ask --overrule -m "why"    if it is to pass all the same

        """), "\(run)")
    #expect(workspace.martlet("approve", "ask", "--overrule", "-m", "talked it over").status == 0)
    #expect(workspace.martlet("run").status == 0)
  }

  // MARK: Who

  @Test func approversWhomThisMachineDoesNotKnowAreNamed() {
    let workspace = workspace("approvers: [\"*\", somebody-else, \"group:nobodys-group\", \(id("-un"))]")
    let check = workspace.martlet("check")
    #expect(check.status == 0 && check.out == "martlet.yaml: 3 tasks, no errors\n", "\(check)")
    #expect(
      check.err.hasPrefix("martlet.yaml:11:22: warning[W102]: this machine has no user somebody-else, who may decide on ask\n"))
    #expect(
      check.err.contains("martlet.yaml:11:37: warning[W102]: this machine has no group nobodys-group, who may decide on ask\n"))
    #expect(check.err.hasSuffix("\n2 warnings\n"), "\(check)")
  }

  @Test func onlyApproversDecide() {
    let workspace = workspace("approvers: [somebody-else, \"group:nobodys-group\"]")
    #expect(workspace.martlet("run").status == 3)
    let refusal = workspace.martlet("approve", "ask")
    #expect(
      refusal
        == Ending(
          status: 2, out: "",
          err: """
            error: \(id("-un")) may not decide on ask: this machine knows none of its approvers, so nobody may
              approvers  somebody-else group:nobodys-group
              hint: mend approvers: in martlet.yaml

            """))
    #expect(kinds(workspace) == [])
    workspace.write("martlet.yaml", pipeline("approvers: [\(other), \"group:nobodys-group\"]"))
    #expect(
      workspace.martlet("approve", "ask").err
        == """
        error: \(id("-un")) may not decide on ask: they are none of its approvers
          approvers     \(other) group:nobodys-group
          unknown here  group:nobodys-group
          hint: ask one of them, or change approvers: in martlet.yaml

        """)
    workspace.write("martlet.yaml", pipeline("approvers: [\"group:\(id("-gn"))\"]"))
    #expect(workspace.martlet("approve", "ask").status == 0)
  }

  // MARK: How long

  @Test func aGateOnWhichNobodyDecidesIsRejected() {
    let workspace = workspace("expires: 1ms")
    #expect(workspace.martlet("run").status == 3)
    let run = workspace.martlet("run")
    #expect(run.status == 4, "\(run)")
    #expect(run.err.hasPrefix("note: rejected: ask by martlet\n"), "\(run)")
    #expect(kinds(workspace) == ["asked", "rejected"])
    #expect(history(workspace)[1]["comment"]?.display == "nobody decided within 0.0s")
    // Other evidence is another question.
    workspace.write("data/number", "2\n")
    #expect(workspace.martlet("run").status == 3)
    #expect(kinds(workspace) == ["asked", "rejected", "asked"])
  }

  @Test func whatHasExpiredIsNotToBeDecided() {
    let workspace = workspace("expires: 1ms")
    #expect(workspace.martlet("run").status == 3)
    let gates = workspace.martlet("gates")
    #expect(
      gates.out.contains(#/\n  expired   .*: the next command that changes something, such as `martlet run`, has it rejected\n/#),
      "\(gates)")
    #expect(!gates.out.contains("until") && !gates.out.contains("martlet approve"), "\(gates)")
    #expect(workspace.martlet("gates", "--json").out.contains(#""expired":true"#))
    #expect(!workspace.martlet("runbook").out.contains("### Gate ask waits"))
  }

  @Test func itMayCountAsApprovedToo() {
    let workspace = workspace("expires: {after: 1ms, result: approved}")
    #expect(workspace.martlet("run").status == 3)
    let run = workspace.martlet("run")
    #expect(run.status == 0, "\(run)")
    #expect(workspace.read("data/shipped") == "1\n")
  }

  @Test func theNextDecisionComesTooLate() {
    let workspace = workspace("expires: 1ms")
    #expect(workspace.martlet("run").status == 3)
    let late = workspace.martlet("approve", "ask")
    #expect(late.status == 2, "\(late)")
    #expect(late.err.contains("ask was rejected already, by martlet at "), "\(late)")
  }

  @Test func whoMayDecideIsSaidBeforeAndToWhoMayNot() {
    let workspace = workspace("approvers: [nobody, \"group:ml\"]\n    expires: {after: 3d, result: approved}")
    let before = workspace.martlet("gates").out
    #expect(before.contains("\n  approvers nobody, group:ml\n"), "\(before)")
    #expect(before.contains("\n  expires   72h00m after it began to wait, then it is approved\n"), "\(before)")
    let json = workspace.martlet("gates", "--json").out
    #expect(json.contains(#""approvers":["nobody","group:ml"]"#) && json.contains(#""expiresAfterSeconds":259200"#), "\(json)")
    #expect(json.contains(#""result":"approved""#), "\(json)")
    let run = workspace.martlet("run")
    let who = "not for \(id("-un")) to decide (they are none of its approvers) but for nobody, group:ml"
    #expect(run.err.contains(" ⏸ ask         waits for a person: nobody, group:ml\n"), "\(run)")
    #expect(run.err.hasSuffix("\n  martlet gates    what ask shows: \(who)\n"), "\(run)")
    let gates = workspace.martlet("gates").out
    #expect(gates.contains("\n  decide    not \(id("-un")): they are none of its approvers\n"), "\(gates)")
    #expect(workspace.martlet("runbook").out.contains("| who decides | nobody, group:ml |"))
  }

  @Test func theTimeIsCountedFromWhenTheGateBeganToWait() {
    let workspace = workspace("expires: 30d")
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("run").status == 3)
    #expect(kinds(workspace) == ["asked"])
    let gates = workspace.martlet("gates")
    #expect(gates.out.contains("  until     ") && gates.out.contains(", then it is rejected\n"), "\(gates)")
    // That it was asked is no decision.
    let status = workspace.martlet("status")
    #expect(status.out.contains(/ask +⏸ waiting/), "\(status)")
    #expect(workspace.martlet("status", "--json").out.contains(#""state":"waiting","task":"ask""#))
    // What the store knew is no loss; a shorter limit counts from the same moment.
    _ = Program.run(["/bin/rm", "-r", ".martlet"], in: workspace.root)
    workspace.write("martlet.yaml", pipeline("expires: 1ms"))
    #expect(workspace.martlet("run").status == 4)
    #expect(kinds(workspace) == ["asked", "rejected"])
  }
}
