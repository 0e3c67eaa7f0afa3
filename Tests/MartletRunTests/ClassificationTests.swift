/// Every way in which an attempt can fail, and the class it gets.

import MartletModel
import Testing

@testable import MartletRun

struct ClassificationTests {
  private func exit(
    _ status: ExitRecord.Status, timedOut: Bool = false, cancelled: Bool = false, outOfMemory: Bool = false
  ) -> ExitRecord {
    ExitRecord(
      attempt: "a", status: status, timedOut: timedOut, cancelled: cancelled, outOfMemory: outOfMemory, startedAt: 0, endedAt: 1)
  }

  private func classify(
    _ exit: ExitRecord?, record: ResultRecord? = nil, recordFault: String? = nil, fault: String? = nil, log: String = "",
    rules: [FailureRule] = []
  ) -> String {
    let found = Classification.of(exit: exit, record: record, recordFault: recordFault, fault: fault, logTail: log, rules: rules)
    return "\(found.failureClass.rawValue), \(found.rule): \(found.message ?? "-")"
  }

  @Test func theExitDecides() {
    #expect(classify(nil) == "lost, no exit record: the process is gone")
    #expect(classify(exit(.exited(75))) == "io, exit status 75: exit status 75")
    #expect(classify(exit(.exited(64))) == "config, exit status 64: exit status 64")
    #expect(classify(exit(.exited(78))) == "config, exit status 78: exit status 78")
    #expect(classify(exit(.exited(2))) == "code, exit status 2: exit status 2")
    #expect(classify(exit(.signalled(11))) == "killed, signal 11: signal 11")
    #expect(classify(exit(.signalled(9), timedOut: true)) == "timeout, the task's timeout: -")
    #expect(classify(exit(.signalled(9), cancelled: true)) == "cancelled, cancelled: -")
    #expect(classify(exit(.signalled(9), outOfMemory: true)) == "resource, the kernel's out-of-memory record: -")
  }

  @Test func outputsThatAreNotThere() {
    #expect(classify(exit(.exited(0)), fault: "output model is missing") == "code, outputs: output model is missing")
    #expect(classify(exit(.exited(0))) == "code, outputs: left no result")
  }

  @Test func aResultThatDoesNotRead() {
    #expect(classify(exit(.exited(0)), recordFault: "line 2") == "code, the task's own result: line 2")
    #expect(classify(exit(.signalled(9), timedOut: true), recordFault: "line 2").hasPrefix("timeout"))
  }

  @Test func programsThatDoNotStart() {
    #expect(
      classify(exit(.notStarted(errno: 2))) == "config, could not be started: the program could not be started (error 2)")
    #expect(classify(exit(.notStarted(errno: 11))).hasPrefix("io, could not be started"))
  }

  @Test func theTasksOwnResultComesBeforeItsExit() {
    let record = ResultRecord(status: "failed", failureClass: .data, message: "12 rows of 20")
    #expect(classify(exit(.exited(75)), record: record) == "data, the task's own result: 12 rows of 20")
    #expect(classify(exit(.signalled(9), timedOut: true), record: record) == "timeout, the task's timeout: 12 rows of 20")
    #expect(classify(exit(.exited(3)), record: ResultRecord(status: "failed", message: "m")) == "code, exit status 3: m")
  }

  @Test func rulesOfThePipelineComeInOrder() {
    let rules = [
      FailureRule(failureClass: .data, exitStatuses: [3, 4], logPattern: "bad row [0-9]+"),
      FailureRule(failureClass: .resource, signals: [9]),
      FailureRule(failureClass: .io, exitStatuses: [3]),
      FailureRule(failureClass: .config, logPattern: "^usage"),
    ]
    func rule(_ status: ExitRecord.Status, _ log: String = "") -> String { classify(exit(status), log: log, rules: rules) }
    #expect(rule(.exited(4), "line 1\nbad row 17\n") == "data, failures[0] of the pipeline file: exit status 4")
    #expect(rule(.exited(3), "good row") == "io, failures[2] of the pipeline file: exit status 3")
    #expect(rule(.signalled(9)) == "resource, failures[1] of the pipeline file: signal 9")
    #expect(rule(.signalled(11)) == "killed, signal 11: signal 11")
    #expect(rule(.exited(1), "usage: cut") == "config, failures[3] of the pipeline file: exit status 1")
    #expect(rule(.exited(0), "usage: cut") == "code, outputs: left no result")
  }
}
