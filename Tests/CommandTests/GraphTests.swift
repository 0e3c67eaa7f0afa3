// `martlet graph` in its forms.

import MartletModel
import Testing

@Suite struct GraphTests {
  let workspace = CommandWorkspace(
    pipeline: """
      martlet: 1
      pipeline: words
      tasks:
        fetch:
          run: touch ${{ out.words }}
          out: {words: data/words.txt}
        load:
          run: sort ${{ in.words }} ${{ in.more }} > ${{ out.sorted }}
          in: {words: fetch.words, more: data/more.txt}
          out: {sorted: data/sorted.txt}
        promote:
          gate: approval
          after: [load]

      """)

  @Test func asText() {
    let text = """
      TASK     DOES     AFTER  READS          WRITES
      fetch    command                        data/words.txt
      load     command  fetch  data/more.txt  data/sorted.txt
      promote  gate     load

      """
    #expect(workspace.martlet("graph") == Ending(status: 0, out: text, err: ""))
  }

  @Test func asTextWithStatesAndReasonsAfterARun() throws {
    try workspace.record(RecordedRuns.entries)
    let text = """
      TASK     DOES     STATE        WHY                     AFTER  READS          WRITES
      fetch    command  ✓ succeeded  there was no result                           data/words.txt
      load     command  ✗ failed     io: disk [2Jwent away   fetch  data/more.txt  data/sorted.txt
      promote  gate     ⏸ waiting    waits for gate promote  load

      """
    #expect(workspace.martlet("graph") == Ending(status: 0, out: text, err: ""))
    let json = workspace.martlet("graph", "--json").out
    #expect(json.contains(#""state":"waiting","task":"promote","why":"waits for gate promote""#), "\(json)")
  }

  @Test func aGateStandsAsItWasDecidedSinceAndAVerdictIsSeen() throws {
    try workspace.record(RecordedRuns.entries)
    let run = "20130131-050506-bbbb"
    try workspace.record([
      RecordedRuns.settled(run, TaskInstance(task: "fetch"), .succeeded, "forced", verdict: .warn, after: 3605),
      RecordedRuns.settled(run, TaskInstance(task: "load"), .succeeded, "forced", verdict: .fail, after: 3605),
    ])
    let subject = HistoryEntry.Subject.gate("promote", evidence: RecordedRuns.fingerprint, shown: [:], release: nil)
    let entry = History().next(.approved, subject, at: "2013-01-31T06:00:00.000+00:00", by: "ann", comment: "fine")
    workspace.write("artifact/history.jsonl", entry.line + "\n")
    let text = """
      TASK     DOES     STATE                      WHY           AFTER  READS          WRITES
      fetch    command  ! succeeded, verdict warn  forced                              data/words.txt
      load     command  ✗ succeeded, verdict fail  forced        fetch  data/more.txt  data/sorted.txt
      promote  gate     ✓ approved                 by ann: fine  load

      """
    #expect(workspace.martlet("graph") == Ending(status: 0, out: text, err: ""))
    let json = workspace.martlet("graph", "--json").out
    #expect(json.contains(#""state":"approved","task":"promote","why":"by ann: fine""#), "\(json)")
    #expect(json.contains(#""state":"succeeded","task":"load","verdict":"fail""#), "\(json)")
    let drawn = workspace.martlet("graph", "--format", "mermaid", "--states").out
    for line in ["[\"fetch<br/>warn\"]:::warn", "[\"load<br/>fail\"]:::fail", "{{\"promote<br/>approved\"}}:::approved"] {
      #expect(drawn.contains(line), "\(drawn)")
    }
    for word in ["warn", "fail", "approved"] { #expect(drawn.contains("classDef \(word) fill:"), "\(drawn)") }
  }

  @Test func asMermaidWithTheStatesOfTheLastRuns() throws {
    try workspace.record(RecordedRuns.entries)
    let text = """
      flowchart LR
        t0["fetch<br/>succeeded"]:::succeeded
        t1["load<br/>failed"]:::failed
        t2{{"promote<br/>waiting"}}:::waiting
        t0 --> t1
        t1 -.-> t2
        classDef failed fill:#f9d6d5,stroke:#b3261e,color:#1b1b1b
        classDef succeeded fill:#d7f0dd,stroke:#2e7d46,color:#1b1b1b
        classDef waiting fill:#fff0c9,stroke:#a66f00,color:#1b1b1b

      """
    #expect(workspace.martlet("graph", "--format", "mermaid", "--states") == Ending(status: 0, out: text, err: ""))
  }

  @Test func aDrawingCanBeReadOnDarkPagesToo() {
    let drawn = workspace.martlet("graph", "--format", "svg").out
    #expect(drawn.contains("<polygon fill=\"#ffffff\" stroke=\"transparent\""), "no white ground:\n\(drawn)")
    #expect(drawn.contains("<path fill=\"none\" stroke=\"#455a64\""), "no dark edge:\n\(drawn)")
  }

  @Test func asSVGThroughGraphviz() {
    let drawn = workspace.martlet("graph", "--format", "svg")
    #expect(drawn.status == 0, "\(drawn)")
    #expect(drawn.out.contains("<svg ") && drawn.out.contains(">promote</text>"))
    #expect(
      workspace.martlet("graph", "--format", "svg", environment: ["PATH": "/nowhere"])
        == Ending(
          status: 2, out: "",
          err: "error: Graphviz is not installed\n  looked for  dot on the PATH\n  hint: apt install graphviz\n"))
  }
}
