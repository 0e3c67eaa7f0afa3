// Whoever is to be told is told, once, with patience, and at nobody's expense.

import MartletModel
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A small HTTP server of Python's in a process of its own, which keeps what it is sent and ends by itself after a minute.
final class Receiver {
  private let folder = CommandWorkspace(pipeline: nil)
  private let pid: pid_t
  let port: Int

  /// - Parameter answers: the status of the first answers; all that follow are 200.
  init(_ answers: [Int] = []) {
    folder.write(
      "receiver.py",
      """
      import http.server, os, sys, threading
      answers = [int(word) for word in sys.argv[1:]]
      class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
          body = self.rfile.read(int(self.headers["Content-Length"])).decode()
          status = answers.pop(0) if answers else 200
          with open("received", "a") as file: file.write(f'{status}\\t{self.headers["Content-Type"]}\\t{self.path}\\t{body}\\n')
          self.send_response(status)
          if status == 302: self.send_header("Location", "/elsewhere")
          self.end_headers()
        def log_message(self, *words): pass
      server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
      threading.Thread(target=server.serve_forever, daemon=True).start()
      with open("port.new", "w") as file: file.write(str(server.server_port))
      os.rename("port.new", "port")
      threading.Event().wait(60)
      """)
    let words = answers.map { " \($0)" }.joined()
    let started = Program.run(
      ["/bin/sh", "-c", "python3 receiver.py\(words) </dev/null >/dev/null 2>&1 & echo $!"], in: folder.root)
    pid = pid_t(started.out.split(separator: "\n")[0])!
    var port: Int?
    let deadline = time(nil) + 30
    while port == nil, time(nil) < deadline {
      port = folder.read("port").flatMap { Int($0) }
      if port == nil { poll(nil, 0, 10) }
    }
    precondition(port != nil, "the receiver did not start")
    self.port = port!
  }

  deinit { kill(pid, SIGTERM) }

  struct Message {
    let status: String
    let contentType: String
    let path: String
    let event: ConfigurationValue
  }

  var received: [Message] {
    (folder.read("received") ?? "").split(separator: "\n").map { line in
      let parts = line.split(separator: "\t").map(String.init)
      return Message(status: parts[0], contentType: parts[1], path: parts[2], event: ConfigurationValue(canonicalJSON: parts[3])!)
    }
  }

  /// Status and type of everything that came.
  var types: [String] { received.map { "\($0.status) \($0.event["type"]!.display)" } }
}

/// Takes connections and never answers.
private final class SilentListener {
  private let descriptor: Int32
  let port: Int

  init() {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    precondition(bound, "no port to listen on")
    descriptor = listener
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }
}

@Suite struct NotificationTests {
  private func workspace(_ notify: String) -> CommandWorkspace {
    let workspace = CommandWorkspace(pipeline: pipeline(notify))
    workspace.write("data/number", "3\n")
    return workspace
  }

  private func pipeline(_ notify: String) -> String {
    """
    martlet: 1
    pipeline: small
    notify: \(notify)
    tasks:
      judge:
        run: |
          n=$(cat ${{ in.number }})
          if [ "$n" -eq 0 ]; then exit 1; fi
          if [ "$n" -lt 10 ]; then v=fail; else v=pass; fi
          echo "{\\"status\\":\\"succeeded\\",\\"verdict\\":\\"$v\\",\\"message\\":\\"rows $n, limit 10\\"}" >> "$MARTLET_RESULT"
          cp ${{ in.number }} ${{ out.said }}
        in: {number: data/number}
        out: {said: data/said}
      ask: {gate: approval, show: [judge.said]}

    """
  }

  private func url(_ receiver: Receiver) -> String { "http://127.0.0.1:\(receiver.port)/hook" }

  @Test func anIncidentIsToldOfOnceAfterTwoFailedTries() throws {
    let receiver = Receiver([503, 500])
    let workspace = workspace("[{url: \"\(url(receiver))\"}]")
    let run = workspace.martlet("run")
    #expect(run.status == 3, "\(run)")
    #expect(!run.err.contains("note:"), "\(run)")
    let opened = "dev.martlet.incident.opened"
    #expect(receiver.types == ["503 \(opened)", "500 \(opened)", "200 \(opened)"])
    let message = try #require(receiver.received.last)
    #expect(message.contentType == "application/cloudevents+json; charset=utf-8")
    #expect(message.path == "/hook")
    let event = message.event
    #expect(event["specversion"] == .text("1.0"))
    #expect(event["datacontenttype"] == .text("application/json"))
    #expect(event["source"]!.display.hasPrefix("/martlet/") && event["source"]!.display.hasSuffix("/small"))
    #expect(event["subject"] == event["data"]?["incident"])
    #expect(event["data"]?["message"] == .text("rows 3, limit 10"))
    #expect(Set(receiver.received.map { $0.event["id"]!.display }).count == 1)
    #expect(workspace.martlet("run").status == 3)
    #expect(receiver.received.count == 3)
  }

  @Test func decisionsGatesAndEndsAreToldOfAsDeclared() {
    let receiver = Receiver()
    let workspace = workspace("[{url: \"\(url(receiver))\", on: [incident.closed, gate.waiting, run.failed, run.succeeded]}]")
    #expect(workspace.martlet("run").status == 3)
    #expect(receiver.types.isEmpty)
    #expect(workspace.martlet("incident", "accept", "judge", "-m", "so be it").status == 0)
    #expect(receiver.received.last?.event["data"]?["state"] == .text("accepted"))
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("approve", "ask").status == 0)
    #expect(workspace.martlet("run").status == 0)
    workspace.write("data/number", "0\n")
    #expect(workspace.martlet("run").status == 1)
    #expect(
      receiver.types.map { $0.replacing("200 dev.martlet.", with: "") } == [
        "incident.closed", "gate.waiting", "run.succeeded", "incident.closed", "run.failed",
      ])
    let failed = receiver.received.last?.event["data"]?["failed"]
    #expect(failed?.canonicalJSON == "[{\"class\":\"code\",\"message\":\"exit status 1\",\"task\":\"judge\"}]")
  }

  @Test func aVerdictThatFailsTheRunIsNamed() {
    let receiver = Receiver()
    let table = JudgedTable(
      top: "notify: [{url: \"\(url(receiver))\", on: [run.failed]}]", checks: "    - {metric: rowCount, mustBeGreaterThan: 2}")
    table.write(rows: 2)
    let run = table.run()
    #expect(run.status == 1, "\(run)")
    #expect(
      receiver.received.last?.event["data"]?["failed"]?.canonicalJSON
        == "[{\"message\":\"rowCount: expected more than 2, observed 2\",\"task\":\"validate\",\"verdict\":\"fail\"}]", "\(run)")
  }

  @Test func decisionsOnGatesAreToldOfWhoeverMadeThem() {
    let receiver = Receiver()
    let workspace = workspace("[{url: \"\(url(receiver))\"}]")
    workspace.write("data/number", "12\n")
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("reject", "ask", "-m", "not yet").status == 0)
    #expect(workspace.martlet("approve", "ask").status == 2)
    #expect(workspace.martlet("run").status == 4)
    #expect(workspace.martlet("approve", "ask", "--overrule").status == 0)
    #expect(workspace.martlet("run").status == 0)
    #expect(
      receiver.types.map { $0.replacing("200 dev.martlet.", with: "") } == [
        "gate.waiting", "gate.decided", "run.rejected", "gate.decided",
      ])
    let rejected = receiver.received[1].event
    #expect(rejected["subject"] == .text("ask"))
    #expect(rejected["data"]?["state"] == .text("rejected") && rejected["data"]?["comment"] == .text("not yet"))
    #expect(receiver.received[2].event["data"]?["result"] == .text("rejected"))
    #expect(receiver.received[3].event["data"]?["state"] == .text("approved"))
    #expect(Set(receiver.received.map { $0.event["id"]!.display }).count == 4)
  }

  @Test func aGateThatExpiresIsToldOf() {
    let receiver = Receiver()
    let workspace = CommandWorkspace(
      pipeline: pipeline("[{url: \"\(url(receiver))\", on: [gate.decided]}]")
        .replacing("show: [judge.said]", with: "show: [judge.said], expires: 1ms"))
    workspace.write("data/number", "12\n")
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("run").status == 4)
    let data = receiver.received.first?.event["data"]
    #expect(receiver.types == ["200 dev.martlet.gate.decided"])
    #expect(data?["state"] == .text("rejected") && data?["by"] == .text("martlet"), "\(receiver.types)")
  }

  /// As where the engine is killed after the decision was written: the next run catches up.
  @Test func aDecisionThatNobodyWasToldOfIsToldOfByTheNextRun() {
    let receiver = Receiver()
    let workspace = CommandWorkspace(pipeline: pipeline("[]"))
    workspace.write("data/number", "12\n")
    #expect(workspace.martlet("run").status == 3)
    #expect(workspace.martlet("approve", "ask").status == 0)
    workspace.write("martlet.yaml", pipeline("[{url: \"\(url(receiver))\", on: [gate.decided]}]"))
    #expect(workspace.martlet("run").status == 0)
    #expect(receiver.types == ["200 dev.martlet.gate.decided"])
    #expect(receiver.received.first?.event["data"]?["state"] == .text("approved"))
    workspace.write("data/number", "13\n")
    #expect(workspace.martlet("run").status == 3)
    #expect(receiver.types.count == 1)
  }

  @Test func whatNobodyTakesWaitsForTheNextCommandAndChangesNoResult() {
    let receiver = Receiver([503, 503, 503, 503])
    let workspace = workspace("[{url: \"\(url(receiver))\"}]")
    let run = workspace.martlet("run")
    #expect(run.status == 3, "\(run)")
    #expect(run.err.contains("\nnote: an event waits for the next command: \(url(receiver)): answered 503\n"), "\(run)")
    #expect(receiver.received.count == 4)
    let next = workspace.martlet("run")
    #expect(!next.err.contains("note:"), "\(next)")
    #expect(receiver.types.last == "200 dev.martlet.incident.opened")
    #expect(Set(receiver.received.map { $0.event["id"]!.display }).count == 1)
  }

  @Test func whoDoesNotAnswerDoesNotTakeTheTimeOfOthers() {
    let silent = SilentListener()
    let receiver = Receiver()
    let workspace = workspace("[{url: \"http://127.0.0.1:\(silent.port)/\"}, {url: \"\(url(receiver))\"}]")
    #expect(workspace.martlet("run").status == 3)
    #expect(receiver.types == ["200 dev.martlet.incident.opened"])
  }

  @Test func whoDecidesWhileAnotherDecisionIsToldOfIsServed() {
    let silent = SilentListener()
    let workspace = workspace("[{url_env: HOOK, on: [gate.decided]}]")
    workspace.write(
      "martlet.yaml", pipeline("[{url_env: HOOK, on: [gate.decided]}]") + "  other: {gate: approval, show: [judge.said]}\n")
    workspace.write("data/number", "12\n")
    #expect(workspace.martlet("run").status == 3)
    let first = "\(Program.buildFolder)/martlet approve ask -m first"
    _ = Program.run(
      ["/bin/sh", "-c", "\(first) </dev/null >/dev/null 2>&1 &"], in: workspace.root,
      environment: ["HOOK": "http://127.0.0.1:\(silent.port)/"])
    // What is in the history was decided; that it is told of comes after that.
    let deadline = time(nil) + 30
    while workspace.read("artifact/history.jsonl")?.hasSuffix("\n") != true, time(nil) < deadline { poll(nil, 0, 10) }
    let second = workspace.martlet("approve", "other", "-m", "second")
    #expect(second.status == 0 && second.err.hasPrefix("approved: other by "), "\(second)")
    let gates = (workspace.read("artifact/history.jsonl") ?? "").split(separator: "\n").map {
      ConfigurationValue(canonicalJSON: String($0))?["gate"]?.display
    }
    #expect(gates == ["ask", "other"])
  }

  @Test func redirectsAreNotFollowedAndWhoIsGoneIsNotAskedAgain() {
    let moved = Receiver(Array(repeating: 302, count: 4))
    let workspace = workspace("[{url: \"\(url(moved))\"}]")
    let run = workspace.martlet("run")
    #expect(run.err.contains("answered 302, and redirects are not followed"), "\(run)")
    #expect(moved.received.allSatisfy { $0.path == "/hook" })
    let gone = Receiver([410])
    workspace.write("martlet.yaml", pipeline("[{url: \"\(url(gone))\"}]"))
    #expect(!workspace.martlet("run").err.contains("note:"))
    #expect(!workspace.martlet("run").err.contains("note:"))
    #expect(gone.types == ["410 dev.martlet.incident.opened"])
  }

  @Test func aURLMayStandInAVariableAndIsWrittenNowhere() {
    let receiver = Receiver()
    let workspace = workspace("[{url_env: HOOK, on: [incident.opened]}]")
    let without = workspace.martlet("run")
    #expect(without.err.contains("note: an event waits for the next command: $HOOK: $HOOK holds no URL"), "\(without)")
    let secret = url(receiver) + "?token=s3cr3t"
    #expect(workspace.martlet("run", environment: ["HOOK": secret]).status == 3)
    #expect(receiver.received.map(\.path) == ["/hook?token=s3cr3t"])
    let found = Program.run(["/bin/grep", "-rl", "s3cr3t", "."], in: workspace.root)
    #expect(found.out == "")
  }
}
