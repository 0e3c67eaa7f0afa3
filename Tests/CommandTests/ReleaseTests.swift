// What goes into production: only what verifies, and only by a history that nobody cut.

import MartletModel
import Testing

@Suite struct ReleaseTests {
  /// Two releases that were promoted one after the other; the second is current.
  private let workspace = CommandWorkspace(
    pipeline: """
      martlet: 1
      pipeline: small
      tasks:
        copy:
          run: cp ${{ in.x }} ${{ out.o }}
          in: {x: data/source.csv}
          out: {o: data/copy.csv}

      """)

  init() {
    workspace.write("data/source.csv", "1\n")
    for number in 1...2 { release(number) }
    workspace.write("artifact/history.jsonl", promotions.map { $0.line + "\n" }.joined())
    point(to: "model_v2")
  }

  private func release(_ number: Int) {
    let text = "tree \(number)\n"
    workspace.write("artifact/model_v\(number)/model.txt", text)
    workspace.write("artifact/model_v\(number)/manifest.json", manifest(number, of: text))
  }

  private func manifest(_ number: Int, of text: String) -> String {
    let digest = Digest(of: Array(text.utf8)).hex
    return #"{"data": {}, "files": [{"bytes": 7, "path": "model.txt", "sha256": "\#(digest)"}], "model_version": "\#(number)"}"#
  }

  private var promotions: [HistoryEntry] {
    var history = History()
    for number in 1...2 {
      let entry = history.next(
        .promoted, .release(ArtifactPath("artifact/model_v\(number)/")), at: "2013-01-0\(number)T00:00:00.000+00:00", by: "ann",
        comment: nil)
      history = History(entries: history.entries + [entry])
    }
    return history.entries
  }

  private func point(to release: String) { shell("ln -sfn \(release) artifact/current") }

  private func shell(_ command: String) {
    let ending = Program.run(["/bin/sh", "-ec", command], in: workspace.root)
    #expect(ending.status == 0, "\(ending)")
  }

  private var current: String {
    String(Program.run(["/usr/bin/readlink", "artifact/current"], in: workspace.root).out.dropLast())
  }

  @Test func whatDoesNotVerifyIsNotGoneBackTo() {
    workspace.write("artifact/model_v1/model.txt", "twig 1\n")
    let refused = workspace.martlet("rollback", "-m", "worse")
    #expect(refused.status == 2 && refused.err.contains("artifact/model_v1/model.txt was changed"), "\(refused)")
    #expect(current == "model_v2")
    release(1)
    #expect(workspace.martlet("rollback", "-m", "worse").status == 0)
    #expect(current == "model_v1")
    workspace.write("artifact/model_v2/model.txt", "twig 2\n")
    let again = workspace.martlet("promote", "v2", "-m", "better after all")
    #expect(again.status == 2, "\(again)")
    #expect(current == "model_v1")
  }

  /// The digests that were shown when it was approved are those of the folder, so that a manifest made to fit is none.
  @Test func aManifestThatWasMadeToFitIsNotWhatWasApproved() {
    let gate = HistoryEntry.Subject.gate(
      "promote", evidence: RecordedRuns.fingerprint, shown: ["package.release": Digest(of: []).hex], release: "artifact/model_v1/"
    )
    let first = History().next(.approved, gate, at: "2013-01-01T00:00:00.000+00:00", by: "ann", comment: nil)
    let second = History(entries: [first]).next(
      .promoted, .release("artifact/model_v2/"), at: "2013-01-02T00:00:00.000+00:00", by: "ann", comment: nil)
    workspace.write("artifact/history.jsonl", [first, second].map { $0.line + "\n" }.joined())
    let refused = workspace.martlet("rollback", "-m", "worse")
    #expect(refused.status == 2 && refused.err.contains("manifest.json was changed"), "\(refused)")
    #expect(current == "model_v2")
  }

  /// What a kill between the history and the link leaves; and then the release that it speaks of is damaged.
  @Test func theLinkIsFinishedOnlyToWhatVerifies() {
    point(to: "model_v1")
    workspace.write("artifact/model_v2/model.txt", "twig 2\n")
    let damaged = workspace.martlet("run")
    #expect(damaged.status == 0 && damaged.err.contains("model.txt was changed"), "\(damaged)")
    #expect(current == "model_v1")
    release(2)
    let run = workspace.martlet("run")
    #expect(run.err.contains("artifact/current now points to artifact/model_v2/, as the history says"), "\(run)")
    #expect(current == "model_v2")
  }

  /// The new model passes, so that no incident tells of it.
  @Test func goingBackByItselfIsToldOfInQuietToo() {
    breach("[]")
    let run = workspace.martlet("run", "-q")
    #expect(run.status == 3, "\(run)")
    let lines = run.err.split(separator: "\n")
    #expect(lines.count == 2, "\(run)")
    #expect(
      lines[0] == "reverted after judge's verdict on the release before; artifact/current is now model_v1, and pinned", "\(run)")
    #expect(lines[1].hasPrefix("waiting: ask waits for a person  ("), "\(run)")
  }

  /// A pipeline that judges the release in production, and finds that it breaks its limits.
  private func breach(_ notify: String) {
    workspace.write(
      "martlet.yaml",
      """
      martlet: 1
      pipeline: small
      notify: \(notify)
      tasks:
        judge:
          run: |
            f='"on_breach":"revert","champion":"2","champion_verdict":"fail"'
            echo "{\\"status\\":\\"succeeded\\",\\"verdict\\":\\"pass\\",\\"figures\\":{$f}}" >> "$MARTLET_RESULT"
            cp ${{ in.x }} ${{ out.o }}
          in: {x: data/source.csv}
          out: {o: data/copy.csv}
        ask: {gate: approval, show: [judge.o]}

      """)
  }

  @Test func goingBackByItselfIsToldOf() {
    let receiver = Receiver()
    breach("[{url: \"http://127.0.0.1:\(receiver.port)/\"}]")
    let run = workspace.martlet("run")
    #expect(run.status == 3, "\(run)")
    #expect(current == "model_v1", "\(run)")
    let last = run.err.split(separator: "\n").suffix(3).map { String($0) }
    #expect(last.first == "  martlet releases    2 was left for 1, which stays until someone approves or promotes", "\(run)")
    #expect(receiver.types == ["200 dev.martlet.release.reverted", "200 dev.martlet.gate.waiting"])
    let event = receiver.received.first?.event
    #expect(event?["subject"] == .text("1"))
    let data = event?["data"]
    #expect(data?["release"] == .text("artifact/model_v1/") && data?["before"] == .text("artifact/model_v2/"))
    #expect(data?["kind"] == .text("reverted") && data?["comment"] == .text("judge judged 2: fail"))
    #expect(data?["production"]?.display.hasSuffix("artifact/current is now model_v1, and pinned") == true)
    #expect(workspace.martlet("run").status == 3)
    #expect(receiver.received.count == 2)
  }

  @Test func whatIsJudgedAnewAfterARollbackIsSaidToHaveBeenRejected() {
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
        judge:
          run: |
            echo '{"status":"succeeded","verdict":"fail","message":"too few"}' >> "$MARTLET_RESULT"
            cp ${{ in.x }} ${{ out.o }}
          in: {x: copy.o, champion: {release: current, optional: true}}
          out: {o: data/judged.csv}

      """)
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("incident", "reject", "judge", "-m", "too weak").status == 0)
    let rejected = workspace.martlet("run")
    #expect(rejected.status == 4 && !rejected.err.contains("judged anew,"), "\(rejected)")
    #expect(workspace.martlet("rollback", "-m", "worse").status == 0)
    let anew = workspace.martlet("run")
    #expect(anew.status == 3, "\(anew)")
    let said = "judge was judged anew, as the release in production changed: beside another one its verdict was rejected by "
    #expect(anew.err.split(separator: "\n").contains { $0.hasPrefix(said) && $0.hasSuffix(": too weak") }, "\(anew)")
    let ticket = workspace.martlet("incident", "show", "judge", "--json").out
    guard let path = ConfigurationValue(canonicalJSON: String(ticket.dropLast()))?["incident"]?["path"]?.display else {
      return #expect(Bool(false), "\(ticket)")
    }
    #expect(workspace.read(path)?.contains("\n## Decided before\n\n\(said)") == true)
    #expect(!workspace.martlet("run").err.contains("judged anew,"))
    // What else changed is no question of production.
    workspace.write("data/source.csv", "2\n")
    #expect(workspace.martlet("promote", "2", "-m", "good enough").status == 0)
    #expect(!workspace.martlet("run").err.contains("judged anew,"))
  }

  /// As docs/incidents.md says it.
  @Test func aDamagedHistoryHasAWayOut() {
    #expect(workspace.martlet("run").status == 0)
    let lines = promotions.map(\.line)
    workspace.write("artifact/history.jsonl", lines[0] + "\n" + lines[1].replacing("ann", with: "bob") + "\n")
    let refused = workspace.martlet("run")
    #expect(refused.status == 2, "\(refused)")
    #expect(refused.err.contains("put back the file as it was, from a backup; docs/incidents.md says how to go on without one\n"))
    for command in ["plan", "status", "gates", "releases", "graph"] {
      #expect(workspace.martlet(command).err.hasPrefix("error: artifact/history.jsonl:2: "), "\(command)")
    }
    for command in ["runs", "show", "check", "incident"] { #expect(workspace.martlet(command).status == 0, "\(command)") }
    let audit = workspace.martlet("audit", "verify")
    #expect(audit.out.hasPrefix("artifact/history.jsonl:2: this line is not as it was written\n"), "\(audit)")
    shell("mkdir damaged; cp -p artifact/history.jsonl damaged/; mv .martlet damaged/")
    shell("head -n 1 damaged/history.jsonl > artifact/history.jsonl")
    #expect(
      workspace.martlet("audit", "verify").out.contains("artifact/current: points to model_v2, but the history says model_v1"))
    let run = workspace.martlet("run")
    #expect(run.status == 0 && run.err.contains("nothing to do"), "\(run)")
    #expect(current == "model_v1", "\(run)")
    #expect(workspace.martlet("audit", "verify") == Ending(status: 0, out: "", err: "1 entry: as written\n"))
  }

  @Test func productionDoesNotFollowAHistoryThatWasCut() {
    #expect(workspace.martlet("run").status == 0)
    workspace.write("artifact/history.jsonl", promotions[0].line + "\n")
    let run = workspace.martlet("run")
    #expect(run.status == 0 && run.err.contains("artifact/history.jsonl lacks entries that were known"), "\(run)")
    #expect(current == "model_v2")
  }
}
