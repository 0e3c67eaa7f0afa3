/// Processes of attempts: they live on when the engine is killed, and do what the test's script says.

import MartletModel
import MartletRun

/// What a script is told of the process it plays.
struct Call {
  let plan: AttemptPlan
  /// How many processes of this task instance (of a batch: of its first) there were before.
  let earlier: Int
  /// What each item reads, by input.
  let inputs: [[String: [String]]]

  var partitions: [String] { plan.items.compactMap { $0.instance.partition?.value } }
  var seedIndex: Int { plan.record.seedIndex }
  var memoryBytes: Int { plan.record.resources.memoryBytes }
}

/// What a process does.
struct Performance {
  var status: ExitRecord.Status = .exited(0)
  var records: [ResultRecord] = []
  var timedOut = false
  var outOfMemory = false
  var log = ""
  /// Outputs that are not written, by item.
  var omitted: Set<Int> = []
  /// What outputs hold, by name, in place of what the default writes.
  var contents: [String: String] = [:]
  /// Whether it goes on until it is ended.
  var hangs = false
  /// How long it takes.
  var seconds = 0.0

  static let success = Performance()

  static func exit(_ status: Int32, log: String = "") -> Performance { Performance(status: .exited(status), log: log) }
  static func signal(_ signal: Int32) -> Performance { Performance(status: .signalled(signal)) }

  static func failure(
    _ failureClass: FailureClass, message: String? = nil, seedsLeft: Int? = nil
  ) -> Performance {
    Performance(
      status: .exited(1),
      records: [ResultRecord(status: "failed", failureClass: failureClass, message: message, seedsLeft: seedsLeft)])
  }

  static func verdict(_ verdict: Verdict, message: String? = nil) -> Performance {
    Performance(records: [ResultRecord(status: "succeeded", verdict: verdict, message: message)])
  }
}

final class Processes {
  typealias Script = (Call) -> Performance

  private struct Process {
    let plan: AttemptPlan
    var performance: Performance
    /// When it ends by itself or by its limit, seconds since 1970.
    let endsAt: Double
    var exit: ExitRecord?
    /// Instances for which it read what its plan says.
    var wellRead: Set<TaskInstance> = []
  }

  /// By task; a task without a script succeeds.
  var scripts: [String: Script] = [:]
  private var table: [String: Process] = [:]
  private var starts: [TaskInstance: Int] = [:]
  /// Instances for which a process runs.
  private var busy: Set<TaskInstance> = []
  private let files: MemoryFiles
  private let invariants: Invariants

  init(files: MemoryFiles, invariants: Invariants) {
    self.files = files
    self.invariants = invariants
  }

  func exit(of attempt: String) -> ExitRecord? { table[attempt]?.exit }
  /// When it ends by itself or by its limit, seconds since 1970; `nil` of one that has ended.
  func end(of attempt: String) -> Double? { table[attempt].flatMap { $0.exit == nil ? $0.endsAt : nil } }
  /// Whether what the process left can be recorded under the fingerprint that it was started for.
  func hasReadAsPlanned(_ attempt: String, _ instance: TaskInstance) -> Bool {
    table[attempt]?.wellRead.contains(instance) ?? true
  }
  func isKnown(_ attempt: String) -> Bool { table[attempt] != nil }

  /// Attempts whose process runs.
  var running: [String] { table.filter { $0.value.exit == nil }.keys.sorted() }

  /// The cores of all attempts of a run whose process runs.
  func coresInUse(by run: String) -> Int {
    table.values.reduce(0) { $0 + ($1.exit == nil && $1.plan.record.run == run ? $1.plan.record.resources.cpu : 0) }
  }

  func start(_ plan: AttemptPlan, at now: Double) {
    for instance in plan.record.instances {
      invariants.require(busy.insert(instance).inserted, "\(plan.record.id) is the second process for \(instance)")
    }
    let call = Call(plan: plan, earlier: starts[plan.record.instances[0]] ?? 0, inputs: plan.items.map(read))
    for instance in plan.record.instances { starts[instance, default: 0] += 1 }
    var performance = scripts[plan.record.task]?(call) ?? .success
    let limit = plan.timeoutSeconds ?? .infinity
    let seconds = performance.hangs ? .infinity : performance.seconds
    if seconds > limit {
      invariants.tally[.timeouts] += 1
      performance.status = .signalled(15)
      performance.timedOut = true
      performance.hangs = false
    }
    table[plan.record.id] = Process(plan: plan, performance: performance, endsAt: now + min(seconds, limit))
    for (place, item) in plan.items.enumerated() where !performance.omitted.contains(place) {
      for output in item.outputs {
        files.stage(Content("half of \(output.target)", isWhole: false), at: output.staged, by: plan.record.id)
      }
    }
  }

  /// The process comes to its end by itself or by its limit; nothing happens if it hangs or has ended.
  func complete(_ attempt: String, at now: Double) {
    guard let process = table[attempt], process.exit == nil, !process.performance.hangs else { return }
    var performance = process.performance
    if files.disk.isFull, performance.status == .exited(0) { performance = .exit(75) }
    var records = performance.records
    if performance.status == .exited(0) || !performance.records.isEmpty {
      for (place, item) in process.plan.items.enumerated() where !performance.omitted.contains(place) {
        write(item, process.plan, performance)
        if isAsPlanned(item) { table[attempt]!.wellRead.insert(item.instance) }
        if process.plan.items.count > 1, !records.contains(where: { $0.partition == item.instance.partition?.value }) {
          records.append(ResultRecord(partition: item.instance.partition?.value, status: "succeeded"))
        }
      }
    }
    files.records[attempt] = records
    files.logs[attempt] = performance.log
    end(attempt, performance.status, at: now)
  }

  /// Whether its inputs are what its fingerprint holds.
  private func isAsPlanned(_ item: AttemptPlan.Item) -> Bool {
    item.inputs.allSatisfy { input in
      input.absentPaths.allSatisfy { files.contents[$0] == nil }
        && (input.keys != nil || zip(input.paths, input.digests).allSatisfy { files.digest($0) == $1 })
    }
  }

  /// The process is ended from outside; `false` if it had ended before.
  func kill(_ attempt: String, at now: Double) -> Bool {
    guard table[attempt] != nil, table[attempt]!.exit == nil else { return false }
    end(attempt, .signalled(15), cancelled: true, at: now)
    return true
  }

  /// The process and what it would have left are gone, as after a power cut.
  func lose(_ attempt: String) {
    guard let process = table.removeValue(forKey: attempt) else { return }
    if process.exit == nil { busy.subtract(process.plan.record.instances) }
  }

  /// Every process is gone, and what is known of those that had ended.
  func loseAll() {
    table = [:]
    busy = []
  }

  private func end(_ attempt: String, _ status: ExitRecord.Status, cancelled: Bool = false, at now: Double) {
    let performance = table[attempt]!.performance
    busy.subtract(table[attempt]!.plan.record.instances)
    table[attempt]!.exit = ExitRecord(
      attempt: attempt, status: status, timedOut: performance.timedOut, cancelled: cancelled,
      outOfMemory: performance.outOfMemory, startedAt: now, endedAt: now)
  }

  private func write(_ item: AttemptPlan.Item, _ plan: AttemptPlan, _ performance: Performance) {
    let specification = ConfigurationValue(canonicalJSON: plan.specification)!
    let parameters = specification["parameters"]!.canonicalJSON
    for output in item.outputs {
      let told = specification["upstream"]?.canonicalJSON ?? ""
      let read = read(item).sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
      let made = Digest(
        of: Array("\(read) \(parameters) \(item.ingredients.entries.first { $0.kind == .command }?.value ?? "") \(told)".utf8)
      ).short
      let text = performance.contents[output.name] ?? "\(item.instance) \(output.name) \(made)"
      let isWhole = performance.status == .exited(0) || plan.items.count > 1
      files.stage(Content(text, isWhole: isWhole), at: output.staged, by: plan.record.id)
    }
  }

  private func read(_ item: AttemptPlan.Item) -> [String: [String]] {
    Dictionary(
      uniqueKeysWithValues: item.inputs.map { input in
        let texts = input.paths.map { path -> String in
          guard let keys = input.keys else { return files.contents[path]?.text ?? "gone" }
          return keys.map { files.configuration(path)?[$0]?.canonicalJSON ?? absentValue }.joined(separator: ",")
        }
        return (input.name, texts)
      })
  }
}
