// `martlet selftest --chaos`: a few kills here, many in `.ci/run`.

import MartletModel
import Testing

@Suite struct SelftestTests {
  let workspace = CommandWorkspace(pipeline: nil)

  @Test func killsLeaveNoTrace() throws {
    let ending = workspace.martlet(
      "selftest", "--chaos", "--kills", "6", "--seed", "3", "--json", "-q", environment: ["TMPDIR": workspace.root])
    #expect(ending.status == 0, "\(ending)")
    #expect(ending.err == "", "\(ending)")
    let report = try #require(ConfigurationValue(canonicalJSON: String(ending.out.dropLast())))
    #expect(report["schema"] == .text("martlet.selftest/1"))
    #expect(report["passed"] == .boolean(true))
    #expect(report["kills"] == .integer(6))
    #expect(report["seed"] == .integer(3))
    #expect(report["problems"] == .list([]))
    #expect(Program.run(["/bin/ls", "-A"], in: workspace.root).out == "", "the scratch folder is still there")
  }

  @Test func simulationsHoldAndAreCounted() throws {
    let ending = workspace.martlet(
      "selftest", "--simulate", "40", "--seed", "7", "--json", "-q", environment: ["TMPDIR": workspace.root])
    #expect(ending.status == 0, "\(ending)")
    #expect(ending.err == "", "\(ending)")
    let report = try #require(ConfigurationValue(canonicalJSON: String(ending.out.dropLast())))
    #expect(report["schema"] == .text("martlet.simulation/1"))
    #expect(report["passed"] == .boolean(true))
    #expect(report["seed"] == .integer(7))
    #expect(report["counts"]?["seeds"] == .integer(40))
    #expect(report["failure"] == nil)
    #expect(Program.run(["/bin/ls", "-A"], in: workspace.root).out == "", "the scratch folder is still there")
  }

  @Test func whatDoesNotHoldIsShownSmallAndPlayedAgain() throws {
    let ending = workspace.martlet(
      "selftest", "--simulate", "200", "--lying-disk", "-q", environment: ["TMPDIR": workspace.root])
    #expect(ending.status == 1, "\(ending)")
    let lines = ending.out.split(separator: "\n")
    #expect(lines[0].hasPrefix("✗ simulation  "), "\(ending)")
    #expect(lines[1].contains(": told to be done, and gone "), "\(ending)")
    #expect(lines.contains { $0.hasPrefix("    t") } && lines.contains { $0.hasPrefix("    run ") }, "\(ending)")
    #expect(!lines.contains { $0.contains("gets another command") }, "what does not matter is left out: \(ending)")
    let again = try #require(lines.last?.split(separator: " ").map(String.init))
    #expect(again.prefix(2) == ["again:", "martlet"] && again.contains("--without"), "\(ending)")
    let repeated = Program.run(
      [Program.buildFolder + "/martlet"] + again.dropFirst(2) + ["-q"], in: workspace.root,
      environment: ["TMPDIR": workspace.root])
    #expect(repeated.status == 1, "\(repeated)")
    #expect(repeated.out.split(separator: "\n").dropFirst() == lines.dropFirst(), "\(repeated)")
  }

  @Test func partsAreLeftOutOfOneScenario() {
    let ending = workspace.martlet("selftest", "--simulate", "2", "--without", "1,2")
    #expect(ending.status == 2, "\(ending)")
    #expect(ending.err.contains("--without takes parts out of one scenario: --simulate 1"), "\(ending)")
    let alone = workspace.martlet(
      "selftest", "--simulate", "1", "--without", "1,2", environment: ["TMPDIR": workspace.root])
    #expect(alone.status == 0, "\(alone)")
    #expect(alone.out.hasPrefix("✓ simulation  1 seed from 0 on, "), "\(alone)")
  }

  @Test func itSaysWhatItCanTest() {
    let ending = workspace.martlet("selftest")
    #expect(ending.status == 2, "\(ending)")
    #expect(ending.err.hasPrefix("error: say what to test: --chaos, or --simulate with a number of seeds\n"), "\(ending)")
  }

  @Test func aSupervisorThatDoesNotWorkIsTold() {
    let folder = workspace.root + "/programs"
    #expect(Program.run(["/bin/mkdir", folder], in: "/").status == 0)
    #expect(Program.run(["/bin/cp", Program.buildFolder + "/martlet", folder], in: "/").status == 0)
    let ending = Program.run(
      [folder + "/martlet", "selftest", "--chaos"], in: workspace.root, environment: ["TMPDIR": workspace.root])
    #expect(ending.status == 70, "\(ending)")
    #expect(ending.err.contains("the undisturbed run did not end as it should"), "\(ending)")
  }
}
