// What engine and supervisor say to each other, and what stands in an attempt's folder.

import MartletExecutors
import MartletFiles
import MartletModel
import MartletRun
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct LineTests {
  private let running = RunningAttempt(
    attempt: "r.1", identity: ProcessIdentity(pid: 42, startTicks: 1 << 40, bootID: "boot"))

  private func record(_ status: ExitRecord.Status) -> ExitRecord {
    ExitRecord(
      attempt: "r.1", status: status, timedOut: true, cancelled: false, outOfMemory: true, startedAt: 1_764_000_000.25,
      endedAt: 1_764_000_001, userSeconds: 1e-7, systemSeconds: 3, peakMemoryBytes: 1 << 40)
  }

  @Test(arguments: [nil, 0.5, 3600])
  func `a request reads as it was written`(timeout: Double?) throws {
    let request = SupervisorRequest.start(
      AttemptRequest(
        attempt: "r.1", arguments: ["/bin/sh", "-ec", "echo \"a\\b\"\n\techo 'ü' \u{1}"],
        environment: ["PATH": "/bin", "EMPTY": "", "QUOTED": "\""], workingDirectory: "/w", folder: "/w/f", logPath: "/w/f/log",
        timeoutSeconds: timeout, graceSeconds: 10, resources: Resources(cpu: 2, memoryBytes: 1 << 33)))
    #expect(request.line.count { $0 == UInt8(ascii: "\n") } == 1)
    #expect(try SupervisorRequest(line: Array(request.line.dropLast())) == request)
    let end = SupervisorRequest.end(attempt: "r.1", immediately: true)
    #expect(try SupervisorRequest(line: Array(end.line.dropLast())) == end)
  }

  @Test func `a message reads as it was written`() throws {
    let messages: [SupervisorMessage] = [
      .hello(version: 2, running: []), .hello(version: 2, running: [running, running]), .started(running),
      .exited(record(.exited(75))), .exited(record(.signalled(9))), .exited(record(.notStarted(errno: ENOENT))),
    ]
    for message in messages { #expect(try SupervisorMessage(line: Array(message.line.dropLast())) == message) }
  }

  @Test(arguments: ["", "{", "[]", "{}", #"{"started":{"attempt":"r.1","pid":1}}"#, #"{"end":{"attempt":1,"immediately":true}}"#])
  func `what is no line of ours is refused`(line: String) {
    #expect(throws: (any Error).self) { try SupervisorRequest(line: Array(line.utf8)) }
    #expect(throws: (any Error).self) { try SupervisorMessage(line: Array(line.utf8)) }
  }

  @Test func `an attempt's folder tells what happened, behind a line that was cut short too`() throws {
    let bench = try Workbench()
    let path = bench.folder("a")
    try FileTree.makeFolder(path)
    let folder = AttemptFolder(path)
    #expect(try folder.origin() == nil)
    try DurableFile.add(Array(#"{"toldTo":{"supervisor":"s","#.utf8), to: "\(path)/process.jsonl")
    #expect(try folder.origin() == nil)
    try folder.write(supervisor: "s")
    #expect(try folder.origin()?.supervisor == "s")
    #expect(try folder.isOriginal(try #require(try folder.origin())))
    #expect(try folder.identity() == nil)
    try folder.add(Array(SupervisorMessage.started(running).line.prefix(20)))
    #expect(try folder.identity() == nil)
    try folder.add(SupervisorMessage.started(running).line)
    #expect(try folder.identity() == running.identity)
    #expect(try folder.exitRecord() == nil)
    try folder.add(Array(SupervisorMessage.exited(record(.exited(0))).line.prefix(40)))
    #expect(try folder.exitRecord() == nil)
    try folder.add(SupervisorMessage.exited(record(.exited(0))).line)
    #expect(try folder.exitRecord() == record(.exited(0)))
    #expect(try folder.identity() == running.identity)
    #expect(try folder.origin()?.bootID == ProcessTable.bootID)
  }
}
