// Who is told of what, and who may decide for how long, as the file says it.

import MartletModel
import MartletSyntax
import Testing

struct NotifyTests {
  private func pipeline(_ top: String = "", gate: String = "") -> String {
    """
    martlet: 1
    pipeline: p
    \(top)
    tasks:
      a: {run: "true", out: {o: d/o}}
      g: {gate: approval, show: [a.o]\(gate.isEmpty ? "" : ", " + gate)}
    """
  }

  private func gate(_ text: String) -> Gate? {
    PipelineReader.read(text: pipeline(gate: text), file: "martlet.yaml").pipeline?.task("g")?.gate
  }

  @Test func addressesAndEvents() {
    let text = pipeline("notify: [{url: \"https://a.org:8443/b?c=d\"}, {url_env: HOOK, on: [run.succeeded]}]")
    #expect(
      PipelineReader.read(text: text, file: "martlet.yaml").pipeline?.notifications == [
        NotificationTarget(address: .url("https://a.org:8443/b?c=d"), events: NotificationEvent.usual),
        NotificationTarget(address: .environment("HOOK"), events: [.runSucceeded]),
      ])
  }

  @Test(arguments: [
    "ftp://a.org", "a.org", "https://", "https:///b", "https://u:p@a.org/", "http://a b", "http://a\\\"b", "file:///etc/passwd",
  ])
  func whatIsNoAddress(_ url: String) {
    #expect(brief(pipeline("notify: [{url: \"\(url)\"}]")).hasPrefix("3:16 E108 "), "\(url)")
  }

  @Test func mistakesInNotify() {
    #expect(
      brief(pipeline("notify: [{on: [run.faild]}, {url: http://a, url_env: A}, {url_env: 1x, on: []}]"))
        .split(separator: "\n").map { $0.split(separator: " ")[0...1].joined(separator: " ") }
        == ["3:10 E107", "3:16 E108", "3:45 E110", "3:68 E108", "3:76 E108"])
  }

  @Test func howLongAGateWaits() {
    #expect(gate("expires: 3d")?.expiry == GateExpiry(afterSeconds: 259_200, result: .rejected))
    #expect(gate("expires: {after: 2h, result: approved}")?.expiry == GateExpiry(afterSeconds: 7200, result: .approved))
    #expect(gate("description: x")?.expiry == nil)
    #expect(gate("expires: {result: approved}") == nil)
    #expect(gate("expires: {after: 2h, result: maybe}") == nil)
    #expect(gate("expires: soon") == nil)
  }

  @Test func theRequesterOfNothingIsAMistake() {
    #expect(brief(pipeline(gate: "approvers: [\"*\", \"!requester\"]")).contains("the gate has no subject"))
    #expect(brief(pipeline(gate: "approvers: [\"!requester\"]")).contains("nobody could approve this gate"))
    #expect(brief(pipeline(gate: "approvers: [\"!ann\"]")).contains("\"!ann\" names nobody"))
  }
}
