// `martlet audit verify`: whether the record of decisions and promotions is as Martlet wrote it.

import ArgumentParser
import MartletModel

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Find what was changed in the record of decisions and promotions.",
    subcommands: [AuditVerifyCommand.self])
}

struct AuditVerifyCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check the history line by line, and what depends on it.",
    discussion: """
      Finds lines of artifact/history.jsonl that were changed, removed, moved or cut off at the end, tickets under incidents/ whose \
      decision is not the one on record, and a link artifact/current that is not where the history says. With --releases, also \
      every byte of every release that differs from its manifest or from what was approved. Exits with 1 if anything is wrong.
      """)

  @Flag(help: "Also verify every byte of every release.")
  var releases = false

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let audit = try Audit(try WorkspaceLocation.find(shared, host), withReleases: releases)
    if shared.json {
      host.output.write(document(audit))
    } else {
      for fault in audit.faults { host.output.write(fault.description + "\n") }
    }
    if !audit.isEndKnown, audit.entryCount > 0 {
      shared.note("note: no store knows how many entries there were: an end that was cut off would not be seen", host)
    }
    let looked = [count(audit.entryCount, "entry", "entries"), releases ? count(audit.releaseCount, "release", "releases") : nil]
    let result = audit.faults.isEmpty ? "as written" : count(audit.faults.count, "fault", "faults")
    shared.note("\(looked.compactMap { $0 }.joined(separator: ", ")): \(result)", host)
    return audit.faults.isEmpty ? .done : .failed
  }

  private func count(_ number: Int, _ one: String, _ many: String) -> String { "\(number) \(number == 1 ? one : many)" }

  private func document(_ audit: Audit) -> String {
    Document.line(
      schema: "martlet.audit/1",
      [
        "ok": .boolean(audit.faults.isEmpty), "entries": .integer(audit.entryCount),
        "releases": releases ? .integer(audit.releaseCount) : nil,
        "faults": .list(
          audit.faults.map { fault in
            Document.object([
              "file": .text(fault.file.string), "line": fault.line.map { .integer($0) }, "fault": .text(fault.text),
            ])
          }),
      ])
  }
}
