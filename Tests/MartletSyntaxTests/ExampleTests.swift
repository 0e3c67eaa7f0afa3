// The pipeline that the documents show reads without a word, and means what they say.

import MartletModel
import MartletSyntax
import Testing

/// The flights pipeline, with a command task of a person's own.
let example = """
  # yaml-language-server: $schema=martlet.schema.json
  martlet: 1
  pipeline: flights
  params: {min_rows: 1000}
  partitions:
    dt: {every: day, start: "2013-01-01", end: "2013-12-30", timezone: America/New_York}   # no `end`: up to today
  resources: {cpu: 2, memory: 4GiB}            # what this host gives; attempts ask for a share

  tasks:
    ingest:
      uses: ingest@1
      each: dt                                 # a checkpoint for each partition …
      batch: 64                                # … up to so many in one process (built-ins only)
      in:
        flights: "data/raw/dt=${{ dt }}/flights.csv"
        weather: "data/raw/dt=${{ dt }}/weather.csv"
        planes: data/reference/planes.csv
        schema: {path: config/schema.yaml, keys: [columns, join]}    # only these keys count
      out: {part: "data/ingested/parts/dt=${{ dt }}/part.parquet", rejects: "data/rejects/dt=${{ dt }}.parquet"}
      gather: {all: data/ingested/data_ingested.parquet}             # one more checkpoint, `ingest.ok`
    validate:
      uses: validate@1
      in:  {data: ingest.all, schema: {path: config/schema.yaml, keys: [columns, checks]}, baseline: {release: current, file: data_profile.json, optional: true}}
      out: {profile: reports/data_profile.json, summary: reports/validation_summary.md}
      with: {min_rows: "${{ params.min_rows }}"}
    clean:
      uses: clean@1
      after: [validate]                        # order, no data
      in:  {data: ingest.all, schema: {path: config/schema.yaml, keys: [columns, rows, features]}}
      out: {features: data/processed/features.parquet, quarantine: data/quarantine/clean.parquet}
    train:
      uses: train@1
      in:  {features: clean.features, config: {path: config/train.yaml, keys: [learner, parameters, seeds, split, stability]}}
      out: {model: models/model.pkl, native: models/model.txt, metrics: reports/train_metrics.json}
      resources: {cpu: 2, memory: 2GiB}
    eval:
      uses: evaluate@1
      in:  {model: train.native, features: clean.features, config: {path: config/train.yaml, keys: [split, thresholds, drift]}, champion: {release: current, optional: true}}
      out: {metrics: reports/eval_metrics.json, drift: reports/drift_report.md}
    package:
      uses: package@1
      after: [eval]
      in:  {model: train.model, native: train.native, train_metrics: train.metrics, profile: validate.profile, schema: {path: config/schema.yaml, keys: [columns, rows, features]}}
      out: {release: "artifact/model_v${{ hash }}/"}
    promote:
      gate: approval                           # a person, for now
      after: [package]
      subject: package.release                 # what an approval promotes
      show: [eval.metrics, eval.drift, validate.summary]
      approvers: ["*"]
    report:
      uses: report@1
      after: [package]
      when: settled                            # also when something above failed or was blocked: then above all
      in:  {profile: validate.profile, summary: validate.summary, train: train.metrics, eval: eval.metrics, drift: eval.drift,
            template: templates/report.md.mustache, notes: {path: deliverables/notes.md, optional: true}}
      out: {report: deliverables/report.md, images: deliverables/images/}

    score_in_python:                           # any language, the same rules
      run: python3 score.py --model ${{ in.model }} --out ${{ out.scores }}
      in:  {model: train.model}
      out: {scores: data/scores.csv}
      code: [score.py, requirements.txt]       # what else makes the result stale
  """

struct ExampleTests {
  private func pipeline() throws -> Pipeline {
    let (pipeline, diagnostics) = PipelineReader.read(text: example, file: "martlet.yaml")
    #expect(diagnostics.map(\.rendered) == [])
    return try #require(pipeline)
  }

  @Test func top() throws {
    let pipeline = try pipeline()
    #expect(pipeline.name == "flights")
    #expect(pipeline.parameters == ["min_rows": .integer(1000)])
    #expect(pipeline.resources == ResourceRequest(cpu: 2, memoryBytes: 4 << 30))
    let partition = try #require(pipeline.partitions.first)
    #expect(partition.name == "dt")
    #expect(partition.end?.description == "2013-12-30")
    #expect(partition.timezone == "America/New_York")
    #expect(
      pipeline.tasks.map(\.name) == [
        "ingest", "validate", "clean", "train", "eval", "package", "promote", "report", "score_in_python",
      ])
  }

  @Test func ingest() throws {
    let task = try #require(try pipeline().task("ingest"))
    #expect(task.builtin == BuiltinReference(name: "ingest", version: 1))
    #expect(task.each == "dt")
    #expect(task.batch == 64)
    #expect(
      task.inputs.map(\.origin) == [
        .source(Template([.text("data/raw/dt="), .expression(.partition("dt")), .text("/flights.csv")])),
        .source(Template([.text("data/raw/dt="), .expression(.partition("dt")), .text("/weather.csv")])),
        .source(Template(text: "data/reference/planes.csv")), .source(Template(text: "config/schema.yaml")),
      ])
    #expect(task.inputs[3].keys == ["columns", "join"])
    #expect(
      task.outputs.map(\.path.source) == ["data/ingested/parts/dt=${{ dt }}/part.parquet", "data/rejects/dt=${{ dt }}.parquet"])
    #expect(task.gathered.map(\.name) == ["all"])
    #expect(task.location == SourceLocation(file: "martlet.yaml", line: 10, column: 3))
  }

  @Test func references() throws {
    let pipeline = try pipeline()
    let validate = try #require(pipeline.task("validate"))
    #expect(validate.inputs[0].origin == .output(OutputReference(task: "ingest", output: "all")))
    #expect(validate.inputs[2].origin == .release(file: "data_profile.json"))
    #expect(validate.inputs[2].isOptional)
    #expect(validate.parameters == ["min_rows": .template(Template([.expression(.parameter("min_rows"))]))])
    #expect(pipeline.task("report")?.condition == .settled)
    #expect(pipeline.task("package")?.outputs.first?.path.segments.contains(.expression(.hash)) == true)
    #expect(
      pipeline.task("promote")?.gate
        == Gate(
          subject: OutputReference(task: "package", output: "release"),
          show: [
            OutputReference(task: "eval", output: "metrics"), OutputReference(task: "eval", output: "drift"),
            OutputReference(task: "validate", output: "summary"),
          ], approvers: ["*"],
          approverLocations: ["*": SourceLocation(file: "martlet.yaml", line: 50, column: 17)]))
  }

  @Test func command() throws {
    let task = try #require(try pipeline().task("score_in_python"))
    #expect(
      task.action
        == .command(
          Template([
            .text("python3 score.py --model "), .expression(.input("model")), .text(" --out "), .expression(.output("scores")),
          ])))
    #expect(task.code == ["score.py", "requirements.txt"])
    #expect(task.timeoutSeconds == nil)
  }

  @Test func defaultsFillWhatTasksLeaveOut() throws {
    let text = """
      martlet: 1
      pipeline: defaults
      defaults: {timeout: 5m, retries: {io: 1, killed: 2}, resources: {cpu: 1, memory: 512MiB}, executor: local}
      failures: [{class: io, exit: [7], signal: [13], log: "connection (reset|refused)"}]
      store: /var/lib/martlet
      x-note: free
      tasks:
        one: {run: "true", retries: {io: 5}, resources: {memory: 1GB}, env: {N: 1, DEBUG: "yes"}, x-owner: me}
        two: {run: "true", timeout: 90s, in_place: true, when: settled, after: [one], description: second}
      """
    let (read, diagnostics) = PipelineReader.read(text: text, file: "martlet.yaml")
    #expect(diagnostics.map(\.rendered) == [])
    let pipeline = try #require(read)
    #expect(
      pipeline.failureRules == [
        FailureRule(failureClass: .io, exitStatuses: [7], signals: [13], logPattern: "connection (reset|refused)")
      ])
    #expect(pipeline.storeFolder == "/var/lib/martlet")
    #expect(pipeline.tasks[0].retries == [.io: 5, .killed: 2])
    #expect(pipeline.tasks[0].resources == ResourceRequest(cpu: 1, memoryBytes: 1_000_000_000))
    #expect(pipeline.tasks[0].timeoutSeconds == 300)
    #expect(pipeline.tasks[0].environment == ["N": Template(text: "1"), "DEBUG": Template(text: "yes")])
    #expect(pipeline.tasks[1].timeoutSeconds == 90)
    #expect(pipeline.tasks[1].inPlace)
    #expect(pipeline.tasks[1].after == ["one"])
  }
}
