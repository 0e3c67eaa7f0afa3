// References, paths, and the graph that they make.

import Testing

struct ReferenceTests {
  @Test func references() {
    let text = """
      martlet: 1
      pipeline: p
      tasks:
        clean: {run: "x ${{ out.features }}", out: {features: d/f.parquet, quarantine: d/q.parquet}}
        a:
          run: x
          in: {one: clean, two: data.csv, three: raw, four: clean.feature, five: a.b.c, six: "${{ params.x }}", seven: claen.features}
          after: [clena, a]
        self: {run: "cat ${{ in.x }} > ${{ out.x }}", in: {x: d/x}, out: {x: d/x}}
      """
    #expect(
      brief(text) == """
        7:15 E112 "clean" is neither a path nor task.output | name one of its outputs: clean.features, clean.quarantine
        7:27 E111 unknown task "data" in "data.csv" | write "./data.csv" for a file beside martlet.yaml
        7:44 E112 "raw" is neither a path nor task.output | write "./raw" for a file beside martlet.yaml
        7:55 E111 task "clean" has no output "feature" | did you mean "clean.features"?
        7:76 E112 "a.b.c" is neither a path nor task.output | write "./a.b.c" for a file beside martlet.yaml
        7:88 E112 "${{ params.x }}" is neither a path nor task.output | write "./${{ params.x }}" for a file beside martlet.yaml
        7:114 E111 unknown task "claen" in "claen.features" | did you mean "clean.features"?
        8:13 E111 unknown task "clena" | did you mean "clean"?
        8:20 E117 task "a" needs itself | remove this reference
        9:57 E117 task "self" needs itself | remove this reference
        """)
  }

  @Test func paths() {
    let text = #"""
      martlet: 1
      pipeline: p
      tasks:
        a:
          run: x
          in: {a: /etc/passwd, b: ../x, c: d//x, d: .martlet/store, e: data/*.csv, f: artifact/current/model.txt, g: {path: 'a\b'}, h: "d/\u0007"}
          out: {a: logs/x, b: martlet.yaml, c: ./, d: artifact/current, e: ~/x}
          code: [/x.py, "${{ params.x }}", ../y.py]
      """#
    #expect(
      brief(text) == #"""
        6:13 E113 "/etc/passwd" lies outside the workspace | write a path relative to martlet.yaml
        6:29 E113 "../x" can lead out of the workspace | write the path without ..
        6:38 E113 "d//x" has an empty part | remove one of the slashes
        6:47 E113 ".martlet" is Martlet's own and can't be read by a task | choose another path
        6:66 E113 patterns such as * are not expanded in paths | name the files, or their folder with a slash at its end
        6:81 E113 a task can't read artifact/current by its path | write {release: current, file: NAME}
        6:119 E113 "a\\b" holds a backslash | separate folders by /
        6:130 E113 "d/\u0007" holds a control character
        7:14 E113 "logs" is Martlet's own and can't be written by a task | choose another path
        7:25 E113 "martlet.yaml" is Martlet's own and can't be written by a task | choose another path
        7:42 E113 "./" is the workspace itself | name a file or a folder in it
        7:49 E113 "artifact/current" is Martlet's own and can't be written by a task | choose another path
        7:70 E113 "~/x" lies outside the workspace | write a path relative to martlet.yaml
        8:12 E113 "/x.py" lies outside the workspace | write a path relative to martlet.yaml
        8:19 E123 no expression can stand in "code"
        8:38 E113 "../y.py" can lead out of the workspace | write the path without ..
        """#)
  }

  /// The system takes paths apart by bytes: there is a slash, whatever letter combines with it.
  @Test func aLetterThatCombinesWithASlashHidesNothing() {
    let text = """
      martlet: 1
      pipeline: p
      tasks:
        a: {run: "cp ${{ in.x }} ${{ out.o }}", in: {x: "d/../\u{301}x"}, out: {o: "../\u{301}o"}}
      """
    #expect(brief(text).split(separator: "\n").count == 2)
    #expect(brief(text).split(separator: "\n").allSatisfy { $0.contains("can lead out of the workspace") }, "\(brief(text))")
  }

  @Test func slices() {
    let text = """
      martlet: 1
      pipeline: p
      partitions: {dt: {every: day, start: 2013-01-01}}
      tasks:
        a: {run: "x ${{ out.o }}", each: dt, out: {o: "d/${{ dt }}/x", all: d/all}}
        b: {run: x, in: {one: d/2013-01-01/x, two: "d/${{ dt }}/x", three: d/, four: "d/2013-01-01/x/y", five: a.o}}
        c: {run: x, each: dt, in: {x: "d/${{ dt }}/x"}}
      """
    #expect(
      brief(text) == """
        5:71 E121 output "all" has the same path in every partition | put ${{ dt }} into the path
        6:25 E116 this path is one slice of a.o | write a.o
        6:49 E123 ${{ dt }} can't stand in the path of an input | the task runs for each "dt" only with "each: dt"
        6:70 E116 a.o lies inside this folder | name what the task reads, one input each
        6:80 E116 this path lies inside a.o | write a.o
        """)
  }

  @Test func nested() {
    let text = """
      martlet: 1
      pipeline: p
      partitions: {dt: {every: day, start: 2013-01-01}}
      tasks:
        a: {run: x, out: {x: d/, y: e/y}}
        b: {run: x, out: {x: d/x}, code: [e/y, e/z]}
        c: {run: x, each: dt, out: {x: "e/dt=${{ dt }}/x"}}
        d: {run: x, out: {x: "e/dt=2013-05-05/x"}}
      """
    #expect(
      brief(text) == """
        6:24 E115 b.x lies inside a.x | an output belongs to one task as a whole: move one of them
        6:37 E116 "e/y" is written by task "a" | move it from "code" to "in": a.y
        8:24 E114 d.x and c.x write the same path | give one of them another path
        """)
  }

  @Test func cycles() {
    let text = """
      martlet: 1
      pipeline: p
      tasks:
        a: {run: x, after: [c]}
        b: {run: x, in: {x: a.y}}
        c: {run: x, after: [b]}
        g: {gate: approval, show: [h.y]}
        h: {run: x, out: {y: d/y}, after: [g]}
      """
    #expect(
      brief(text) == """
        4:23 E117 the tasks wait for each other: a needs c, c needs b, b needs a | remove one of these references
        5:23 E111 task "a" has no output "y"
        7:30 E117 the tasks wait for each other: g needs h, h needs g | remove one of these references
        """)
  }
}
