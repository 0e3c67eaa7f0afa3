/// Pipelines, failures and kills drawn from a seed.

import MartletModel
import MartletRun
import TestPipelines

struct RandomWorld {
  /// How a task's first processes end before one succeeds; one that never does fails for good.
  enum Trouble {
    case none
    case passing(times: Int, Performance)
    case lasting(Performance)
    case verdict(Verdict)
    /// In a batch, the process dies with this partition.
    case culprit(String)
  }

  let pipeline: Pipeline
  let sources: [String: String]
  private let troubles: [String: Trouble]

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let count = Int.random(in: 2...9, using: &generator)
    var tasks: [PipelineTask] = []
    var troubles: [String: Trouble] = [:]
    for place in 0..<count {
      let task = RandomWorld.task(place, earlier: tasks, &generator)
      troubles[task.name] = RandomWorld.trouble(task, &generator)
      tasks.append(task)
    }
    self.troubles = troubles
    pipeline = .testing(tasks, days: 1...4)
    var sources: [String: String] = [:]
    for place in 0..<count { sources["raw/\(place)"] = "source \(place)" }
    for place in 0..<count {
      for day in 1...4 where Int.random(in: 0..<8, using: &generator) > 0 {
        sources["raw/\(place)/2013-01-0\(day)"] = "source \(place) of \(day)"
      }
    }
    self.sources = sources
  }

  /// The world before anything ran.
  func world() -> World {
    let world = World(pipeline, sources: sources)
    for (task, trouble) in troubles { world.script(task) { RandomWorld.perform(trouble, $0) } }
    return world
  }

  private static func perform(_ trouble: Trouble, _ call: Call) -> Performance {
    switch trouble {
    case .none: .success
    case .passing(let times, let performance): call.earlier < times ? performance : .success
    case .lasting(let performance): performance
    case .verdict(let verdict): call.plan.items.count == 1 ? .verdict(verdict) : .success
    case .culprit(let partition):
      call.partitions.contains(partition)
        ? Performance(status: .signalled(11), omitted: Set(0..<call.plan.items.count)) : .success
    }
  }

  private static func task(
    _ place: Int, earlier: [PipelineTask], _ generator: inout SeededGenerator
  ) -> PipelineTask {
    let isPartitioned = Int.random(in: 0..<3, using: &generator) == 0
    var inputs: [String] = []
    for upstream in earlier where Int.random(in: 0..<3, using: &generator) == 0 {
      let output = upstream.gathered.isEmpty || isPartitioned ? "o" : "all"
      inputs.append("from\(upstream.name)=\(upstream.name).\(output)")
    }
    if inputs.isEmpty || Bool.random(using: &generator) {
      inputs.append(isPartitioned ? "source=raw/\(place)/${{ dt }}" : "source=raw/\(place)")
    }
    let after = earlier.map(\.name).filter { _ in Int.random(in: 0..<9, using: &generator) == 0 }
    let name = "t\(place)"
    guard isPartitioned else {
      return .command(
        name, in: inputs, out: ["o=out/\(name)"], after: after,
        when: Int.random(in: 0..<5, using: &generator) == 0 ? .settled : .ready,
        resources: ResourceRequest(cpu: Int.random(in: 1...2, using: &generator)))
    }
    return .builtin(
      name, uses: "ingest", in: inputs, out: ["o=out/\(name)/${{ dt }}"],
      gather: Bool.random(using: &generator) ? ["all=out/\(name)/all"] : [], after: after, each: "dt",
      batch: Int.random(in: 1...4, using: &generator))
  }

  private static func trouble(_ task: PipelineTask, _ generator: inout SeededGenerator) -> Trouble {
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: .passing(times: Int.random(in: 1...3, using: &generator), .exit(75))
    case 1: .passing(times: 1, .signal(9))
    case 2: .lasting(.exit(1))
    case 3: task.each == nil ? .verdict([.pass, .warn, .fail].randomElement(using: &generator)!) : .culprit("2013-01-02")
    default: .none
    }
  }
}
