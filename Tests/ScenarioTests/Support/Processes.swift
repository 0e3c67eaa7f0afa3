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
    var exit: ExitRecord?
  }

  /// By task; a task without a script succeeds.
  var scripts: [String: Script] = [:]
  private var table: [String: Process] = [:]
  private var starts: [TaskInstance: Int] = [:]
  /// Instances for which a process runs.
  private var busy: Set<TaskInstance> = []
  private let files: MemoryFiles

  init(files: MemoryFiles) {
    self.files = files
  }

  func exit(of attempt: String) -> ExitRecord? { table[attempt]?.exit }
  func isHanging(_ attempt: String) -> Bool { table[attempt].map { $0.exit == nil && $0.performance.hangs } ?? false }
  func isKnown(_ attempt: String) -> Bool { table[attempt] != nil }

  /// Attempts whose process runs.
  var running: [String] { table.filter { $0.value.exit == nil }.keys.sorted() }

  func start(_ plan: AttemptPlan, at now: Double) {
    for instance in plan.record.instances {
      precondition(busy.insert(instance).inserted, "\(plan.record.id) is the second process for \(instance)")
    }
    let call = Call(plan: plan, earlier: starts[plan.record.instances[0]] ?? 0, inputs: plan.items.map(read))
    for instance in plan.record.instances { starts[instance, default: 0] += 1 }
    table[plan.record.id] = Process(plan: plan, performance: scripts[plan.record.task]?(call) ?? .success, exit: nil)
  }

  /// The process comes to its end by itself; nothing happens if it hangs or has ended.
  func complete(_ attempt: String, at now: Double) {
    guard let process = table[attempt], process.exit == nil, !process.performance.hangs else { return }
    let performance = process.performance
    var records = performance.records
    if performance.status == .exited(0) || !performance.records.isEmpty {
      for (place, item) in process.plan.items.enumerated() where !performance.omitted.contains(place) {
        write(item, process.plan, performance)
        if process.plan.items.count > 1, !records.contains(where: { $0.partition == item.instance.partition?.value }) {
          records.append(ResultRecord(partition: item.instance.partition?.value, status: "succeeded"))
        }
      }
    }
    files.records[attempt] = records
    files.logs[attempt] = performance.log
    end(attempt, performance.status, at: now)
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
      let made = Digest(of: Array("\(read) \(parameters) \(plan.shellCommand == nil ? "" : plan.record.task) \(told)".utf8)).short
      let text = performance.contents[output.name] ?? "\(item.instance) \(output.name) \(made)"
      files.stage(text, at: output.staged, by: plan.record.id)
    }
  }

  private func read(_ item: AttemptPlan.Item) -> [String: [String]] {
    Dictionary(
      uniqueKeysWithValues: item.inputs.map { input in
        let texts = input.paths.map { path -> String in
          guard let keys = input.keys else { return files.texts[path] ?? "gone" }
          return keys.map { files.configuration(path)?[$0]?.canonicalJSON ?? absentValue }.joined(separator: ",")
        }
        return (input.name, texts)
      })
  }
}
