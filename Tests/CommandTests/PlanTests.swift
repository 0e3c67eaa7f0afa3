// `martlet plan`: what it says of what an earlier run tried in vain.

import Testing

@Suite struct PlanTests {
  let workspace = CommandWorkspace(
    pipeline: """
      martlet: 1
      pipeline: small
      failures: [{class: io, exit: [9]}, {class: data, exit: [3]}]
      tasks:
        fine: {run: "touch ${{ out.a }}", out: {a: data/a}}
        share: {run: "exit 9", out: {b: data/b}, retries: {io: 0}}
        slip: {run: "exit 3", out: {c: data/c}}
        after: {run: "cp ${{ in.c }} ${{ out.d }}", in: {c: slip.c}, out: {d: data/d}}
        new: {run: "touch ${{ out.e }}", out: {e: data/e}}

      """)

  @Test func whatFailedHasNotNeverRunAndWhatIsBlockedIsCounted() {
    #expect(workspace.martlet("run", "fine", "share", "after", "-q").status == 1)
    let text = """
      ACTION     TASK   BECAUSE
      ▶ run      share  failed before (io)
      ○ blocked  slip   failed before (data) and nothing changed since
      ▶ run      new    never run
      ○ blocked  after  blocked by slip, which failed
      2 to run, 1 up to date, 2 blocked

      """
    #expect(workspace.martlet("plan") == Ending(status: 0, out: text, err: ""))
    #expect(workspace.martlet("why", "share").out.hasPrefix("▶ run share: failed before (io)\n"))
    let status = workspace.martlet("status").out
    #expect(status.contains(/fine +✓ succeeded .* there was no result\n/), "\(status)")
  }
}
