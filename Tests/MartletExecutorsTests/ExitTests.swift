/// What an attempt left behind: status, signal, use of the machine, output.

import MartletExecutors
import MartletFiles
import MartletRun
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct ExitTests {
  let bench: Workbench
  let executor: LocalExecutor

  init() throws {
    bench = try Workbench()
    executor = try bench.executor()
  }

  @Test func `every exit status comes back as it was`() async throws {
    let codes: [Int32] = [0, 1, 2, 63, 64, 75, 78, 126, 127, 128, 137, 254, 255]
    for code in codes { executor.start(try bench.shell("exit-\(code)", "exit \(code)")) }
    for code in codes {
      let record = try await bench.exit(of: "exit-\(code)")
      #expect(record.status == .exited(code))
      #expect(!record.timedOut && !record.cancelled && !record.outOfMemory)
      #expect(record.endedAt >= record.startedAt)
      #expect(record.peakMemoryBytes > 0)
      #expect(try AttemptFolder(bench.folder("exit-\(code)")).exitRecord() == record)
      let identity = try #require(bench.log.identity(of: "exit-\(code)"))
      #expect(try AttemptFolder(bench.folder("exit-\(code)")).identity() == identity)
    }
  }

  @Test func `every deadly signal comes back as it was`() async throws {
    let signals = [SIGTERM, SIGKILL, SIGINT, SIGHUP, SIGSEGV, SIGABRT, SIGPIPE, SIGUSR1]
    for signal in signals { executor.start(try bench.shell("signal-\(signal)", "ulimit -c 0; kill -\(signal) $$")) }
    for signal in signals {
      let record = try await bench.exit(of: "signal-\(signal)")
      #expect(record.status == .signalled(signal))
      #expect(!record.cancelled)
      // The kernel may be killing for memory elsewhere just now, and SIGKILL is how.
      #expect(!record.outOfMemory || signal == SIGKILL)
    }
  }

  @Test func `what cannot be started says why, in the record and in the log`() async throws {
    try DurableFile.replace("\(bench.path)/text", with: Array("no program\n".utf8))
    try DurableFile.replace("\(bench.path)/binary", with: [0, 1, 2], mode: 0o755)
    let cases: [(String, [String], String?, Int32)] = [
      ("absent", ["/no/such/program"], nil, ENOENT), ("unsearchable", ["no-such-program"], nil, ENOENT),
      ("denied", ["./text"], nil, EACCES), ("unknown", ["./binary"], nil, ENOEXEC), ("nameless", [], nil, ENOENT),
      ("nowhere", ["/bin/true"], "\(bench.path)/none", ENOENT),
    ]
    for (name, arguments, directory, _) in cases {
      executor.start(try bench.request(name, arguments, directory: directory))
    }
    for (name, _, _, code) in cases {
      #expect(try await bench.exit(of: name).status == .notStarted(errno: code), "\(name)")
      #expect(try AttemptFolder(bench.folder(name)).exitRecord() == bench.log.exit(of: name))
    }
    #expect(
      try bench.text("attempts/absent/log")
        == "martlet-supervisor: could not start /no/such/program: No such file or directory (error 2)\n")
  }

  @Test func `a log that cannot be opened is an attempt that was not started`() async throws {
    let request = try bench.shell("logless", "exit 0")
    try FileTree.makeFolder(request.logPath)
    executor.start(request)
    #expect(try await bench.exit(of: "logless").status == .notStarted(errno: EISDIR))
  }

  @Test func `programs are searched in the attempt's own PATH`() async throws {
    try FileTree.makeFolder("\(bench.path)/tools")
    try DurableFile.replace("\(bench.path)/tools/own-tool", with: Array("#!/bin/sh\nexit 42\n".utf8), mode: 0o755)
    executor.start(try bench.request("tool", ["own-tool"], environment: ["PATH": "/nowhere:\(bench.path)/tools"]))
    #expect(try await bench.exit(of: "tool").status == .exited(42))
  }

  @Test func `two hundred at once each end exactly once`() async throws {
    let names = (0..<200).map { "many-\($0)" }
    for (index, name) in names.enumerated() { executor.start(try bench.shell(name, "exit \(index)")) }
    for (index, name) in names.enumerated() {
      #expect(try await bench.exit(of: name).status == .exited(Int32(index)))
    }
    for name in names { #expect(bench.log.ends(of: name) == 1) }
    #expect(try bench.supervisorProcesses().count == 1)
  }

  @Test func `the process gets its environment, its folder and three descriptors, nothing else`() async throws {
    let inherited = open("/dev/null", O_RDONLY)
    defer { close(inherited) }
    let script = """
      import json, os, signal, sys
      facts = {"environment": dict(os.environ), "folder": os.getcwd(), "input": os.readlink("/proc/self/fd/0"),
               "leader": os.getsid(0) == os.getpid(), "ignored": [n for n in (2, 13, 15) if signal.getsignal(n) == signal.SIG_IGN],
               "descriptors": sorted(int(n) for n in os.listdir("/proc/self/fd"))}
      os.environ.pop("LC_CTYPE", None)
      json.dump(facts, open("facts", "w"), sort_keys=True)
      """
    let python = try bench.request("python", ["python3", "-I", "-c", script], environment: ["ONLY": "this"])
    executor.start(python)
    #expect(try await bench.exit(of: "python").status == .exited(0))
    let facts = try JSONLine.decode(Facts.self, from: FileContent.read("\(bench.path)/facts") ?? [])
    var environment = facts.environment
    // Python itself sets this one in the C locale.
    environment["LC_CTYPE"] = nil
    #expect(environment == python.environment)
    #expect(facts.folder == bench.path)
    #expect(facts.input == "/dev/null")
    #expect(facts.leader)
    // Python ignores SIGPIPE itself.
    #expect(facts.ignored == [13])
    // The fourth is the listing's own.
    #expect(facts.descriptors == [0, 1, 2, 3])
  }

  private struct Facts: Decodable {
    let environment: [String: String]
    let folder: String
    let input: String
    let leader: Bool
    let ignored: [Int]
    let descriptors: [Int]
  }

  @Test func `both streams are appended to the log`() async throws {
    let request = try bench.shell("log", "echo out; echo err >&2; echo out again")
    try DurableFile.replace(request.logPath, with: Array("before\n".utf8))
    executor.start(request)
    _ = try await bench.exit(of: "log")
    #expect(try bench.text("attempts/log/log") == "before\nout\nerr\nout again\n")
  }

  @Test func `figures of what it used`() async throws {
    executor.start(try bench.request("busy", ["python3", "-c", "x = bytearray(64 << 20); sum(range(3_000_000))"]))
    let record = try await bench.exit(of: "busy")
    #expect(record.peakMemoryBytes > 64 << 20)
    #expect(record.userSeconds > 0)
  }
}
