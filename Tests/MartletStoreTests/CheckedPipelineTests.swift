// A pipeline comes back from its compact bytes as it was: every field of it.

import MartletModel
import MartletSyntax
import Testing

@testable import MartletStore

@Suite struct CheckedPipelineTests {
  /// Has something other than the default in every field of every type.
  static let text = """
    martlet: 1
    pipeline: everything
    description: each key once
    params: {rows: 5, ratio: 0.1, on: true, names: [a, b], nothing: null, deep: {x: {y: -3}}}
    partitions:
      dt: {every: day, start: "2013-01-01", end: "2013-12-30", timezone: America/New_York}
      day: {every: day, start: "2013-01-01", timezone: UTC}
    resources: {cpu: 4, memory: 4GiB}
    store: /var/lib/martlet
    notify: [{url: "https://example.com/hook", on: [run.failed, gate.waiting]}, {url_env: HOOK}]
    failures: [{class: io, exit: [7, 75], signal: [13], log: "disk .* full"}]
    tasks:
      copy:
        description: copies
        run: FOO=${{ env.FOO }} cp ${{ in.x }} ${{ out.y }} ${{ params.rows }} ${{ dt }}
        each: dt
        in: {x: "raw/${{ dt }}", c: {path: conf.yaml, keys: [a, b]}, maybe: {path: ./extra, optional: true}}
        out: {y: "copied/${{ dt }}"}
        env: {FOO: "bar${{ params.ratio }}"}
        code: [tool.sh]
        when: settled
        timeout: 90s
        retries: {io: 5}
        resources: {cpu: 2, memory: 1GiB}
        in_place: true
      ingest:
        uses: ingest@1
        each: dt
        batch: 7
        in: {flights: "data/${{ dt }}.csv", schema: schema.yaml/}
        out: {part: "parts/${{ dt }}.parquet", rejects: "rejects/${{ dt }}.parquet"}
        gather: {all: all.parquet/}
      validate:
        uses: validate@1
        in:
          data: ingest.all
          schema: {path: config/schema.yaml, keys: [columns]}
          baseline: {release: current, file: data_profile.json, optional: true}
        out: {profile: reports/profile.json, summary: reports/summary.md}
        with: {min_rows: "${{ params.rows }}"}
      package:
        uses: package@1
        after: [copy]
        in: {model: a/b, native: a/c, train_metrics: a/d, profile: validate.profile, schema: {path: config/schema.yaml}}
        out: {release: "artifact/model_v${{ hash }}/"}
      promote:
        gate: approval
        after: [package]
        subject: package.release
        show: [ingest.all]
        approvers: [ann, "group:ops", "!requester"]
        expires: {after: 7d, result: approved}

    """

  @Test func everyFieldComesBack() throws {
    let (pipeline, diagnostics) = PipelineReader.read(text: Self.text, file: "martlet.yaml")
    let whole = try #require(pipeline, "\(diagnostics)")
    let bytes = CheckedPipeline.encode(whole)
    #expect(CheckedPipeline.decode(bytes[...]) == whole)
  }

  @Test func parametersOfEveryFormComeBack() throws {
    let parameter = Template([.expression(.parameter("rows"))])
    let values: [TemplatedValue] = [
      .constant(.map(["a": .list([.null, .boolean(true), .integer(-7), .number(0.5), .text("é")])])), .template(parameter),
      .list([.constant(.integer(1)), .template(parameter)]), .map(["k": .list([]), "l": .template(Template(text: "x"))]),
    ]
    #expect(try TemplatedValue.encode(values).withUnsafeBytes { try TemplatedValue.decode($0) } == values)
  }

  /// What is added to one of these types is added to its bytes and to the text above too: a field that is forgotten there would change
  /// from the second command on.
  @Test func noFieldIsForgotten() throws {
    let pipeline = try #require(PipelineReader.read(text: Self.text, file: "martlet.yaml").pipeline)
    func fields(_ value: Any?) -> [String] { Mirror(reflecting: value!).children.map { $0.label! } }
    let task = pipeline.tasks[0]
    let gate = pipeline.tasks[4].gate
    let known: [([String], [String])] = [
      (
        fields(pipeline),
        [
          "name", "description", "parameters", "partitions", "resources", "tasks", "failureRules", "storeFolder", "notifications",
        ]
      ),
      (
        fields(task),
        [
          "name", "action", "each", "batch", "inputs", "outputs", "gathered", "after", "condition", "parameters", "environment",
          "code", "resources", "timeoutSeconds", "retries", "inPlace", "description", "location",
        ]
      ),
      (fields(task.inputs[0]), ["name", "origin", "keys", "isOptional", "location"]),
      (fields(task.outputs[0]), ["name", "path", "location"]),
      (fields(gate), ["subject", "show", "approvers", "approverLocations", "excludesRequester", "expiry"]),
      (fields(gate?.expiry), ["afterSeconds", "result"]),
      (fields(pipeline.partitions[0]), ["name", "every", "start", "end", "timezone"]),
      (fields(pipeline.failureRules[0]), ["failureClass", "exitStatuses", "signals", "logPattern"]),
      (fields(pipeline.notifications[0]), ["address", "events"]),
      (fields(pipeline.resources), ["cpu", "memoryBytes"]),
      (fields(task.location), ["file", "line", "column"]),
    ]
    for (found, expected) in known { #expect(found == expected) }
  }

  @Test func bytesCutShortAreNoPipeline() throws {
    let pipeline = try #require(PipelineReader.read(text: Self.text, file: "martlet.yaml").pipeline)
    let bytes = CheckedPipeline.encode(pipeline)
    for count in stride(from: 0, to: bytes.count, by: 7) { #expect(CheckedPipeline.decode(bytes[..<count]) == nil) }
    #expect(CheckedPipeline.decode((bytes + [0])[...]) == nil)
  }
}
