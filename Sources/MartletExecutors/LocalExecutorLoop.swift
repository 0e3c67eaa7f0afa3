// The local executor's one loop: it alone knows which attempt is where.
//
// Every attempt is in one of three places: with a supervisor we are connected to; with one that an earlier engine started and that we
// are still trying to reach; or swept, because its supervisor is gone: its processes are killed until none is left, and it is reported
// lost unless it left an exit record. What cannot be read for the moment is read again on the next turn.

import MartletFiles
import MartletRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

final class LocalExecutorLoop {
  private enum Place: Equatable {
    case with(supervisor: String)
    case reaching
    case swept
  }

  private struct OpenAttempt {
    let folder: AttemptFolder
    var place: Place
    var identity: ProcessIdentity?
    /// An order to end it that came before its supervisor was reached; whether immediately.
    var wantedEnd: Bool?
    var isStartTold = false
  }

  private final class Link {
    let connection: LineConnection
    /// Our own child, to be reaped; `nil` for one that an earlier engine started.
    let pid: Int32?
    var isGreeted = false
    var running: [String: ProcessIdentity] = [:]

    init(connection: LineConnection, pid: Int32?) {
      self.connection = connection
      self.pid = pid
    }
  }

  /// How often we look again for what sends no message, in milliseconds.
  private static let lookIntervalMilliseconds: Int32 = 20

  private let mailbox: OrderMailbox
  private let launcher: SupervisorLauncher
  private let handler: @Sendable (ExecutorEvent) -> Void
  private var links: [String: Link] = [:]
  /// The supervisor that gets new attempts.
  private var current: String?
  /// Those not yet reported as exited or lost.
  private var attempts: [String: OpenAttempt] = [:]
  private var isClosed = false

  init(mailbox: OrderMailbox, launcher: SupervisorLauncher, handler: @escaping @Sendable (ExecutorEvent) -> Void) {
    self.mailbox = mailbox
    self.launcher = launcher
    self.handler = handler
  }

  func run() {
    while !isClosed {
      wait()
      for order in mailbox.takeAll() { carryOut(order) }
      for (id, link) in links { hear(link, from: id) }
      reach()
      sweep()
    }
  }

  private func wait() {
    var interests = [pollfd(descriptor: mailbox.wakeDescriptor)] + links.values.map(\.connection.interest)
    let isLooking = attempts.values.contains { attempt in
      if case .with = attempt.place { false } else { true }
    }
    poll(&interests, nfds_t(interests.count), isLooking ? LocalExecutorLoop.lookIntervalMilliseconds : -1)
  }

  private func carryOut(_ order: ExecutorOrder) {
    switch order {
    case .start(let request): start(request)
    case .adopt(let attempt, let folder, let identity): adopt(attempt, folder, identity)
    case .end(let attempt, let immediately): end(attempt, immediately: immediately)
    case .close: isClosed = true
    }
  }

  // MARK: orders

  private func start(_ request: AttemptRequest) {
    guard attempts[request.attempt] == nil else { return }
    let folder = AttemptFolder(request.folder)
    do {
      // Somebody was told to start it already: whatever came of that is what there is.
      if try folder.origin() != nil { return adopt(request.attempt, folder, nil) }
      let supervisor = try currentSupervisor()
      try folder.write(supervisor: supervisor.id)
      attempts[request.attempt] = OpenAttempt(folder: folder, place: .with(supervisor: supervisor.id))
      supervisor.link.connection.send(SupervisorRequest.start(request).line)
    } catch {
      let now = SystemTime.wallSeconds()
      let status = ExitRecord.Status.notStarted(errno: (error as? SystemError)?.code ?? EIO)
      handler(.exited(ExitRecord(attempt: request.attempt, status: status, startedAt: now, endedAt: now)))
    }
  }

  private func currentSupervisor() throws -> (id: String, link: Link) {
    if let current, let link = links[current] { return (current, link) }
    let launched = try launcher.launch()
    let link = Link(connection: launched.connection, pid: launched.pid)
    links[launched.id] = link
    current = launched.id
    return (launched.id, link)
  }

  private func adopt(_ id: String, _ folder: AttemptFolder, _ identity: ProcessIdentity?) {
    guard attempts[id] == nil else { return }
    attempts[id] = OpenAttempt(folder: folder, place: .reaching, identity: identity)
  }

  private func end(_ id: String, immediately: Bool) {
    guard let attempt = attempts[id] else { return }
    if case .with(let supervisor) = attempt.place, let link = links[supervisor] {
      link.connection.send(SupervisorRequest.end(attempt: id, immediately: immediately).line)
      do {
        try launcher.wake(supervisor)
      } catch {
        // The look at the processes failed. A supervisor that nobody stopped hears what it is asked all the same.
        return
      }
    } else {
      attempts[id]!.wantedEnd = immediately || attempt.wantedEnd == true
    }
  }

  // MARK: supervisors

  private func hear(_ link: Link, from supervisor: String) {
    for line in link.connection.receive() {
      do {
        obey(try SupervisorMessage(line: line), from: supervisor, link)
      } catch {
        // It speaks another version: as good as gone.
        return cut(supervisor)
      }
    }
    link.connection.flush()
    if link.connection.isClosed { cut(supervisor) }
  }

  private func obey(_ message: SupervisorMessage, from supervisor: String, _ link: Link) {
    switch message {
    case .hello(let version, let running):
      guard version == SupervisorMessage.version else { return cut(supervisor) }
      link.isGreeted = true
      for item in running { link.running[item.attempt] = item.identity }
    case .started(let item):
      link.running[item.attempt] = item.identity
      tellStart(item.attempt, item.identity)
    case .exited(let record):
      link.running[record.attempt] = nil
      if attempts.removeValue(forKey: record.attempt) != nil { handler(.exited(record)) }
    }
  }

  private func cut(_ supervisor: String) {
    guard let link = links.removeValue(forKey: supervisor) else { return }
    if current == supervisor { current = nil }
    // It closes its connections only by ending, or it is of no use: either way it must not linger as our child.
    if let pid = link.pid {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    }
    for (id, attempt) in attempts where attempt.place == .with(supervisor: supervisor) { attempts[id]!.place = .swept }
  }

  /// Connects to the supervisors of adopted attempts, and sorts the attempts out once they have told what runs.
  private func reach() {
    for (id, attempt) in attempts where attempt.place == .reaching {
      do {
        try reach(id, attempt)
      } catch {
        continue
      }
    }
  }

  private func reach(_ id: String, _ attempt: OpenAttempt) throws {
    // Nobody was told to start it, or the machine was started since: an exit record may have outlived a loss of power that took what
    // the attempt had written, for neither is synced.
    guard let origin = try attempt.folder.origin(), origin.bootID == ProcessTable.bootID else { return lose(id) }
    if try reportExit(id) { return }
    // Somebody was told, but in the workspace that this one is a copy of.
    guard try attempt.folder.isOriginal(origin) else { return lose(id) }
    let supervisor = origin.supervisor
    guard let link = try links[supervisor] ?? connect(to: supervisor) else {
      // One that has a process but does not listen is just starting, or just leaving.
      if try !launcher.isAlive(supervisor) { attempts[id]!.place = .swept }
      return
    }
    guard link.isGreeted else { return }
    guard let identity = link.running[id] else {
      // It is over, and its record was written before the supervisor forgot it; or its start never arrived.
      if try !reportExit(id) { attempts[id]!.place = .swept }
      return
    }
    attempts[id]!.place = .with(supervisor: supervisor)
    tellStart(id, identity)
    if let immediately = attempt.wantedEnd { end(id, immediately: immediately) }
  }

  private func connect(to supervisor: String) throws -> Link? {
    guard let connection = try launcher.connect(to: supervisor) else { return nil }
    let link = Link(connection: connection, pid: nil)
    links[supervisor] = link
    return link
  }

  // MARK: the end of attempts

  private func tellStart(_ id: String, _ identity: ProcessIdentity) {
    guard let attempt = attempts[id], !attempt.isStartTold else { return }
    attempts[id]!.isStartTold = true
    attempts[id]!.identity = identity
    handler(.started(attempt: id, identity))
  }

  /// Reports an exit record that lies in the attempt's folder.
  private func reportExit(_ id: String) throws -> Bool {
    guard let record = try attempts[id]?.folder.exitRecord() else { return false }
    attempts[id] = nil
    handler(.exited(record))
    return true
  }

  private func sweep() {
    let swept = attempts.filter { $0.value.place == .swept }
    if swept.isEmpty { return }
    do {
      let entries = try ProcessTable.all()
      let marked = try ProcessTable.marked(attemptMark)
      let supervisors = try ProcessTable.marked(supervisorMark)
      for (id, attempt) in swept {
        // A supervisor that is there but not understood still writes exit records. And a process just being started looks like one.
        let isSupervised = try attempt.folder.origin().map { supervisors[$0.supervisor] != nil } ?? false
        if try reportExit(id) || (isSupervised && attempt.wantedEnd == nil) { continue }
        try sweep(id, attempt, marked: Set((marked[id] ?? []).map(\.pid)), entries)
      }
    } catch {
      return
    }
  }

  private func sweep(_ id: String, _ attempt: OpenAttempt, marked: Set<Int32>, _ entries: [ProcessEntry]) throws {
    var roots = marked
    if let identity = try attempt.identity ?? attempt.folder.identity(), ProcessTable.isAlive(identity) {
      roots.insert(identity.pid)
    }
    let processes = ProcessTable.trees(of: roots, in: entries).filter { !$0.isZombie }
    for process in processes { ProcessTable.signal(process, SIGKILL) }
    if try processes.isEmpty && !reportExit(id) { lose(id) }
  }

  private func lose(_ id: String) {
    attempts[id] = nil
    handler(.lost(attempt: id))
  }
}
