/// What a process is given: its command, its environment and its specification.

import MartletModel
import MartletPlan
import Testing
import TestPipelines

@testable import MartletRun

struct AttemptPlanningTests {
  /// The attempts that a run over these sources starts with.
  private func firstAttempts(_ pipeline: Pipeline, sources: [String: String]) -> [AttemptPlan] {
    let facts = Facts(
      sources: Dictionary(uniqueKeysWithValues: sources.map { (ArtifactPath($0), Digest(of: Array($1.utf8))) }),
      configurations: Dictionary(
        uniqueKeysWithValues: sources.compactMap { path, text in
          guard case .map(let keys) = ConfigurationValue(canonicalJSON: text) else { return nil }
          return (ArtifactPath(path), keys)
        }), libraries: [.duckdb: "1", .lightgbm: "4"])
    let run = RunRecord(id: "r", pipeline: "p", startedAt: 0, arguments: [], parameters: [:], engineVersion: "1")
    let settings = RunSettings(run: run, capacity: Resources(cpu: 4, memoryBytes: 4_000), seed: 1)
    var state = RunState(
      planner: Planner(pipeline: pipeline, partitions: pipeline.partitionsByName), facts: facts, settings: settings)
    return state.apply(.began, now: 5).effects.compactMap { effect in
      guard case .prepare(let plan) = effect else { return nil }
      return plan
    }
  }

  @Test func aCommandsValuesAreShellWords() throws {
    let task = PipelineTask.command(
      "score", in: ["model=./my model.pkl", "none=./absent?"], out: ["scores=data/it's.csv"],
      run:
        "python3 score.py --model ${{ in.model }} --none ${{ in.none }} --out ${{ out.scores }} --n ${{ params.n }} $HOME ${{ env.NOTE }}",
      env: ["NOTE": "n is ${{ params.n }}"])
    let plan = try #require(
      firstAttempts(.testing([task], parameters: ["n": .text("a b")]), sources: ["./my model.pkl": "m"]).first)
    #expect(
      plan.shellCommand
        == #"python3 score.py --model './my model.pkl' --none  --out '.martlet/attempts/r.1/out/it'\''s.csv' --n 'a b' $HOME 'n is a b'"#
    )
    #expect(plan.environment == ["NOTE": "n is a b"])
    #expect(plan.items[0].outputs[0].target == "data/it's.csv")
  }

  @Test func theSpecificationOfABatch() throws {
    let task = PipelineTask.builtin(
      "ingest", uses: "ingest", in: ["flights=raw/${{ dt }}.csv", "schema=config/schema.yaml#columns,join", "note=./note?"],
      out: ["part=parts/${{ dt }}/part.parquet"], gather: ["all=./all.parquet"], each: "dt", batch: 8,
      with: ["limit=${{ params.limit }}"], resources: ResourceRequest(cpu: 4, memoryBytes: 1_000))
    let plan = try #require(
      firstAttempts(
        .testing([task], parameters: ["limit": .number(0.5)]),
        sources: [
          "raw/2013-01-01.csv": "1", "raw/2013-01-03.csv": "3", "config/schema.yaml": #"{"columns":["a"],"other":1}"#,
        ]
      ).first)
    let key = plan.record.fingerprints[0].description
    let one = Digest(of: Array("1".utf8)).hex
    let three = Digest(of: Array("3".utf8)).hex
    func item(_ day: String, _ place: Int, _ digest: String) -> String {
      #"{"inputs":{"flights":{"digests":["\#(digest)"],"paths":["raw/\#(day).csv"]},"note":{"digests":[],"paths":[]},"#
        + #""schema":{"digests":[],"keys":["columns","join"],"paths":["config/schema.yaml"]}},"#
        + #""outputs":{"part":".martlet/attempts/r.1/out/\#(place)/part/part.parquet"},"#
        + #""partition":{"name":"dt","value":"\#(day)"}}"#
    }
    #expect(
      plan.specification
        == #"{"attempt":"r.1","diagnostics":".martlet/attempts/r.1/diagnostics","items":[\#(item("2013-01-01", 0, one)),\#(item("2013-01-03", 1, three))],"#
        + #""key":"\#(key)","mode":"task","parameters":{"limit":0.5},"resources":{"cpu":4,"memoryBytes":1000},"run":"r","#
        + #""schema":"martlet.spec/1","scratch":".martlet/attempts/r.1/scratch","seedIndex":0,"task":"ingest","uses":"ingest@1"}"#
    )
    #expect(plan.items[0].inputs[1].keyValues == ["columns": "[\"a\"]", "join": "absent"])
  }

  @Test func whatAProcessSeesOfItsHost() throws {
    let task = PipelineTask.command("t", out: ["o=./o"], env: ["LEVEL": "high", "PATH": "/own"])
    let plan = try #require(firstAttempts(.testing([task]), sources: [:]).first)
    let host = ["PATH": "/bin", "LC_ALL": "C", "SECRET": "x", "HOME": "/home/u"]
    let launcher = Launcher(
      root: "/my data", tasksExecutable: "/opt/martlet-tasks", hostEnvironment: Launcher.allowed(host))
    let request = launcher.request(for: plan)
    let folder = "/my data/.martlet/attempts/r.1"
    #expect(request.arguments == ["/bin/sh", "-ec", "t"])
    #expect(
      request.environment == [
        "PATH": "/own", "LC_ALL": "C", "HOME": "/home/u", "LEVEL": "high", "MARTLET_RUN": "r", "MARTLET_TASK": "t",
        "MARTLET_PARTITION": "", "MARTLET_ATTEMPT": "r.1", "MARTLET_KEY": plan.record.fingerprints[0].description,
        "MARTLET_SPEC": "\(folder)/spec.json", "MARTLET_RESULT": "\(folder)/result.jsonl",
        "MARTLET_EVENTS": "\(folder)/events.jsonl",
      ])
    #expect(request.logPath == "\(folder)/log")
    #expect(request.workingDirectory == "/my data")
  }

  @Test(arguments: [
    ("plain/path-1.csv", "plain/path-1.csv"), ("", "''"), ("a b", "'a b'"), ("$HOME", "'$HOME'"), ("it's", #"'it'\''s'"#),
    ("-n", "-n"), ("a\nb", "'a\nb'"), ("~", "'~'"), ("é", "'é'"), ("*", "'*'"),
  ])
  func wordsOfTheShell(text: String, word: String) {
    #expect(ShellWord.quoted(text) == word)
  }
}
