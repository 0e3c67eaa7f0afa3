// `martlet doctor`: whether everything is there that a run needs, and what to do where it is not.

import ArgumentParser
import MartletModel

struct DoctorCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check this machine and this workspace: libraries, programs, disk, store.",
    discussion: "Exits with 1 if something is missing that a run needs.")

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let findings = Examination(host: host, shared: shared).findings()
    if shared.json {
      host.output.write(Document.line(schema: "martlet.doctor/1", ["findings": .list(findings.map(document))]))
    } else {
      let painter = shared.outputPainter(host)
      for finding in findings where !shared.quiet || finding.state != .ok { host.output.write(text(finding, painter)) }
    }
    return findings.contains { $0.state == .fail } ? .failed : .done
  }

  private func text(_ finding: Finding, _ painter: Painter) -> String {
    let name = finding.name + String(repeating: " ", count: max(0, 19 - finding.name.count))
    var lines = ["\(painter.symbol(finding.state.rawValue)) \(name) \(finding.text)"]
    let margin = String(repeating: " ", count: 22)
    lines += finding.details.map { margin + $0 }
    if let hint = finding.hint { lines.append(margin + "hint: " + hint) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func document(_ finding: Finding) -> ConfigurationValue {
    Document.object([
      "name": .text(finding.name), "state": .text(finding.state.rawValue), "text": .text(finding.text),
      "details": finding.details.isEmpty ? nil : .list(finding.details.map { .text($0) }), "hint": Document.text(finding.hint),
    ])
  }
}

/// One thing that was looked at.
struct Finding {
  enum State: String {
    case ok
    /// a run can do without it
    case warn
    case fail
  }

  let name: String
  let state: State
  let text: String
  let details: [String]
  let hint: String?

  init(_ name: String, _ state: State, _ text: String, details: [String] = [], hint: String? = nil) {
    self.name = name
    self.state = state
    self.text = text
    self.details = details
    self.hint = hint
  }
}
