// How a task process ends: records, exit statuses, events.

import BuiltinTasks
import MartletModel
import Testing

struct TaskProcessTests {
  @Test("an unknown built-in is a mistake in the configuration")
  func unknown() throws {
    let workspace = try TaskWorkspace()
    let ending = try workspace.run("ingst@1", [.init(inputs: [:], outputs: [:])])
    #expect(ending.status == 78)
    #expect(ending.record["class"] == .text("config"))
    #expect(ending.message == "there is no built-in `ingst@1`, did you mean `ingest@1`?")
  }

  @Test("a mistake in the schema fails every item of a batch with its place")
  func schemaMistake() throws {
    let workspace = try TaskWorkspace()
    try workspace.write("schema.yaml", "columns:\n  a: {field: {}}\n")
    let items = ["1", "2"].map { day in
      TaskWorkspace.Item(partition: day, inputs: ["schema": workspace.input("schema.yaml")], outputs: [:])
    }
    let ending = try workspace.run("ingest@1", items)
    #expect(ending.status == 78)
    #expect(ending.records.map { $0["partition"]?.display } == ["1", "2"])
    #expect(ending.message.hasPrefix("\(workspace.path("schema.yaml")):2:"))
  }

  @Test(
    "exit statuses by class",
    arguments: [(FailureClass.io, Int32(75)), (.config, 78), (.data, 65), (.code, 1), (.unstable, 1)])
  func statuses(failureClass: FailureClass, status: Int32) {
    #expect(TaskFailure(failureClass, "").exitStatus == status)
  }

  @Test("a specification that is none says so")
  func noSpecification() throws {
    let workspace = try TaskWorkspace()
    let path = try workspace.write("spec.json", "{}")
    let status = TaskProcess.run(environment: ["MARTLET_SPEC": path], executableFolder: nil) {
      #expect($0.contains("is no martlet.spec/1"))
    }
    #expect(status == 78)
  }

  @Test("progress is appended as JSON lines, the last always")
  func progress() throws {
    let workspace = try TaskWorkspace()
    let reporter = ProgressReporter(path: workspace.path("events"), intervalMilliseconds: 1_000_000_000)
    for done in 1...3 { reporter.report(done: done, total: 3, unit: "rows") }
    let last = try #require(try TaskFile.text(workspace.path("events")).split(separator: "\n").last)
    #expect(last == "{\"done\":3,\"progress\":1.0,\"total\":3,\"unit\":\"rows\"}")
  }

  @Test("JSON for people: sorted keys, lists of scalars on one line")
  func json() {
    let value = ConfigurationValue.map([
      "b": .list([.integer(1), .number(0.5)]), "a": .list([.map(["x": .null])]), "c": .map([:]),
    ])
    #expect(
      JSONText.pretty(value) == "{\n  \"a\": [\n    {\n      \"x\": null\n    }\n  ],\n  \"b\": [1, 0.5],\n  \"c\": {}\n}\n")
  }
}
