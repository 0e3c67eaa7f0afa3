// `martlet init` writes a pipeline that is sound, and never over anything.

import Testing

@Suite struct InitTests {
  let workspace = CommandWorkspace(pipeline: nil)

  @Test func theMinimalTemplateIsSound() {
    #expect(
      workspace.martlet("init", "words")
        == Ending(status: 0, out: "martlet.yaml\nmartlet.schema.json\ndata/words.txt\n.gitignore\n", err: "next: `martlet run`\n")
    )
    #expect(workspace.martlet("-C", "words", "check") == Ending(status: 0, out: "martlet.yaml: 2 tasks, no errors\n", err: ""))
    #expect(workspace.read("words/martlet.yaml")!.contains("\npipeline: words\n"))
  }

  @Test func nothingIsEverOverwritten() {
    workspace.write("martlet.yaml", "mine")
    #expect(
      workspace.martlet("init")
        == Ending(
          status: 2, out: "",
          err: """
            error: there is a pipeline here already
              found  martlet.yaml
              in     ROOT
              hint: nothing was written; give another folder, or remove these files first

            """))
    workspace.write("a.csv", "a,b\n1,2\n3,4\n")
    workspace.write("project/data/raw/a.csv", "mine")
    let ending = workspace.martlet("init", "project", "--from", "a.csv")
    #expect(ending.err.contains("found  data/raw/a.csv\n"))
    #expect(workspace.read("martlet.yaml") == "mine")
    #expect(workspace.read(".gitignore") == nil)
  }
}
