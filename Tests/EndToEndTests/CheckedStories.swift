// A long pipeline file is read once: what was kept of it answers as the file does, and never for another one.

import Testing

extension Stories {
  @Suite struct Checked {
    /// So many tasks that keeping the checked pipeline saves something.
    private func text(_ count: Int = 200) -> String {
      let tasks = (0..<count).map { number in
        "  t\(number):\n    run: cp ${{ in.x }} ${{ out.y }} # some words to make it longer\n"
          + "    in: {x: in/source}\n    out: {y: out/t\(number)}\n"
      }
      return "martlet: 1\npipeline: long\ntasks:\n" + tasks.joined()
    }

    /// Nothing has run yet but the first two tasks, twice.
    private func workspace() throws -> Workspace {
      let workspace = Workspace()
      try workspace.write("martlet.yaml", text())
      try workspace.write("in/source", "1\n")
      #expect(workspace.martlet("run", "t0", "t1").status == 0)
      #expect(workspace.exists(".martlet/checked"))
      return workspace
    }

    @Test func whatIsKeptIsTakenAndSaysTheSame() throws {
      let workspace = try workspace()
      let kept = try workspace.bytes(".martlet/checked")
      let inode = try workspace.shell("stat -c %i .martlet/checked").out
      let plan = workspace.martlet("plan", "--json").out
      #expect(workspace.martlet("run", "t0").err.contains("nothing to do"))
      #expect(try workspace.shell("stat -c %i .martlet/checked").out == inode)
      try workspace.remove(".martlet/checked")
      #expect(workspace.martlet("plan", "--json").out == plan)
      // Who only looks keeps nothing.
      #expect(!workspace.exists(".martlet/checked"))
      #expect(workspace.martlet("run", "t0").err.contains("nothing to do"))
      #expect(try workspace.bytes(".martlet/checked") == kept)
    }

    @Test func anEditOfTheFileCounts() throws {
      let workspace = try workspace()
      // As long as before.
      try workspace.edit("martlet.yaml", "out: {y: out/t1}", "out: {y: out/u1}")
      #expect(workspace.martlet("run", "t0", "t1").err.contains("succeeded: 1 ran, 1 reused"))
      #expect(workspace.exists("out/u1"))
      try workspace.edit("martlet.yaml", "out: {y: out/u1}", "out: {z: out/u1}")
      let wrong = workspace.martlet("run", "t0")
      #expect(wrong.status == 2)
      #expect(wrong.err.contains("martlet.yaml:9:"), "\(wrong)")
    }

    @Test func anotherFileIsNotAnsweredFor() throws {
      let workspace = try workspace()
      try workspace.write("other.yaml", text().replacing("out: {y: out/t0}", with: "out: {y: out/other}"))
      #expect(workspace.martlet("run", "-f", "other.yaml", "t0").status == 0)
      #expect(workspace.exists("out/other"))
      // The same bytes under another name: places in messages name the file.
      try workspace.shell("cp martlet.yaml third.yaml")
      let before = try workspace.bytes(".martlet/checked")
      #expect(workspace.martlet("run", "-f", "third.yaml", "t0").status == 0)
      #expect(try workspace.bytes(".martlet/checked") != before)
    }

    @Test func parametersOfTheCommandLineCount() throws {
      let workspace = Workspace()
      let say = "  say:\n    run: echo ${{ params.word }} > ${{ out.y }}\n    out: {y: out/said}\n"
      let text = self.text().replacing("tasks:\n", with: "params: {word: one}\ntasks:\n" + say)
      try workspace.write("martlet.yaml", text)
      try workspace.write("in/source", "1\n")
      for said in ["one", "two", "one", "three"] {
        let arguments = said == "one" ? [] : ["--param", "word=\(said)"]
        let run = workspace.start(["run", "say"] + arguments).end()
        #expect(run.status == 0, "\(run)")
        #expect(try workspace.read("out/said") == said + "\n")
      }
    }

    @Test(arguments: [
      "truncate -s 100 .martlet/checked", "truncate -s 40 .martlet/checked", "truncate -s -1 .martlet/checked",
      "echo >> .martlet/checked", "printf X | dd of=.martlet/checked bs=1 seek=30 conv=notrunc",
      "printf X | dd of=.martlet/checked bs=1 seek=60 conv=notrunc",
      "printf X | dd of=.martlet/checked bs=1 seek=300 conv=notrunc",
      ": > .martlet/checked", "rm .martlet/checked; mkdir .martlet/checked",
    ])
    func whateverBecomesOfItTheFileIsRead(_ damage: String) throws {
      let workspace = try workspace()
      let plan = workspace.martlet("plan", "--json").out
      try workspace.shell(damage)
      #expect(workspace.martlet("plan", "--json").out == plan)
      #expect(workspace.martlet("run", "t1", "t2").err.contains("succeeded: 1 ran, 1 reused"))
    }
  }
}
