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

  /// One is a FIFO, one a link to itself, which the system refuses to open; what does not read them runs.
  @Test func aSourceThatCannotBeReadFailsItsReadersAndNobodyElse() {
    workspace.write(
      "martlet.yaml",
      """
      martlet: 1
      pipeline: small
      tasks:
        copy:
          run: cp ${{ in.x }} ${{ out.o }}
          in: {x: data/source.csv}
          out: {o: data/copy.csv}
        knot:
          run: cp ${{ in.x }} ${{ out.o }}
          in: {x: {path: data/knot, optional: true}}
          out: {o: data/untied}
        after:
          run: cp ${{ in.x }} ${{ out.o }}
          in: {x: knot.o}
          out: {o: data/after}
        fine:
          run: cp ${{ in.x }} ${{ out.o }}
          in: {x: data/other.csv}
          out: {o: data/fine.csv}

      """)
    workspace.write("data/other.csv", "1\n")
    #expect(mkfifo(workspace.root + "/data/source.csv", 0o600) == 0)
    #expect(symlink("knot", workspace.root + "/data/knot") == 0)
    let plan = workspace.martlet("plan").out
    #expect(plan.contains("input x cannot be read: ROOT/data/source.csv is a FIFO, expected a regular file"), "\(plan)")
    let run = workspace.martlet("run")
    #expect(run.status == 1, "\(run)")
    #expect(run.err.contains("copy"), "\(run)")
    #expect(run.err.contains("config: input x cannot be read: could not look at ROOT/data/knot: Too many levels"), "\(run)")
    #expect(workspace.read("data/fine.csv") == "1\n")
    _ = Program.run(["/bin/rm", "data/knot", "data/source.csv"], in: workspace.root)
    workspace.write("data/source.csv", "2\n")
    workspace.write("data/knot", "3\n")
    #expect(workspace.martlet("run").status == 0)
    #expect(workspace.read("data/after") == "3\n")
  }

  @Test func aReleaseInProductionThatCannotBeUsedIsNamedByWhoeverLooks() throws {
    let gate = HistoryEntry.Subject.gate("promote", evidence: RecordedRuns.fingerprint, shown: [:], release: "artifact/model_v1/")
    let entry = History().next(.approved, gate, at: "2013-01-31T04:05:06.000+00:00", by: "ann", comment: nil)
    workspace.write("artifact/history.jsonl", entry.line + "\n")
    workspace.write("artifact/model_v1/manifest.json", "torn")
    workspace.write("checkpoints/copy.ok", "torn")
    workspace.write("data/source.csv", "1\n")
    let notes = [
      "ROOT/checkpoints/copy.ok is no checkpoint of ours and was passed over",
      "artifact/model_v1/, which the history calls current, cannot be used: manifest.json does not read as a manifest; nothing is "
        + "compared with it: put it back from a backup, or go back with `martlet rollback -m WHY`",
    ]
    for arguments in [["plan"], ["why", "copy"]] {
      let text = workspace.martlet(arguments[0], arguments.count > 1 ? arguments[1] : "--no-input")
      #expect(text.status == 0)
      #expect(text.err == notes.map { "note: \($0)\n" }.joined(), "\(text)")
    }
    let document = workspace.martlet("plan", "--json")
    #expect(document.out.contains(#""notes":["ROOT/checkpoints/copy.ok is no checkpoint"#), "\(document)")
    let digest = Digest(of: Array("tree\n".utf8)).hex
    workspace.write(
      "artifact/model_v1/manifest.json",
      #"{"data": {}, "files": [{"bytes": 5, "path": "model.txt", "sha256": "\#(digest)"}], "model_version": "1", "schema": "martlet.manifest/1"}"#
    )
    workspace.write("artifact/model_v1/model.txt", "tree\n")
    #expect(!workspace.martlet("plan").err.contains("cannot be used"))
    workspace.write("artifact/model_v1/model.txt", "tree\njunk\n")
    #expect(workspace.martlet("plan").err.contains("cannot be used: model.txt is not as it was packaged; "))
    #expect(unlink(workspace.root + "/artifact/model_v1/manifest.json") == 0)
    #expect(workspace.martlet("plan").err.contains("cannot be used: manifest.json is not there"))
  }
}
