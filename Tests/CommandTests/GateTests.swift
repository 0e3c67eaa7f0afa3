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

  private func kinds(_ workspace: CommandWorkspace) -> [String] { history(workspace).map { $0["kind"]!.display } }

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
    #expect(workspace.martlet("run").status == 4)
    #expect(workspace.martlet("approve", "ask", "--overrule", "-m", "talked it over").status == 0)
    #expect(workspace.martlet("run").status == 0)
  }

  // MARK: Who

  @Test func onlyApproversDecide() {
    let workspace = workspace("approvers: [somebody-else, \"group:nobodys-group\"]")
    #expect(workspace.martlet("run").status == 3)
    let refusal = workspace.martlet("approve", "ask")
    #expect(
      refusal
        == Ending(
          status: 2, out: "",
          err: """
            error: \(id("-un")) may not decide on ask: they are none of its approvers
              approvers  somebody-else group:nobodys-group
              hint: ask one of them, or change approvers: in martlet.yaml

            """))
    #expect(kinds(workspace) == [])
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
