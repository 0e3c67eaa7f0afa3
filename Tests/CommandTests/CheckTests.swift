// `martlet check` reports everything that is wrong at once, and nothing runs.

import Testing

@Suite struct CheckTests {
  @Test func aSoundFileIsToldInOneLine() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: words
        tasks:
          sort:
            run: sort ${{ in.words }} > ${{ out.sorted }}
            in: {words: data/words.txt}
            out: {sorted: data/sorted.txt}

        """)
    #expect(workspace.martlet("check") == Ending(status: 0, out: "martlet.yaml: 1 task, no errors\n", err: ""))
    #expect(
      workspace.martlet("check", "--json")
        == Ending(status: 0, out: "{\"diagnostics\":[],\"schema\":\"martlet.check/1\",\"tasks\":1}\n", err: ""))
  }

  @Test func everyMistakeIsReportedAtOnceWithItsPlace() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: words
        tasks:
          sort:
            run: sort ${{ in.words }} > ${{ out.sorted }}
            inn: {words: data/words.txt}
            out: {sorted: data/sorted.txt}
          count:
            run: uniq -c ${{ in.sorted }} > ${{ out.counts }}
            in: {sorted: sort.sortd}
            out: {counts: data/counts.txt}

        """)
    let ending = workspace.martlet("check")
    #expect(ending.status == 2)
    #expect(ending.out == "")
    for part in [
      "martlet.yaml:6:5: error[E106]", "did you mean \"in\"?", "martlet.yaml:10:18: error[E111]", "did you mean \"sort.sorted\"?",
    ] {
      #expect(ending.err.contains(part), "\(part) in\n\(ending.err)")
    }
  }

  @Test func configurationThatDecidesWhatRunsIsReadToo() {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: words
        tasks:
          one:
            run: cp ${{ in.config }} ${{ out.copy }}
            in: {config: {path: config/a.yaml, keys: [x]}}
            out: {copy: data/a}
          two:
            run: cp ${{ in.config }} ${{ out.copy }}
            in: {config: {path: config/b.yaml, keys: [x]}}
            out: {copy: data/b}

        """)
    workspace.write("config/a.yaml", "x: 1\nx: 2\n")
    let ending = workspace.martlet("check")
    #expect(ending.status == 2)
    #expect(ending.err.contains("config/a.yaml:2:1: error[E102]"))
    #expect(ending.err.contains("warning[W101]: there is no file config/b.yaml, which two reads as \"config\""))
  }
}
