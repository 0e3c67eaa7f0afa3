// Artifacts that a person or a disk spoilt: named, and no obstacle.

import MartletModel
import MartletRun
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct DamageTests {
  let workspace = CommandWorkspace(
    pipeline: """
      martlet: 1
      pipeline: small
      tasks:
        copy:
          run: cp ${{ in.x }} ${{ out.o }}
          in: {x: data/source.csv}
          out: {o: data/copy.csv}

      """)

  @Test func aFIFOInAnOutputsPlaceIsAModifiedOutput() throws {
    workspace.write("data/source.csv", "1\n")
    workspace.write("checkpoints/copy.ok", "")
    let ingredients = Ingredients([Ingredient(.command, "run", "true")])
    let checkpoint = Checkpoint(
      instance: TaskInstance(task: "copy"), fingerprint: ingredients.fingerprint, ingredients: ingredients,
      outputs: [RecordedOutput(name: "o", path: "data/copy.csv", digest: Digest(of: []), bytes: 0)], verdict: nil, message: nil,
      figures: [:], run: "r1", attempt: "a1")
    try workspace.record([
      .publishIntended(PublishIntent(attempt: "a1", checkpoint: checkpoint, moves: [])),
      .published(attempt: "a1", instances: [checkpoint.instance]),
    ])
    #expect(mkfifo(workspace.root + "/data/copy.csv", 0o600) == 0)
    let ending = workspace.martlet("plan")
    #expect(ending.status == 0, "\(ending)")
    #expect(ending.out.contains("output modified: data/copy.csv"), "\(ending)")
  }

  @Test func aFIFOInASourcesPlaceIsTheUsersToMend() {
    workspace.write("data/other.csv", "")
    #expect(mkfifo(workspace.root + "/data/source.csv", 0o600) == 0)
    let ending = workspace.martlet("plan")
    #expect(ending == Ending(status: 2, out: "", err: "error: ROOT/data/source.csv is a FIFO, expected a regular file\n"))
  }
}
