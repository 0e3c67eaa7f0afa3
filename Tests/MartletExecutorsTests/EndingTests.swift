/// Attempts that are ended: by a limit, by a person, with all they have started.

import MartletExecutors
import MartletFiles
import MartletRun
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct EndingTests {
  let bench: Workbench
  let executor: LocalExecutor

  init() throws {
    bench = try Workbench()
    executor = try bench.executor()
  }

  @Test func `one that obeys ends in its own way`() async throws {
    executor.start(try bench.shell("polite", "trap 'exit 3' TERM; echo $$ > ready; while :; do sleep 0.01; done"))
    _ = try await bench.process(named: "ready")
    executor.end(attempt: bench.id("polite"), immediately: false)
    let record = try await bench.exit(of: "polite")
    #expect(record.status == .exited(3))
    #expect(record.cancelled && !record.timedOut && !record.outOfMemory)
  }

  @Test func `one that ignores being asked is killed after the grace`() async throws {
    let script = "trap '' TERM; echo $$ > ready; while :; do sleep 0.01; done"
    executor.start(try bench.shell("stubborn", script, graceSeconds: 0.1))
    _ = try await bench.process(named: "ready")
    executor.end(attempt: bench.id("stubborn"), immediately: false)
    let record = try await bench.exit(of: "stubborn")
    #expect(record.status == .signalled(SIGKILL))
    #expect(record.cancelled && !record.outOfMemory)
  }

  @Test func `immediately leaves out the grace, also while one is running`() async throws {
    let script = "trap 'touch asked' TERM; echo $$ > ready; while :; do sleep 0.01; done"
    executor.start(try bench.shell("urgent", script, graceSeconds: 1_000_000))
    _ = try await bench.process(named: "ready")
    executor.end(attempt: bench.id("urgent"), immediately: false)
    try await eventually("the first signal") { try bench.text("asked") != nil }
    executor.end(attempt: bench.id("urgent"), immediately: true)
    #expect(try await bench.exit(of: "urgent").status == .signalled(SIGKILL))
  }

  @Test func `a stopped supervisor ends what it is asked to end`() async throws {
    executor.start(try bench.shell("sleeper", "echo $$ > ready; while :; do sleep 0.01; done"))
    _ = try await bench.process(named: "ready")
    for supervisor in try bench.supervisorProcesses() { ProcessTable.signal(supervisor, SIGSTOP) }
    executor.end(attempt: bench.id("sleeper"), immediately: true)
    #expect(try await bench.exit(of: "sleeper").status == .signalled(SIGKILL))
  }

  @Test func `a stopped process is ended too`() async throws {
    executor.start(try bench.shell("stopped", "echo $$ > ready; kill -STOP $$; exit 9"))
    let process = try await bench.process(named: "ready")
    try await eventually("it to stop") {
      try FileContent.read("/proc/\(process.pid)/stat").map { String(decoding: $0, as: UTF8.self).contains(") T ") } ?? false
    }
    executor.end(attempt: bench.id("stopped"), immediately: false)
    #expect(try await bench.exit(of: "stopped").status == .signalled(SIGTERM))
  }

  @Test func `at its limit it is ended, and only it`() async throws {
    executor.start(try bench.shell("slow", "sleep 1000", timeoutSeconds: 0.1))
    executor.start(try bench.shell("other", "while [ ! -e go ]; do sleep 0.01; done; exit 5"))
    let record = try await bench.exit(of: "slow")
    #expect(record.status == .signalled(SIGTERM))
    #expect(record.timedOut && !record.cancelled && !record.outOfMemory)
    try DurableFile.replace("\(bench.path)/go", with: [])
    let other = try await bench.exit(of: "other")
    #expect(other.status == .exited(5))
    #expect(!other.timedOut)
  }

  @Test func `at its limit a tree that ignores being asked is killed`() async throws {
    let script = "trap '' TERM; sh -c 'echo $$ > inner; while :; do sleep 0.01; done' & wait"
    executor.start(try bench.shell("tree", script, timeoutSeconds: 0.5, graceSeconds: 0.1))
    let inner = try await bench.number(in: "inner")
    let record = try await bench.exit(of: "tree")
    #expect(record.status == .signalled(SIGKILL))
    #expect(record.timedOut)
    #expect(hasEnded(inner))
  }

  @Test func `an exit record is written once nothing of the tree is left`() async throws {
    executor.start(try bench.shell("parent", "sleep 1000 & echo $! > child; exit 0"))
    let child = try await bench.number(in: "child")
    #expect(try await bench.exit(of: "parent").status == .exited(0))
    #expect(hasEnded(child))
  }

  @Test func `what is left of a tree is asked to end before the exit record is written`() async throws {
    let obeys = "trap 'touch cleaned; exit' TERM; echo $$ > child.new; mv child.new child; while :; do sleep 0.01; done"
    executor.start(
      try bench.shell("parent", "sh -c \"\(obeys.replacing("$$", with: "\\$\\$"))\" & while [ ! -e child ]; do sleep 0.01; done"))
    #expect(try await bench.exit(of: "parent").status == .exited(0))
    #expect(hasEnded(try await bench.number(in: "child")))
    #expect(try bench.text("cleaned") == "")
  }

  @Test func `a process that says it is another attempt's, which is over, is killed`() async throws {
    let daemon = "MARTLET_ATTEMPT=another setsid sh -c 'echo $$ > daemon; exec sleep 1000' &"
    executor.start(try bench.shell("parent", "\(daemon) while [ ! -e go ]; do sleep 0.01; done"))
    let pid = try await bench.number(in: "daemon")
    try DurableFile.replace("\(bench.path)/go", with: [])
    #expect(try await bench.exit(of: "parent").status == .exited(0))
    try await eventually("the daemon's end") { hasEnded(pid) }
  }

  @Test(arguments: [
    ("daemon", ""), ("deaf", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"),
    ("disguised", "os.execve(sys.executable, [\"x\", \"-c\", \"import time; time.sleep(1000)\"], {})"),
  ])
  func `a daemon does not get away`(name: String, twist: String) async throws {
    let script = """
      import os, signal, sys, time
      if os.fork() == 0:
          os.setsid()
          if os.fork() == 0:
              open("pid.new", "w").write(f"{os.getpid()}\\n"); os.rename("pid.new", "pid")
              \(twist)
              time.sleep(1000)
          os._exit(0)
      os.wait()
      while not os.path.exists("pid"): time.sleep(0.01)
      """
    executor.start(try bench.request(name, ["python3", "-c", script], graceSeconds: 0.2))
    let daemon = try await bench.number(in: "pid")
    #expect(try await bench.exit(of: name).status == .exited(0))
    #expect(hasEnded(daemon))
  }

  /// Its environment says nothing, its session is its own, and it could be the other attempt's.
  @Test func `a disguised daemon does not get away beside another attempt, which keeps its own`() async throws {
    func script(_ name: String, waits: Bool) -> String {
      """
      import os, sys, time
      if os.fork() == 0:
          os.setsid()
          if os.fork() == 0:
              open("\(name).new", "w").write(f"{os.getpid()}\\n"); os.rename("\(name).new", "\(name).pid")
              os.execve(sys.executable, ["x", "-c", "import time; time.sleep(1000)"], {})
          os._exit(0)
      os.wait()
      while not os.path.exists("\(name).pid"): time.sleep(0.01)
      pid = open("\(name).pid").read().strip()
      while open(f"/proc/{pid}/environ", "rb").read(): time.sleep(0.01)
      while \(waits ? "not os.path.exists('go')" : "False"): time.sleep(0.01)
      """
    }
    executor.start(try bench.request("other", ["python3", "-c", script("other", waits: true)], graceSeconds: 0.2))
    let others = try await bench.process(named: "other.pid")
    executor.start(try bench.request("one", ["python3", "-c", script("one", waits: false)], graceSeconds: 0.2))
    let own = try await bench.process(named: "one.pid")
    #expect(try await bench.exit(of: "one").status == .exited(0))
    #expect(!ProcessTable.isAlive(own))
    #expect(ProcessTable.isAlive(others))
    try DurableFile.replace("\(bench.path)/go", with: [])
    #expect(try await bench.exit(of: "other").status == .exited(0))
    #expect(!ProcessTable.isAlive(others))
  }

  @Test func `two attempts with daemons: each is ended with its own`() async throws {
    for name in ["one", "two"] {
      let daemon = "setsid sh -c 'echo $$ > \(name).pid; exec sleep 1000' &"
      executor.start(try bench.shell(name, "\(daemon) while [ ! -e \(name).go ]; do sleep 0.01; done"))
    }
    let first = try await bench.process(named: "one.pid")
    let second = try await bench.process(named: "two.pid")
    try DurableFile.replace("\(bench.path)/one.go", with: [])
    _ = try await bench.exit(of: "one")
    #expect(!ProcessTable.isAlive(first))
    #expect(ProcessTable.isAlive(second))
    executor.end(attempt: bench.id("two"), immediately: true)
    _ = try await bench.exit(of: "two")
    #expect(!ProcessTable.isAlive(second))
  }

  /// Each of its processes starts two more as soon as it runs, in a group that has room for so many.
  @Test(.enabled(if: ControlGroup.limitsProcesses))
  func `a fork bomb is ended`() async throws {
    let group = try ControlGroup("pids", limit: ("pids.max", 150))
    let bomb = "b() { b & b; }; echo $$ > \(group.path)/cgroup.procs; while :; do (b) 2>/dev/null; done"
    executor.start(try bench.shell("bomb", bomb, graceSeconds: 0.1))
    try await eventually("the group to be full") { group.members > 100 }
    executor.end(attempt: bench.id("bomb"), immediately: false)
    #expect(try await bench.exit(of: "bomb").cancelled)
    #expect(group.members == 0)
  }

  @Test(.enabled(if: ControlGroup.limitsMemory))
  func `a kill for memory is told apart from any other, by the kernel's evidence`() async throws {
    let group = try ControlGroup("memory", limit: ("memory.limit_in_bytes", 32 << 20))
    let python = "python3 -c 'x = bytearray(512 << 20)'"
    executor.start(try bench.shell("hungry", "echo $$ > \(group.path)/cgroup.procs; exec \(python)"))
    let inner = Array("echo $$ > \(group.path)/cgroup.procs; exec \(python)".utf8)
    try DurableFile.replace("\(bench.path)/inner.sh", with: inner)
    executor.start(try bench.shell("parent", "sh inner.sh; exit $?"))
    let hungry = try await bench.exit(of: "hungry")
    #expect(hungry.status == .signalled(SIGKILL))
    #expect(hungry.outOfMemory)
    let parent = try await bench.exit(of: "parent")
    #expect(parent.status == .exited(137))
    #expect(parent.outOfMemory)
  }
}

/// A control group with little of something, where this machine lets us make one.
final class ControlGroup {
  static let limitsMemory =
    getuid() == 0 && access("/sys/fs/cgroup/memory/memory.limit_in_bytes", R_OK) == 0 && access("/dev/kmsg", R_OK) == 0
  static let limitsProcesses = getuid() == 0 && access("/sys/fs/cgroup/pids/cgroup.procs", W_OK) == 0
  let path: String

  /// - Parameter limit: a file of the controller's and what to write there.
  init(_ controller: String, limit: (file: String, value: Int)) throws {
    path = "/sys/fs/cgroup/\(controller)/martlet-test-\(getpid())"
    try FileTree.makeFolder(path)
    let descriptor = open("\(path)/\(limit.file)", O_WRONLY)
    defer { close(descriptor) }
    let text = "\(limit.value)"
    guard write(descriptor, text, text.utf8.count) > 0 else { throw SystemError("limit", path) }
  }

  var members: Int { ((try? FileContent.read("\(path)/cgroup.procs")) ?? [])?.count { $0 == UInt8(ascii: "\n") } ?? 0 }

  deinit { rmdir(path) }
}

/// Whether a process is gone, or dead and only not yet noticed by whoever is to reap it.
private func hasEnded(_ pid: Int32) -> Bool {
  ProcessTable.entry(pid)?.isZombie ?? true
}
