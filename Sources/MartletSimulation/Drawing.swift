// What a scenario's parts mean for a world: the pipeline that its tasks make, and the texts that it begins with.

import MartletModel
import MartletRun

extension Scenario {
  /// The world before anything ran.
  func world() -> World {
    var generator = SeededGenerator(seed: seed &+ 1)
    var sources: [String: String] = [:]
    for place in 0..<Scenario.places {
      sources["raw/\(place)"] = "source \(place)"
      for day in 1...4 where Int.random(in: 0..<8, using: &generator) > 0 {
        sources["raw/\(place)/2013-01-0\(day)"] = "source \(place) of \(day)"
      }
    }
    sources["raw/\(Scenario.places)"] = "source of a release"
    let world = World(pipeline(days: 3, changes: [:]), sources: sources)
    world.reverting = reverting
    for task in tasks where !task.isGate { world.script(task.name) { Scenario.perform(task, $0) } }
    return world
  }

  /// - Parameters:
  ///   - days: how many partitions there are.
  ///   - changes: how often each task got another command.
  func pipeline(days: Int, changes: [String: Int]) -> Pipeline {
    let byName = Dictionary(uniqueKeysWithValues: tasks.map { ($0.name, $0) })
    let definition = PartitionDefinition(
      name: "dt", every: .day, start: CalendarDay(year: 2013, month: 1, day: 1)!,
      end: CalendarDay(year: 2013, month: 1, day: days)!, timezone: "UTC")
    return Pipeline(
      name: "simulated", parameters: [:], partitions: [definition],
      tasks: tasks.map { pipelineTask($0, byName, changes: changes[$0.name] ?? 0) }, failureRules: [])
  }

  private func pipelineTask(_ task: DrawnTask, _ byName: [String: DrawnTask], changes: Int) -> PipelineTask {
    func reference(_ name: String) -> OutputReference {
      let upstream = byName[name]!
      let isJoined = upstream.isPartitioned && upstream.isGathered && !task.isPartitioned
      return OutputReference(task: name, output: isJoined ? "all" : "o")
    }
    if task.isGate {
      let subject = packed[task.name].map { OutputReference(task: $0, output: "o") }
      let gate = Gate(subject: subject, show: task.reads.map(reference), approvers: ["*"])
      return PipelineTask(name: task.name, action: .gate(gate), after: task.after)
    }
    let day = Template.Segment.expression(.partition("dt"))
    var inputs = task.reads.map { Input(name: "from\($0)", origin: .output(reference($0))) }
    if task.readsSource || inputs.isEmpty {
      let path = Template(task.isPartitioned ? [.text("raw/\(task.place)/"), day] : [.text("raw/\(task.place)")])
      inputs.append(Input(name: "source", origin: .source(path)))
    }
    let resources = ResourceRequest(cpu: task.cpu, memoryBytes: 1_000)
    guard task.isPartitioned else {
      return PipelineTask(
        name: task.name, action: .command(Template(text: "\(task.name) \(changes)")), inputs: inputs,
        outputs: [Output(name: "o", path: path(of: task))], after: task.after,
        condition: task.isSettled ? .settled : .ready, resources: resources, timeoutSeconds: 60)
    }
    return PipelineTask(
      name: task.name, action: .builtin(BuiltinReference(name: "ingest", version: 1)), each: "dt", batch: task.batch,
      inputs: inputs,
      outputs: [Output(name: "o", path: Template([.text("out/\(task.name)/"), day]))],
      gathered: task.isGathered ? [Output(name: "all", path: Template(text: "out/\(task.name)/all"))] : [], after: task.after,
      parameters: ["change": .constant(.integer(changes))], resources: resources, timeoutSeconds: 60)
  }

  /// Of what is not partitioned; a release has its hash in its name.
  private func path(of task: DrawnTask) -> Template {
    guard packed.values.contains(task.name) else { return Template(text: "out/\(task.name)") }
    return Template([.text("artifact/\(task.name)_v"), .expression(.hash), .text("/")])
  }

  private static func perform(_ task: DrawnTask, _ call: Call) -> Performance {
    var performance: Performance =
      switch task.trouble {
      case nil: .success
      case .passing(let times, let performance): call.earlier < times ? performance : .success
      case .lasting(let performance): performance
      case .verdict(let verdict): call.plan.items.count == 1 ? .verdict(verdict) : .success
      case .culprit(let partition):
        call.partitions.contains(partition)
          ? Performance(status: .signalled(11), omitted: Set(0..<call.plan.items.count)) : .success
      }
    performance.seconds = task.seconds
    if call.plan.items.count > 1, let record = performance.records.first {
      performance.records = call.partitions.map {
        ResultRecord(partition: $0, status: record.status, failureClass: record.failureClass, seedsLeft: record.seedsLeft)
      }
    }
    return performance
  }
}
