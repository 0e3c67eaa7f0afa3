/// Runs a small pipeline whose engine is killed at random points, and holds what comes of it against an undisturbed run.

import MartletFiles
import MartletModel
import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is killed with SIGKILL, all of it in one moment.
enum ChaosKill: String, CaseIterable {
  case engine
  case supervisor
  case both = "engine and supervisor"
  case everything = "engine, supervisor and tasks"
}

/// What came of it.
struct ChaosReport {
  var kills: [ChaosKill: Int] = [:]
  /// Pipelines that were brought to their end.
  var pipelines = 0
  /// Successes that were told.
  var told = 0
  /// Attempts that were started.
  var attempts = 0
  var problems: [String] = []
  var seconds = 0.0

  var killCount: Int { kills.values.reduce(0, +) }
}

struct ChaosTest {
  /// More kills than this hit no generation: it has to come to its end.
  private static let mostKillsInARow = 12

  let host: Host
  let kills: Int
  /// A scratch folder of the test's own.
  let folder: String
  let note: (String) -> Void
  private var generator: SeededGenerator
  private var report = ChaosReport()
  /// What an undisturbed run comes to, by generation.
  private var expected: [(files: [String: [UInt8]], starts: [String: Int])] = []
  private var undisturbedSeconds = 1.0

  init(host: Host, kills: Int, seed: UInt64, folder: String, note: @escaping (String) -> Void) {
    self.host = host
    self.kills = kills
    self.folder = folder
    self.note = note
    generator = SeededGenerator(seed: seed)
  }

  /// - Throws: `UserError` if it was interrupted; errors of the file system in the scratch folder.
  mutating func run() throws -> ChaosReport {
    let begin = host.wallSeconds()
    try runUndisturbed()
    while report.killCount < kills && report.problems.isEmpty {
      report.pipelines += 1
      let workspace = try ChaosWorkspace("\(folder)/disturbed-\(report.pipelines)")
      var known = 0
      for generation in 0..<ChaosPipeline.generations where report.problems.isEmpty {
        try workspace.laySources(generation: generation)
        known = try disturb(workspace, generation: generation, knownStarts: known)
      }
      note("\(report.killCount) of \(NumberText.counted(kills, "kill")), \(NumberText.counted(report.pipelines, "pipeline"))")
      if report.problems.isEmpty { try FileTree.remove(workspace.root) }
    }
    report.seconds = host.wallSeconds() - begin
    return report
  }

  // MARK: The measure

  private mutating func runUndisturbed() throws {
    let workspace = try ChaosWorkspace("\(folder)/undisturbed")
    var known = 0
    for generation in 0..<ChaosPipeline.generations {
      try workspace.laySources(generation: generation)
      let begin = host.wallSeconds()
      for (arguments, status) in [(Self.run, 3), (Self.approve, 0), (Self.run, 0)] as [([String], Int32)] {
        let process = try start(arguments, in: workspace)
        let ended = process.end(clock: host.wallSeconds)
        guard ended == status else {
          throw UserError(
            "the undisturbed run did not end as it should",
            facts: [("expected", "status \(status)"), ("got", "status \(ended)"), ("it said", try process.said())], status: .bug)
        }
      }
      undisturbedSeconds = max(undisturbedSeconds, host.wallSeconds() - begin)
      let started = try workspace.started(after: known)
      known = started.lines
      expected.append((try workspace.visible(), started.attempts.mapValues(\.count)))
    }
  }

  private static let run = ["run", "--progress", "json", "--no-input"]
  private static let approve = ["approve", ChaosPipeline.gate]

  private func start(_ arguments: [String], in workspace: ChaosWorkspace) throws -> ChaosProcess {
    try ChaosProcess(arguments, host: host, directory: workspace.root, outputPath: "\(workspace.root).out")
  }

  // MARK: The disturbed one

  /// What is known of a generation while it is brought to its end.
  private struct Course {
    var kills: [ChaosKill] = []
    /// The attempt whose success was told, by task and partition.
    var told: [String: String] = [:]
    var isApprovalTold = false
    var isApprovalPossible = false
    var isDone = false
  }

  /// Brings a generation to its end through kills, and looks at everything.
  /// - Returns: how many starts are noted now.
  private mutating func disturb(_ workspace: ChaosWorkspace, generation: Int, knownStarts: Int) throws -> Int {
    var course = Course()
    while !course.isDone && report.problems.isEmpty {
      guard try !advance(workspace, Self.run, &course) else { continue }
      guard !course.isDone, report.problems.isEmpty else { break }
      // It waits at its gate.
      if course.isApprovalTold { fail(workspace, "the approval that was told is gone") }
      _ = try advance(workspace, Self.approve, &course)
    }
    guard report.problems.isEmpty else { return knownStarts }
    return try examine(workspace, course, generation: generation, knownStarts: knownStarts)
  }

  /// Starts a command, which may be killed.
  /// - Returns: whether it was.
  private mutating func advance(_ workspace: ChaosWorkspace, _ arguments: [String], _ course: inout Course) throws -> Bool {
    if let signal = host.lastInterrupt() {
      throw UserError(
        "interrupted after \(NumberText.counted(report.killCount, "kill"))",
        status: signal == SIGTERM ? .terminated : .interrupted)
    }
    let process = try start(arguments, in: workspace)
    var isKilled = false
    if report.killCount < kills && course.kills.count < Self.mostKillsInARow {
      isKilled = try killSome(process, workspace, &course)
    }
    let status = process.end(clock: host.wallSeconds)
    try hear(process, workspace, &course)
    if arguments == Self.approve { course.isApprovalPossible = true }
    if isKilled && status == 128 + SIGKILL { return true }
    switch (arguments[0], status) {
    case ("run", 0): course.isDone = true
    case ("run", 3): break
    case ("approve", 0): course.isApprovalTold = true
    // An approval whose process was killed may have been made.
    case ("approve", 2) where course.kills.count > 0: break
    default: fail(workspace, "`martlet \(arguments[0])` ended with status \(status): \(try process.said().suffix(2_000))")
    }
    return false
  }

  /// Waits for the moment that chance chose, and kills.
  /// - Returns: whether the engine was killed; `false` also if it had ended before.
  private mutating func killSome(_ process: ChaosProcess, _ workspace: ChaosWorkspace, _ course: inout Course) throws -> Bool {
    let span = [0.1, undisturbedSeconds / 3, undisturbedSeconds].randomElement(using: &generator)!
    let seconds = Double.random(in: 0..<span, using: &generator)
    let kill = [.engine, .engine, .engine, .both, .both, .everything, ChaosKill.supervisor].randomElement(using: &generator)!
    guard process.end(within: seconds, clock: host.wallSeconds) == nil else { return false }
    // It stands still, so that all die in the same state.
    process.send(SIGSTOP)
    let supervisors = kill == .engine ? [] : try workspace.supervisors()
    if kill == .supervisor && supervisors.isEmpty {
      process.send(SIGCONT)
      return false
    }
    for entry in supervisors { ProcessTable.signal(entry, SIGKILL) }
    if kill == .everything { for entry in try workspace.taskProcesses() { ProcessTable.signal(entry, SIGKILL) } }
    process.send(kill == .supervisor ? SIGCONT : SIGKILL)
    report.kills[kill, default: 0] += 1
    course.kills.append(kill)
    return kill != .supervisor
  }

  /// Notes what was told, and that no success is told of two attempts.
  private mutating func hear(_ process: ChaosProcess, _ workspace: ChaosWorkspace, _ course: inout Course) throws {
    for document in try process.documents() {
      guard document["event"] == .text("settled"), document["state"] == .text("succeeded"),
        case .text(let task) = document["task"], case .text(let attempt) = document["attempt"]
      else { continue }
      let instance = "\(task) \(document["partition"]?.display ?? "-")"
      if let earlier = course.told.updateValue(attempt, forKey: instance), earlier != attempt {
        fail(workspace, "\(instance) was told to be done by \(earlier), and again by \(attempt)")
      }
    }
  }

  // MARK: The verdict

  private mutating func examine(
    _ workspace: ChaosWorkspace, _ course: Course, generation: Int, knownStarts: Int
  ) throws -> Int {
    try waitForSupervisors(workspace)
    let files = try workspace.visible()
    let wanted = expected[generation].files
    for path in Set(files.keys).union(wanted.keys).sorted() where files[path] != wanted[path] {
      let how = files[path] == nil ? "is missing" : wanted[path] == nil ? "should not be there" : "has other bytes"
      fail(workspace, "\(path) \(how)")
    }
    let started = try workspace.started(after: knownStarts)
    for (instance, attempt) in course.told where started.attempts[instance]?.last != attempt {
      fail(workspace, "\(instance) ran again although \(attempt) was told to have done it")
    }
    if course.kills.allSatisfy({ $0 == .engine }) {
      // The supervisor saw to everything that had begun.
      let counts = started.attempts.mapValues(\.count)
      for (instance, count) in expected[generation].starts where counts[instance] != count {
        fail(
          workspace, "\(instance) was started \(counts[instance] ?? 0) times instead of \(count), and only engines were killed")
      }
    }
    for problem in try workspace.leftovers() { fail(workspace, problem) }
    report.told += course.told.count
    report.attempts += started.attempts.values.reduce(0) { $0 + $1.count }
    return started.lines
  }

  /// A supervisor leaves once its engine has gone; whatever else runs then, nobody looks after.
  private mutating func waitForSupervisors(_ workspace: ChaosWorkspace) throws {
    let deadline = host.wallSeconds() + 10
    while try !workspace.supervisors().isEmpty && host.wallSeconds() < deadline { poll(nil, 0, 5) }
    let left = try workspace.supervisors() + workspace.taskProcesses()
    if !left.isEmpty { fail(workspace, "still running: \(left.map { "process \($0.pid)" }.joined(separator: ", "))") }
  }

  private mutating func fail(_ workspace: ChaosWorkspace, _ problem: String) {
    report.problems.append("\(ArtifactPath(workspace.root).lastComponent): \(problem)")
  }
}
