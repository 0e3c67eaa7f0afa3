/// Attempts that outlive their engine are found, taken or adopted by the next one.

import MartletExecutors
import MartletFiles
import MartletRun
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Engines come and go here as executor objects: what they leave behind is the same as after a kill.
@Suite struct AdoptionTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private let waitsForGo = "echo $$ > pid; while [ ! -e go ]; do sleep 0.01; done; exit 7"

  /// An engine that starts one attempt and is gone once that runs.
  private func startAndLeave(_ name: String, _ script: String) async throws -> ProcessIdentity {
    let executor = try bench.executor(bench.earlier)
    executor.start(try bench.shell(name, script))
    let identity = try await eventually("the start") { bench.earlier.identity(of: name) }
    #expect(try await bench.process(named: "pid") == identity)
    return identity
  }

  private func go() throws { try DurableFile.replace("\(bench.path)/go", with: []) }

  @Test func `the next engine takes what ends while it watches`() async throws {
    let identity = try await startAndLeave("a", waitsForGo)
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: identity)
    #expect(try await eventually("the adoption") { bench.log.identity(of: "a") } == identity)
    try go()
    #expect(try await bench.exit(of: "a").status == .exited(7))
    #expect(bench.log.ends(of: "a") == 1)
    #expect(bench.earlier.ends(of: "a") == 0)
  }

  @Test func `the next engine takes what ended while nobody watched, and the supervisor is gone`() async throws {
    let identity = try await startAndLeave("a", waitsForGo)
    try go()
    try await eventually("the supervisor to leave") { try bench.supervisorProcesses().isEmpty }
    #expect(try FolderListing.names(of: bench.supervisors).isEmpty)
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: identity)
    #expect(try await bench.exit(of: "a").status == .exited(7))
  }

  @Test func `an end that was recorded before the machine was started anew is not taken: nobody synced what it speaks of`()
    async throws
  {
    let identity = try await startAndLeave("a", waitsForGo)
    try go()
    try await eventually("the supervisor to leave") { try bench.supervisorProcesses().isEmpty }
    let origin = "\(bench.folder("a"))/process.jsonl"
    let text = String(decoding: try #require(try FileContent.read(origin)), as: UTF8.self)
    #expect(text.contains(ProcessTable.bootID))
    try DurableFile.replace(origin, with: Array(text.replacing(ProcessTable.bootID, with: "another-boot").utf8))
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: identity)
    try await eventually("the loss") { bench.log.ends(of: "a") == 1 }
    #expect(bench.log.exit(of: "a") == nil)
  }

  @Test func `the journal need not know the process`() async throws {
    _ = try await startAndLeave("a", waitsForGo)
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: nil)
    try go()
    #expect(try await bench.exit(of: "a").status == .exited(7))
  }

  @Test func `an adopted attempt is ended, also when told so before its supervisor is reached`() async throws {
    let identity = try await startAndLeave("a", waitsForGo)
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: identity)
    executor.end(attempt: bench.id("a"), immediately: false)
    let record = try await bench.exit(of: "a")
    #expect(record.status == .signalled(SIGTERM))
    #expect(record.cancelled)
    #expect(!ProcessTable.isAlive(identity))
  }

  @Test func `old and new attempts live side by side`() async throws {
    let identity = try await startAndLeave("a", waitsForGo)
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: identity)
    executor.start(try bench.shell("b", "exit 1"))
    #expect(try await bench.exit(of: "b").status == .exited(1))
    try go()
    #expect(try await bench.exit(of: "a").status == .exited(7))
  }

  @Test func `starting what was started takes over what there is`() async throws {
    let script = "echo started >> starts; \(waitsForGo)"
    let identity = try await startAndLeave("a", script)
    let executor = try bench.executor()
    for _ in 0..<3 { executor.start(try bench.shell("a", script)) }
    #expect(try await eventually("the adoption") { bench.log.identity(of: "a") } == identity)
    try go()
    #expect(try await bench.exit(of: "a").status == .exited(7))
    #expect(try bench.text("starts") == "started\n")
    executor.start(try bench.shell("a", script))
    try await eventually("the record again") { bench.log.ends(of: "a") == 2 }
    #expect(try bench.text("starts") == "started\n")
  }

  /// As an engine might that was told nothing of the first one.
  @Test func `a supervisor starts an attempt once, whoever asks and whenever`() async throws {
    let executor = try bench.executor()
    let request = try bench.shell("a", "echo started >> starts; \(waitsForGo)")
    executor.start(request)
    let process = try await bench.process(named: "pid")
    let supervisor = try #require(try FolderListing.names(of: bench.supervisors).first)
    let connection = LineConnection(try #require(try StreamSocket.connect(to: "\(bench.supervisors)/\(supervisor)")))
    func hear(_ look: (SupervisorMessage) -> Bool) async throws {
      try await eventually("the word") { try connection.receive().contains { look(try SupervisorMessage(line: $0)) } }
    }
    func isEnd(_ message: SupervisorMessage) -> Bool {
      if case .exited(let record) = message { record.status == .exited(7) } else { false }
    }
    connection.send(SupervisorRequest.start(request).line)
    try await hear { $0 == .started(RunningAttempt(attempt: bench.id("a"), identity: process)) }
    try go()
    // What everybody is told of the end is no answer to what is asked next.
    try await hear(isEnd)
    connection.send(SupervisorRequest.start(request).line)
    try await hear(isEnd)
    #expect(try bench.text("starts") == "started\n")
  }

  @Test func `what was never started is lost`() async throws {
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: nil)
    try await eventually("the loss") { bench.log.all == [.lost(attempt: bench.id("a"))] }
    let gone = ProcessIdentity(pid: getpid(), startTicks: 1, bootID: "another boot")
    executor.adopt(attempt: bench.id("b"), folder: bench.folder("b"), identity: gone)
    try await eventually("the loss") { bench.log.all.contains(.lost(attempt: bench.id("b"))) }
  }

  @Test func `attempts whose supervisor is killed are ended and lost, and the next ones run`() async throws {
    let executor = try bench.executor()
    // A child of the supervisor's: once that is gone only its mark says whose it is.
    let daemon = "(setsid sh -c 'echo $$ > daemon; exec sleep 1000' &)"
    executor.start(try bench.shell("a", "\(daemon); while [ ! -s daemon ]; do sleep 0.01; done; \(waitsForGo)"))
    executor.start(try bench.shell("b", "exit 2"))
    let process = try await bench.process(named: "pid")
    let left = try await bench.process(named: "daemon")
    _ = try await bench.exit(of: "b")
    for supervisor in try bench.supervisorProcesses() { ProcessTable.signal(supervisor, SIGKILL) }
    try await eventually("the loss") { bench.log.all.contains(.lost(attempt: bench.id("a"))) }
    #expect(!ProcessTable.isAlive(process))
    #expect(!ProcessTable.isAlive(left))
    executor.start(try bench.shell("c", "exit 3"))
    #expect(try await bench.exit(of: "c").status == .exited(3))
    #expect(["a", "b", "c"].map { bench.log.ends(of: $0) } == [1, 1, 1])
  }

  @Test func `attempts whose supervisor was killed while no engine was there are ended and lost`() async throws {
    let identity = try await startAndLeave("a", waitsForGo)
    for supervisor in try bench.supervisorProcesses() { ProcessTable.signal(supervisor, SIGKILL) }
    try await eventually("the supervisor to be gone") { try bench.supervisorProcesses().isEmpty }
    #expect(ProcessTable.isAlive(identity))
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: identity)
    try await eventually("the loss") { bench.log.all == [.lost(attempt: bench.id("a"))] }
    #expect(!ProcessTable.isAlive(identity))
  }

  @Test func `a process without its mark that the journal does not know is found by what its supervisor wrote down`()
    async throws
  {
    let identity = try await startAndLeave("a", "exec env -i /bin/sh -c 'echo $$ > pid; exec sleep 1000'")
    #expect(try AttemptFolder(bench.folder("a")).identity() == identity)
    for supervisor in try bench.supervisorProcesses() { ProcessTable.signal(supervisor, SIGKILL) }
    try await eventually("the supervisor to be gone") { try bench.supervisorProcesses().isEmpty }
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: nil)
    try await eventually("the loss") { bench.log.all == [.lost(attempt: bench.id("a"))] }
    #expect(!ProcessTable.isAlive(identity))
  }

  @Test func `a process that got the number of one that ended is left alone`() async throws {
    let ended = try await startAndLeave("a", waitsForGo)
    for supervisor in try bench.supervisorProcesses() { ProcessTable.signal(supervisor, SIGKILL) }
    if let entry = ProcessTable.entry(ended.pid) { ProcessTable.signal(entry, SIGKILL) }
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    let pid = try Spawn.start(
      ["/bin/sleep", "1000"], environment: [:], directory: "/", input: null, output: null)
    defer {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    let stranger = try #require(ProcessTable.identity(of: pid))
    let executor = try bench.executor()
    executor.adopt(
      attempt: bench.id("a"), folder: bench.folder("a"),
      identity: ProcessIdentity(pid: pid, startTicks: ended.startTicks &- 1, bootID: ended.bootID))
    try await eventually("the loss") { bench.log.all == [.lost(attempt: bench.id("a"))] }
    #expect(ProcessTable.isAlive(stranger))
  }

  @Test func `a copy of the workspace leaves the original's attempts alone`() async throws {
    let identity = try await startAndLeave("a", waitsForGo)
    try FileTree.makeFolder("\(bench.path)/copy")
    for name in try FolderListing.names(of: bench.folder("a")) {
      try FileCopy.copy("\(bench.folder("a"))/\(name)", to: "\(bench.path)/copy/\(name)")
    }
    let executor = try bench.executor()
    executor.adopt(attempt: bench.id("a"), folder: "\(bench.path)/copy", identity: identity)
    try await eventually("the loss") { bench.log.all == [.lost(attempt: bench.id("a"))] }
    #expect(ProcessTable.isAlive(identity))
    let original = try bench.executor()
    original.adopt(attempt: bench.id("a"), folder: bench.folder("a"), identity: identity)
    try go()
    #expect(try await bench.exit(of: "a").status == .exited(7))
  }

  @Test func `signals to the supervisor change nothing`() async throws {
    let executor = try bench.executor()
    executor.start(try bench.shell("a", waitsForGo))
    _ = try await bench.process(named: "pid")
    for supervisor in try bench.supervisorProcesses() {
      for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { ProcessTable.signal(supervisor, signal) }
    }
    try go()
    #expect(try await bench.exit(of: "a").status == .exited(7))
  }

  @Test func `a supervisor without an engine and without children leaves`() async throws {
    do {
      let executor = try bench.executor(bench.earlier)
      executor.start(try bench.shell("a", "exit 0"))
      _ = try await eventually("the end") { bench.earlier.exit(of: "a") }
      #expect(try bench.supervisorProcesses().count == 1)
    }
    try await eventually("the supervisor to leave") { try bench.supervisorProcesses().isEmpty }
  }

  @Test func `a program that is no supervisor leaves attempts unstarted or lost, never silent`() async throws {
    let log = bench.log
    for (name, program) in [("absent", "/no/such/supervisor"), ("wrong", "/bin/true")] {
      let executor = try LocalExecutor(supervisorProgram: program, supervisorsFolder: bench.supervisors) { log.add($0) }
      executor.start(try bench.shell(name, "exit 0"))
      try await eventually("an end") { log.ends(of: name) == 1 }
      withExtendedLifetime(executor) {}
    }
    #expect(log.exit(of: "absent")?.status == .notStarted(errno: ENOENT))
    #expect(log.all.contains(.lost(attempt: bench.id("wrong"))))
  }
}
