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

  @Test func itSaysWhatItCanTest() {
    let ending = workspace.martlet("selftest")
    #expect(ending.status == 2, "\(ending)")
    #expect(ending.err.hasPrefix("error: say what to test: --chaos\n"), "\(ending)")
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
