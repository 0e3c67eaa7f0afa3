// The short way of a run with nothing to do: taken when nothing changed, and never when something did.

import Testing

extension Stories {
  @Suite struct Settled {
    /// A pipeline of commands of which a run has found twice that nothing is to be done.
    private func settled() throws -> Workspace {
      let workspace = Workspace()
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: words
        partitions:
          dt: {every: day, start: "2013-01-01", end: "2013-01-03", timezone: UTC}
        tasks:
          copy:
            run: cp ${{ in.x }} ${{ out.y }}
            each: dt
            in: {x: "raw/${{ dt }}"}
            out: {y: "copied/${{ dt }}"}
          join:
            run: cat ${{ in.parts }} > ${{ out.all }}
            in: {parts: copy.y, also: {path: ./extra.txt, optional: true}}
            out: {all: joined/all.txt}
            code: [join.sh]

        """)
      try workspace.write("join.sh", "# nothing\n")
      for day in 1...2 { try workspace.write("raw/2013-01-0\(day)", "day \(day)\n") }
      #expect(workspace.martlet("run").status == 0)
      // Files younger than the clock's tick are read again until they are old enough to be told from a later edit.
      try workspace.shell("sleep 0.1")
      #expect(workspace.martlet("run").status == 0)
      #expect(workspace.exists(".martlet/settled"))
      return workspace
    }

    /// Replaces the bytes and puts the time back, as an edit with equal size and time.
    private func swap(_ path: String, _ old: String, _ new: String, in workspace: Workspace) throws {
      try workspace.shell("touch -r \(path) .time && sed -i 's/\(old)/\(new)/' \(path) && touch -r .time \(path) && rm .time")
    }

    /// Changes with every run that takes the long way.
    private func inode(_ workspace: Workspace) throws -> String { try workspace.shell("stat -c %i .martlet/settled").out }

    @Test func theShortWaySaysWhatTheLongWaySays() throws {
      let workspace = try settled()
      let before = try inode(workspace)
      let short = workspace.martlet("run")
      #expect(try inode(workspace) == before)
      try workspace.remove(".martlet/settled")
      let long = workspace.martlet("run")
      #expect(workspace.exists(".martlet/settled"))
      func lines(_ ending: Ending) -> [Substring] { ending.err.split(separator: "\n").map { $0.prefix { $0 != "(" } } }
      #expect(lines(short) == lines(long))
      #expect(short.err.contains("nothing to do: 2 tasks are up to date"))
      #expect(short.status == 0 && short.out.isEmpty)
      #expect(workspace.martlet("run", "-q").err.isEmpty)
      let runs = try workspace.document("runs")["runs"].list
      #expect(runs.count == 5)
      #expect(runs.allSatisfy { $0["result"].text == "succeeded" })
    }

    @Test(arguments: [
      ("raw/2013-01-01", "day 1", "day 9", ["copy dt=2013-01-01", "join"]),
      ("join.sh", "nothing", "NOTHING", ["join"]),
      ("martlet.yaml", "cp ", "cp\t", ["copy dt=2013-01-01", "copy dt=2013-01-02"]),
      ("copied/2013-01-02", "day 2", "day 8", ["copy dt=2013-01-02"]),
      ("joined/all.txt", "day 1", "day 7", ["join"]),
    ])
    func anEditWithEqualSizeAndTimeIsNoticed(_ path: String, _ old: String, _ new: String, _ ran: [String]) throws {
      let workspace = try settled()
      try swap(path, old, new, in: workspace)
      #expect(workspace.martlet("run").err.contains("ran"))
      #expect(try workspace.read("joined/all.txt") == (path.hasPrefix("raw") ? "day 9\nday 2\n" : "day 1\nday 2\n"))
      let newest = try workspace.document("show")["tasks"].list.compactMap { $0["task"].text }
      #expect(Set(newest).isSuperset(of: ran.map { String($0.prefix { $0 != " " }) }), "\(newest)")
    }

    @Test(arguments: ["checkpoints/join.ok", "checkpoints/copy/dt=2013-01-01.ok", "copied/2013-01-01", "joined/all.txt"])
    func whatIsRemovedIsMadeAgain(_ path: String) throws {
      let workspace = try settled()
      try workspace.remove(path)
      #expect(workspace.martlet("run").err.contains("succeeded: 1 ran"))
      #expect(workspace.exists(path))
    }

    @Test func whatWasAbsentIsNoticedWhenItComes() throws {
      let workspace = try settled()
      try workspace.write("raw/2013-01-03", "day 3\n")
      #expect(workspace.martlet("run").err.contains("succeeded: 2 ran"))
      #expect(try workspace.read("joined/all.txt") == "day 1\nday 2\nday 3\n")
      #expect(workspace.martlet("run").err.contains("nothing to do"))
      try workspace.write("extra.txt", "more\n")
      #expect(workspace.martlet("run").err.contains("succeeded: 1 ran, 1 reused"))
    }

    @Test(arguments: [
      "truncate -s 100 .martlet/settled", "truncate -s -1 .martlet/settled", "echo >> .martlet/settled",
      "printf X | dd of=.martlet/settled bs=1 seek=90 conv=notrunc", "chmod 0 .martlet/settled; : > .martlet/settled",
      "rm -r .martlet", "rm .martlet/store.sqlite*",
    ])
    func whateverBecomesOfTheFileTheAnswerIsRight(_ damage: String) throws {
      let workspace = try settled()
      try workspace.shell(damage)
      let run = workspace.martlet("run")
      #expect(run.status == 0, "\(run)")
      #expect(run.err.contains("nothing to do: 2 tasks are up to date"))
      try workspace.remove("joined/all.txt")
      #expect(workspace.martlet("run").err.contains("succeeded: 1 ran"))
    }

    @Test func aDamagedStoreThatTheShortWayFindsIsToldOf() throws {
      let workspace = try settled()
      try workspace.shell("printf 'no longer a store' | dd of=.martlet/store.sqlite conv=notrunc; rm -f .martlet/store.sqlite-*")
      let run = workspace.martlet("run")
      #expect(run.status == 0, "\(run)")
      #expect(run.err.contains("note: the store was damaged ("), "\(run)")
      #expect(run.err.contains("nothing to do: 2 tasks are up to date"), "\(run)")
      #expect(!workspace.martlet("run").err.contains("damaged"))
    }

    /// The file speaks of the store that it was written beside, not of one put in its place.
    @Test func aStorePutBackIsNotAnsweredFor() throws {
      let workspace = try settled()
      try workspace.shell("mkdir settled && rm -r .martlet checkpoints")
      #expect(workspace.martlet("run", "copy").err.contains("1 ran"))
      try workspace.shell("cp -a .martlet/store.sqlite* settled")
      #expect(workspace.martlet("run").err.contains("1 ran, 1 reused"))
      try workspace.shell("sleep 0.1")
      #expect(workspace.martlet("run").err.contains("nothing to do"))
      let before = try inode(workspace)
      #expect(workspace.martlet("run").err.contains("nothing to do"))
      #expect(try inode(workspace) == before)
      try workspace.shell("rm .martlet/store.sqlite* && cp -a settled/store.sqlite* .martlet")
      #expect(workspace.martlet("run").err.contains("1 ran, 1 reused"))
    }

    /// Bytes of equal size in a folder that a task wrote, with the file's time and the folder's as they were.
    @Test func anEditInAnOutputsFolderIsNoticed() throws {
      let workspace = Workspace()
      try workspace.write(
        "martlet.yaml",
        """
        martlet: 1
        pipeline: folder
        tasks:
          make:
            run: mkdir ${{ out.many }}; echo one > ${{ out.many }}/a
            out: {many: many/}

        """)
      #expect(workspace.martlet("run").status == 0)
      try workspace.shell("sleep 0.1")
      #expect(workspace.martlet("run").status == 0)
      #expect(workspace.exists(".martlet/settled"))
      try workspace.shell("touch -r many/a .time && printf 'two\\n' > many/a && touch -r .time many/a && rm .time")
      #expect(workspace.martlet("run").err.contains("succeeded: 1 ran"))
      #expect(try workspace.read("many/a") == "one\n")
    }

    @Test func whoeverMovesTheWorkspaceTakesTheLongWay() throws {
      let workspace = try settled()
      let before = try inode(workspace)
      try workspace.move()
      #expect(workspace.martlet("run").err.contains("nothing to do"))
      #expect(try inode(workspace) != before)
    }

    /// No later change of what is in it would give it another time.
    @Test func aFolderWhoseTimeLiesAheadIsNotSettled() throws {
      let workspace = try settled()
      try workspace.shell("touch -d 'now + 1 day' checkpoints && rm .martlet/settled")
      #expect(workspace.martlet("run").err.contains("nothing to do"))
      #expect(!workspace.exists(".martlet/settled"))
    }

    @Test(arguments: [
      ("end: \"2013-01-03\", ", ""), ("pipeline: words\n", "pipeline: words\nstore: elsewhere\n"),
      ("pipeline: words\n", "pipeline: words\nnotify: [{url: \"http://127.0.0.1:9/\", on: [run.failed]}]\n"),
    ])
    func whereMoreThanFilesDecidesNothingIsSettled(_ old: String, _ new: String) throws {
      let workspace = try settled()
      try workspace.edit("martlet.yaml", old, new)
      try workspace.shell("rm .martlet/settled")
      for _ in 0..<2 {
        let run = workspace.martlet("run")
        #expect(run.status == 0, "\(run)")
        try workspace.shell("sleep 0.1")
      }
      #expect(workspace.martlet("run").err.contains("nothing to do"))
      #expect(!workspace.exists(".martlet/settled"))
    }

    @Test func optionsThatChangeTheAnswerTakeTheLongWay() throws {
      let workspace = try settled()
      #expect(try workspace.run("--force", "join").ran == ["join"])
      #expect(try workspace.run().counts["reused"] == 2)
      #expect(workspace.martlet("run", "no_such_task").status == 2)
      #expect(workspace.martlet("run", "--param", "a=1").status == 2)
    }
  }
}
