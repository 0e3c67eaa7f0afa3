// What kinds of tasks may have, and what built-ins read, write and take.

import Testing

struct TaskTests {
  @Test func kinds() {
    let text = """
      martlet: 1
      pipeline: p
      tasks:
        a: {out: {x: d/x}}
        b: {run: x, uses: train@1}
        c: {run: x, gather: {all: d/all}, show: [a.x]}
        d: {gate: approvl, in: {x: d/y}, approvers: []}
        e: {run: "  "}
        f: [run]
        9g: {run: x}
        h: {run: x, when: setled}
      """
    #expect(
      brief(text) == """
        4:3 E107 task "a" needs one of uses, run and gate | uses: ingest@1 for a built-in, run: … for a command, gate: approval for a person
        5:7 E110 task "b" has both "uses" and "run" | keep one of them
        5:21 E119 train@1 needs the input "config" | add "config" under "in"
        5:21 E119 train@1 needs the input "features" | add "features" under "in"
        5:21 E119 train@1 needs the output "metrics" | add "metrics" under "out"
        5:21 E119 train@1 needs the output "model" | add "model" under "out"
        5:21 E119 train@1 needs the output "native" | add "native" under "out"
        6:15 E110 "gather" is for built-in tasks only | task "c" is a command
        6:37 E110 "show" is for gates only | task "c" is a command
        7:13 E108 "gate" can't be "approvl" | did you mean "approval"?
        7:22 E110 "in" is for built-in tasks and commands only | task "d" is a gate
        7:47 E108 nobody could approve this gate | remove the key, or name somebody
        8:12 E108 the command of task "e" is empty
        9:6 E105 "f" must be a map, found a list
        10:3 E108 "9g" can't be the name of a task | a name begins with a letter and holds letters, digits, _ and -, at most 64 of them
        11:21 E108 "when" can't be "setled" | did you mean "settled"?
        """)
  }

  @Test func builtins() {
    let text = """
      martlet: 1
      pipeline: p
      tasks:
        a: {uses: train}
        b: {uses: trian@1}
        c:
          uses: validate@1
          in: {dat: ./x.parquet, schema: ./s.yaml}
          out: {profil: r/p.json, summary: r/s.md}
          with: {minrows: 1}
        d: {uses: ingest@1, in: {schema: ./s.yaml}, out: {part: d/p, rejects: d/r, all: d/a}, batch: 3}
        e: {uses: clean@1, in: {data: ./d, schema: ./s.yaml}, out: {features: d/f, quarantine: d/q}, with: {x: 1}, in_place: true}
      """
    #expect(
      brief(text) == """
        4:13 E118 unknown built-in "train" | this version has train@1
        5:13 E118 unknown built-in "trian@1" | did you mean "train@1"?
        8:5 E119 validate@1 needs the input "data" | add "data" under "in"
        8:10 E119 validate@1 has no input "dat" | did you mean "data"?
        9:5 E119 validate@1 needs the output "profile" | add "profile" under "out"
        9:11 E119 validate@1 has no output "profil" | did you mean "profile"?
        10:12 E119 validate@1 has no parameter "minrows" | did you mean "min_rows"?
        11:23 E119 ingest@1 has nothing to read | name at least one table under "in"
        11:78 E119 "all" joins all partitions | put it under "gather" of a task with "each"
        11:89 E110 "batch" needs "each" | only a task with partitions has it
        12:33 E116 d.part lies inside this folder | name what the task reads, one input each
        12:103 E119 clean@1 has no parameter "x" | it has none
        12:110 E110 "in_place" is for commands only | task "e" is a built-in task
        """)
  }

  @Test func package() {
    let text = """
      martlet: 1
      pipeline: p
      tasks:
        t: {run: "x > ${{ out.m }}", out: {m: "m_${{ hash }}.bin"}}
        p:
          uses: package@1
          in: {model: t.m, native: t.m, train_metrics: t.m, profile: t.m, schema: ./s.yaml}
          out: {release: "artifact/${{ hash }}/"}
        g: {gate: approval, subject: t.m, show: [g.x, r/none.md, x.y, p.relaese]}
      """
    #expect(
      brief(text) == """
        4:44 E123 ${{ hash }} can't stand in the path of an output | hash is for the output of a package task
        8:20 E119 a release stands in artifact/model_v${{ hash }}/ | write "artifact/model_v${{ hash }}/"
        9:32 E108 t.m is no release and can't be promoted | name the release of a task that uses package@1; what a person should see goes under "show"
        9:44 E111 task "g" is a gate and has no outputs | write "after: [g]" to wait for it
        9:44 E117 task "g" needs itself | remove this reference
        9:49 E111 no task writes "r/none.md" | a gate shows outputs of tasks; write task.output, such as eval.metrics
        9:60 E111 unknown task "x" in "x.y" | write "./x.y" for a file beside martlet.yaml
        9:65 E111 task "p" has no output "relaese" | did you mean "p.release"?
        """)
  }

  @Test func inputs() {
    let text = """
      martlet: 1
      pipeline: p
      tasks:
        a: {run: x, in: {a: 1, b: {}, c: {path: ./x.yaml, release: current}, d: {release: newest, keys: [a]}, e: {path: ./x.csv, keys: []}, f: {path: ./x, optinal: true}}}
      """
    #expect(
      brief(text) == """
        4:23 E105 "a" must be a path, task.output, or a map with path or release, found the integer 1
        4:29 E107 input "b" needs "path" or "release"
        4:53 E110 "release" can't stand beside "path" | keep one of them
        4:85 E108 "release" can't be "newest" | the only known one is "current"
        4:93 E110 "keys" needs "path"
        4:130 E108 "keys" names no key | remove it: then all of the file counts
        4:130 E108 "keys" needs a YAML file, found "./x.csv"
        4:150 E106 unknown key "optinal" in "f" | did you mean "optional"?
        """)
  }
}
