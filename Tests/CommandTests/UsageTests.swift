// How the program meets what it does not understand, and workspaces in which nothing ran.

import Testing

@Suite struct UsageTests {
  @Test func theVersionIsOneLine() {
    #expect(CommandWorkspace().martlet("--version") == Ending(status: 0, out: "martlet 0.1.0\n", err: ""))
  }

  @Test func aCommandThatIsMisspeltIsSuggested() {
    #expect(
      CommandWorkspace().martlet("shwo")
        == Ending(status: 2, out: "", err: "error: there is no command named shwo\n  hint: did you mean show?\n"))
  }

  @Test func anOptionThatIsMisspeltIsSuggested() {
    let ending = CommandWorkspace().martlet("runs", "--limti", "3")
    #expect(ending.status == 2)
    #expect(ending.out == "")
    #expect(ending.err.hasPrefix("error: unknown option '--limti'. Did you mean '--limit'?\nUsage: martlet runs "))
  }

  @Test func helpIsData() {
    let ending = CommandWorkspace().martlet("logs", "--help")
    #expect(ending.status == 0)
    #expect(ending.out.hasPrefix("OVERVIEW: Print what a task's newest attempt printed.\n"))
    #expect(ending.err == "")
    #expect(CommandWorkspace().martlet().out.contains("SUBCOMMANDS:"))
  }

  @Test(arguments: ["runs", "status"])
  func beforeTheFirstRunThereIsNothingToTell(_ command: String) {
    let said = "nothing ran here yet\n  hint: `martlet run` runs the pipeline, `martlet plan` says what it would do\n"
    #expect(CommandWorkspace().martlet(command) == Ending(status: 0, out: "", err: said))
    #expect(CommandWorkspace().martlet("show") == Ending(status: 2, out: "", err: "error: " + said))
  }

  @Test func theWorkspaceIsFoundFromAFolderInsideIt() throws {
    let workspace = CommandWorkspace()
    try workspace.record(RecordedRuns.entries)
    workspace.write("data/raw/a.csv", "")
    let runs = workspace.martlet("runs")
    #expect(workspace.martlet("-C", "data/raw", "runs") == runs)
    #expect(workspace.martlet("runs", "-f", "martlet.yaml") == runs)
    #expect(
      workspace.martlet("runs", "-f", "other.yaml")
        == Ending(status: 2, out: "", err: "error: there is no file other.yaml\n  looked at  ROOT/other.yaml\n"))
  }

  @Test func withoutAPipelineFileItSaysWhereItLooked() {
    #expect(
      CommandWorkspace(pipeline: nil).martlet("runs")
        == Ending(
          status: 2, out: "",
          err: """
            error: there is no martlet.yaml here
              looked in  ROOT and every folder above it
              hint: `martlet init` makes one; `-C DIR` works in another folder

            """))
  }

  @Test func theSchemaIsWhatInitWrites() {
    let workspace = CommandWorkspace(pipeline: nil)
    let schema = workspace.martlet("schema")
    #expect(schema.status == 0)
    #expect(schema.out.hasPrefix("{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"))
    #expect(workspace.martlet("init").status == 0)
    #expect(workspace.read("martlet.schema.json") == schema.out)
  }
}
