// A workspace that several users of one machine work in: what one of them makes, the others may read, replace and decide on.

import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct SharedWorkspaceTests {
  private static let pipeline = """
    martlet: 1
    pipeline: small
    tasks:
      make:
        run: cp ${{ in.number }} ${{ out.made }}; mkdir ${{ out.many }}; cp ${{ in.number }} ${{ out.many }}/a
        in: {number: data/number}
        out: {made: data/made, many: data/many/}
      ask: {gate: approval, show: [make.made], approvers: [nobody]}
      slow:
        run: touch begun; while ! test -e go; do test -e martlet.yaml; sleep 0.02; done; cp ${{ in.number }} ${{ out.x }}
        in: {number: data/number}
        out: {x: data/x}
        after: [make]

    """

  private func mode(_ workspace: CommandWorkspace, _ path: String) -> String {
    Program.run(["/usr/bin/stat", "-c", "%a", path], in: workspace.root).out.split(separator: "\n").map(String.init).first ?? ""
  }

  @Test func aWorkspaceOfOnesOwnStaysPrivate() {
    let workspace = CommandWorkspace(pipeline: "martlet: 1\npipeline: small\ntasks: {a: {run: \"true\"}}\n")
    chmod(workspace.root, 0o755)
    #expect(workspace.martlet("run").status == 0)
    #expect(mode(workspace, ".martlet") == "700")
    #expect(mode(workspace, ".martlet/store.sqlite") == "600")
  }

  @Test func aFolderThatItsGroupMayWriteInIsShared() {
    let workspace = CommandWorkspace(
      pipeline: "martlet: 1\npipeline: small\ntasks: {a: {run: \"echo > ${{ out.x }}\", out: {x: data/x}}}\n")
    chmod(workspace.root, 0o2770)
    let run = Program.run(
      ["/bin/sh", "-c", "umask 077; exec \(Program.buildFolder)/martlet run"], in: workspace.root)
    #expect(run.status == 0, "\(run)")
    #expect(mode(workspace, ".martlet") == "2770")
    #expect(mode(workspace, ".martlet/store.sqlite") == "660")
    #expect(mode(workspace, ".martlet/lock") == "660")
    #expect(mode(workspace, "data/x") == "660")
    #expect(mode(workspace, "checkpoints/a.ok") == "660")
  }

  @Test(.enabled(if: geteuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0, "only root can be two users"))
  func twoUsersOfAGroupRunAndDecide() {
    let workspace = CommandWorkspace(pipeline: Self.pipeline)
    workspace.write("data/number", "1\n")
    workspace.write("go", "")
    let shared = Program.run(
      ["/bin/sh", "-ec", "chgrp -R 100 .; chmod -R g+rwX .; find . -type d -exec chmod g+s {} +"], in: workspace.root)
    #expect(shared.status == 0, "\(shared)")
    func words(_ user: String) -> [String] {
      ["/usr/bin/setpriv", "--reuid", user, "--regid", user == "nobody" ? "nogroup" : user, "--groups", "100"]
    }
    func martlet(as user: String, _ arguments: String...) -> Ending {
      Program.run(words(user) + [Program.buildFolder + "/martlet"] + arguments, in: workspace.root)
    }
    let first = martlet(as: "daemon", "run")
    #expect(first.status == 3, "\(first)")
    let refused = martlet(as: "daemon", "approve", "ask")
    #expect(refused.status == 2 && refused.err.hasPrefix("error: daemon may not decide on ask: "), "\(refused)")
    #expect(martlet(as: "nobody", "gates").out.contains("ask"))
    let approved = martlet(as: "nobody", "approve", "ask", "-m", "fine")
    #expect(approved == Ending(status: 0, out: "", err: "approved: ask by nobody\n"))
    #expect(martlet(as: "daemon", "run").status == 0)

    // What only its owner may remove stays until they do.
    let temporary = ".martlet/attempts/r.1/scratch/tmp"
    let left = Program.run(
      words("daemon") + ["/bin/sh", "-ec", "mkdir -p \(temporary); echo > \(temporary)/x; chmod 700 \(temporary)"],
      in: workspace.root)
    #expect(left.status == 0, "\(left)")

    // What one has made the other replaces.
    workspace.write("data/number", "2\n")
    let second = martlet(as: "nobody", "run", "make", "ask")
    #expect(second.status == 3, "\(second)")
    #expect(workspace.read("data/made") == "2\n" && workspace.read("data/many/a") == "2\n")
    #expect(martlet(as: "nobody", "reject", "ask", "-m", "no").status == 0)
    workspace.write("data/number", "3\n")
    #expect(access("\(workspace.root)/\(temporary)", F_OK) == 0)
    #expect(martlet(as: "daemon", "run", "make", "ask").status == 3)
    #expect(access("\(workspace.root)/\(temporary)", F_OK) != 0)

    // Whoever holds the workspace is asked, and knows who asks.
    unlink(workspace.root + "/go")
    unlink(workspace.root + "/begun")
    let run = (words("daemon") + [Program.buildFolder + "/martlet", "run", "slow"]).joined(separator: " ")
    _ = Program.run(["/bin/sh", "-c", "\(run) </dev/null >/dev/null 2>&1 &"], in: workspace.root)
    let deadline = time(nil) + 30
    while access(workspace.root + "/begun", F_OK) != 0, time(nil) < deadline { poll(nil, 0, 10) }
    let stranger = martlet(as: "daemon", "approve", "ask")
    #expect(stranger.status == 2 && stranger.err.hasPrefix("error: daemon may not decide on ask: "), "\(stranger)")
    let asked = martlet(as: "nobody", "approve", "ask")
    #expect(asked == Ending(status: 0, out: "", err: "approved: ask by nobody\n"))
    workspace.write("go", "")
    let last = martlet(as: "nobody", "run")
    #expect(last.status == 0, "\(last)")
    let history = (workspace.read("artifact/history.jsonl") ?? "").split(separator: "\n")
    #expect(history.count == 3 && history.allSatisfy { $0.contains("\"by\":\"nobody\"") }, "\(history)")
  }

  @Test(.enabled(if: geteuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0, "only root can be two users"))
  func nobodyElseGetsIn() {
    let workspace = CommandWorkspace(pipeline: Self.pipeline)
    chmod(workspace.root, 0o755)
    workspace.write("data/number", "1\n")
    workspace.write("go", "")
    #expect(workspace.martlet("run").status == 3)
    let stranger = Program.run(
      [
        "/usr/bin/setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", Program.buildFolder + "/martlet",
        "approve", "ask",
      ],
      in: workspace.root)
    #expect(stranger.status != 0 && stranger.err.contains("Permission denied"), "\(stranger)")
    #expect(workspace.read("artifact/history.jsonl") == nil)
  }
}
