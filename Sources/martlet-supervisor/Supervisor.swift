// The supervisor's one loop.
//
// It sleeps until a child ends, an engine says something or a limit is reached. Then, in this order: children that ended are reaped,
// requests are heard, limits are enforced, and attempts whose own process has ended and whose tree is gone get their exit record. It
// leaves once no engine is connected and no process is left.

import CLinux
import MartletExecutors
import MartletFiles
import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

final class Supervisor {
  /// How often processes that were killed are looked for, in seconds.
  private static let killInterval = 0.02

  private let folder: String
  private let listener: Int32
  private let childSignals: Int32
  private let memory = MemoryEvidence()
  private var engines: [LineConnection]
  /// Those that are not over, by id.
  private var attempts: [String: SupervisedAttempt] = [:]
  /// Exit records that could not be written yet, each as the line that tells it.
  private var unwritten: [(line: [UInt8], folder: AttemptFolder)] = []
  private var hasStrays = false
  private var badges = Badges()

  init(folder: String, engine: Int32) throws {
    self.folder = folder
    if martlet_become_subreaper() != 0 { throw SystemError("become the subreaper for", folder) }
    childSignals = martlet_child_signal_descriptor()
    if childSignals < 0 { throw SystemError("watch the children of", folder) }
    listener = try StreamSocket.listen(in: folder)
    StreamSocket.makeNonBlocking(listener)
    engines = []
    greet(engine)
  }

  func run() {
    repeat {
      repeat {
        wait()
        noteMemoryKills()
        reap()
        hear()
        enforce()
      } while !isDone
      // From here on nobody can connect any more; but somebody may have just before.
      unlink("\(folder)/\(StreamSocket.name)")
      accept().forEach(greet)
    } while !isDone
    leave()
  }

  private var isDone: Bool { engines.isEmpty && attempts.isEmpty && unwritten.isEmpty && !hasStrays }

  /// A log with something in it stays for people to read.
  private func leave() {
    if let log = try? FileStamp.of("\(folder)/log"), log.size > 0 { return }
    do {
      try FileTree.remove(folder)
    } catch {
      complain("\(error)")
    }
  }

  // MARK: waiting

  private func wait() {
    var interests = [pollfd(descriptor: childSignals), pollfd(descriptor: listener)]
    if memory.kernelLog >= 0 { interests.append(pollfd(descriptor: memory.kernelLog)) }
    interests += engines.map(\.interest)
    poll(&interests, nfds_t(interests.count), timeoutMilliseconds)
    var discarded = [UInt8](repeating: 0, count: 1024)
    while discarded.withUnsafeMutableBytes({ read(childSignals, $0.baseAddress, $0.count) }) > 0 {}
  }

  /// `poll` does not count time asleep, so it never waits long for a limit.
  private var timeoutMilliseconds: Int32 {
    var seconds = attempts.values.compactMap(\.nextLook).min().map { $0 - SystemTime.bootSeconds() } ?? .infinity
    if hasStrays || attempts.values.contains(where: { $0.phase == .killed }) { seconds = min(seconds, Supervisor.killInterval) }
    if !unwritten.isEmpty { seconds = min(seconds, 1) }
    if seconds == .infinity { return -1 }
    return Int32((min(max(seconds, 0), 60) * 1000).rounded(.up))
  }

  // MARK: children

  private func reap() {
    while true {
      var status: Int32 = 0
      var usage = rusage()
      let pid = wait4(-1, &status, WNOHANG, &usage)
      if pid < 0 && errno == EINTR { continue }
      if pid <= 0 { return }
      guard let id = attempts.values.first(where: { $0.identity.pid == pid && $0.end == nil })?.attempt else { continue }
      attempts[id]!.end = SupervisedAttempt.MainEnd(
        status: ExitRecord.Status(waitStatus: status), at: SystemTime.wallSeconds(), usage: usage,
        isItsOwn: attempts[id]!.phase == .running)
    }
  }

  /// Before reaping: a process that was just killed is still there to be looked at.
  private func noteMemoryKills() {
    for pid in memory.killedProcesses() {
      let mains = Dictionary(attempts.values.map { ($0.identity.pid, $0.attempt) }, uniquingKeysWith: { $1 })
      switch MemoryEvidence.owner(of: pid, mains: mains) {
      case .attempt(let id): attempts[id]!.wasKilledForMemory = true
      case .somebodyElse: break
      case .unknown: for id in attempts.keys { attempts[id]!.mayBeKilledForMemory = true }
      }
    }
  }

  // MARK: engines

  private func greet(_ descriptor: Int32) {
    let engine = LineConnection(descriptor)
    let running = attempts.values.map { RunningAttempt(attempt: $0.attempt, identity: $0.identity) }
    engine.send(SupervisorMessage.hello(version: SupervisorMessage.version, running: running).line)
    for item in unwritten { engine.send(item.line) }
    engines.append(engine)
  }

  /// Engines that have connected since the last call, not yet greeted.
  private func accept() -> [Int32] {
    var descriptors: [Int32] = []
    while case let descriptor = Glibc.accept(listener, nil, nil), descriptor >= 0 { descriptors.append(descriptor) }
    return descriptors
  }

  private func tell(_ message: SupervisorMessage) { tell(message.line) }

  private func tell(_ line: [UInt8]) {
    for engine in engines { engine.send(line) }
  }

  private func hear() {
    // An engine that connects has outlived the one before. What that one still said is heard first, so that the greeting holds it.
    let newcomers = accept()
    for engine in engines {
      for line in engine.receive() {
        do {
          obey(try SupervisorRequest(line: line))
        } catch {
          complain("a request that is not understood: \(error)")
        }
      }
      engine.flush()
    }
    engines.removeAll { $0.isClosed }
    newcomers.forEach(greet)
  }

  private func obey(_ request: SupervisorRequest) {
    switch request {
    case .start(let request): start(request)
    case .end(let attempt, let immediately): end(attempt, immediately: immediately)
    }
  }

  // MARK: starting

  private func start(_ request: AttemptRequest) {
    let attemptFolder = AttemptFolder(request.folder)
    if let known = attempts[request.attempt] {
      return tell(.started(RunningAttempt(attempt: known.attempt, identity: known.identity)))
    }
    let startedAt = SystemTime.wallSeconds()
    do {
      if let record = try attemptFolder.exitRecord() { return tell(.exited(record)) }
      let groupKills = memory.groupKills()
      let badge = badges.wearNext()
      let pid = try spawn(request)
      // Our own child has an entry until it is reaped.
      guard let identity = ProcessTable.identity(of: pid) else { preconditionFailure("/proc does not know our child \(pid)") }
      attempts[request.attempt] = SupervisedAttempt(
        attempt: request.attempt, folder: attemptFolder, identity: identity, badge: badge, graceSeconds: request.graceSeconds,
        startedAt: startedAt, deadline: request.timeoutSeconds.map { SystemTime.bootSeconds() + $0 },
        groupKillsAtStart: groupKills)
      let line = SupervisorMessage.started(RunningAttempt(attempt: request.attempt, identity: identity)).line
      recordStart(line, in: attemptFolder)
      tell(line)
    } catch {
      let status = ExitRecord.Status.notStarted(errno: (error as? SystemError)?.code ?? EIO)
      finish(
        ExitRecord(attempt: request.attempt, status: status, startedAt: startedAt, endedAt: SystemTime.wallSeconds()),
        in: attemptFolder)
    }
  }

  private func spawn(_ request: AttemptRequest) throws -> Int32 {
    let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw SystemError("open", "/dev/null") }
    defer { close(input) }
    let log = open(request.logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o666)
    guard log >= 0 else { throw SystemError("open the log", request.logPath) }
    defer { close(log) }
    do {
      return try Spawn.start(
        request.arguments, environment: request.environment, directory: request.workingDirectory, input: input, output: log)
    } catch {
      complain("\(error)", to: log)
      throw error
    }
  }

  /// Without the record the process is still found, by the mark in its environment.
  private func recordStart(_ line: [UInt8], in attemptFolder: AttemptFolder) {
    do {
      try attemptFolder.add(line)
    } catch {
      complain("\(error)")
    }
  }

  // MARK: ending

  private func end(_ id: String, immediately: Bool) {
    guard var attempt = attempts[id] else { return }
    if attempt.phase == .running && attempt.end == nil { attempt.cancelled = true }
    if immediately {
      attempt.phase = .killed
    } else if attempt.phase == .running {
      attempt.phase = .asked(killAt: SystemTime.bootSeconds() + attempt.graceSeconds)
      attempts[id] = attempt
      return signal([attempt.attempt], SIGTERM)
    }
    attempts[id] = attempt
  }

  private func enforce() {
    let now = SystemTime.bootSeconds()
    var asked: Set<String> = []
    for (id, attempt) in attempts where attempt.phase == .running && attempt.end == nil {
      guard let deadline = attempt.deadline, deadline <= now else { continue }
      attempts[id]!.timedOut = true
      attempts[id]!.phase = .asked(killAt: now + attempt.graceSeconds)
      asked.insert(id)
    }
    for (id, attempt) in attempts {
      if case .asked(let killAt) = attempt.phase, killAt <= now { attempts[id]!.phase = .killed }
    }
    signal(asked, SIGTERM)
    signal(Set(attempts.values.filter { $0.phase == .killed }.map(\.attempt)), SIGKILL)
    settle(now)
    writeLeftRecords()
  }

  /// Gives exit records to attempts whose tree is gone, asks what others have left behind to end, and clears away strays.
  private func settle(_ now: Double) {
    let ended = attempts.values.filter { $0.end != nil }
    if ended.isEmpty && !attempts.isEmpty && !hasStrays { return }
    guard let orphans = look(needsEverything: false) else { return }
    for attempt in ended {
      let members = orphans.members(of: attempt.attempt, main: nil, isOnly: attempts.count == 1)
      if members.isEmpty {
        let record = attempt.record(groupKills: memory.groupKills())
        attempts[attempt.attempt] = nil
        finish(record, in: attempt.folder)
      } else if attempt.phase == .running {
        let grace = min(attempt.graceSeconds, SupervisedAttempt.leftoverGrace)
        attempts[attempt.attempt]!.phase = .asked(killAt: now + grace)
        send(SIGTERM, to: members)
      }
    }
    let strays = orphans.strays(attempts: Set(attempts.keys))
    hasStrays = !strays.isEmpty
    send(SIGKILL, to: strays)
  }

  private func signal(_ ids: Set<String>, _ number: Int32) {
    guard !ids.isEmpty, let orphans = look(needsEverything: true) else { return }
    for id in ids {
      let main = attempts[id]!.end == nil ? attempts[id]!.identity.pid : nil
      send(number, to: orphans.members(of: id, main: main, isOnly: attempts.count == 1))
    }
  }

  private func send(_ number: Int32, to processes: [ProcessEntry]) {
    for process in processes {
      ProcessTable.signal(process, number)
      // A stopped process would not notice.
      if number == SIGTERM { ProcessTable.signal(process, SIGCONT) }
    }
  }

  private func look(needsEverything: Bool) -> Orphans? {
    do {
      return try Orphans(
        mains: Set(attempts.values.filter { $0.end == nil }.map(\.identity.pid)),
        sessions: Dictionary(attempts.values.map { ($0.identity.pid, $0.attempt) }, uniquingKeysWith: { $1 }),
        badges: Dictionary(
          attempts.values.compactMap { item in item.badge.map { ($0, item.attempt) } }, uniquingKeysWith: { $1 }),
        needsEverything: needsEverything)
    } catch {
      // Out of descriptors or memory for a moment: the next turn looks again.
      hasStrays = true
      complain("\(error)")
      return nil
    }
  }

  // MARK: exit records

  private func finish(_ record: ExitRecord, in attemptFolder: AttemptFolder) {
    let line = SupervisorMessage.exited(record).line
    if !write(line, in: attemptFolder) { unwritten.append((line, attemptFolder)) }
    tell(line)
  }

  private func writeLeftRecords() {
    unwritten.removeAll { write($0.line, in: $0.folder) }
  }

  /// Whether nothing remains to be done: written, or the folder is gone and with it whoever could want to know.
  private func write(_ line: [UInt8], in attemptFolder: AttemptFolder) -> Bool {
    do {
      try attemptFolder.add(line)
      return true
    } catch {
      complain("\(error)")
      let code = (error as? SystemError)?.code
      return code == ENOENT || code == ENOTDIR
    }
  }
}
