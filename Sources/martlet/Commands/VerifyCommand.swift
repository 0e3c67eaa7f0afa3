// `martlet verify TASK`: does a task write the same bytes when it runs once more?

import ArgumentParser
import MartletFiles
import MartletModel
import MartletRun

struct VerifyCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Run a task that stands once more, in staging, and compare the bytes.",
    discussion: """
      Shows tasks that are not deterministic. Nothing is published and no checkpoint changes. Exits with 0 if every output has the \
      digest that its checkpoint recorded, with 1 if one differs, the task fails or what it reads changes meanwhile, with 130 or 143 \
      if it is stopped; what differs stays in the attempt's folder.
      """)

  @Argument(help: "The task.")
  var task: String

  @OptionGroup var range: QuarantineRange

  @Option(name: .shortAndLong, help: ArgumentHelp("At most so many attempts at once.", valueName: "count"))
  var jobs: Int?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("-j takes a number from 1") }
  }

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let order = VerifyOrder(task: task, partition: range.partition, jobs: jobs)
    switch try WorkspaceSession.openOrAsk(location, .verify(order), parameters: [], shared: shared, host: host) {
    case .answered(let status): return status
    case .opened(let session):
      let holder = try WorkspaceHolder(session)
      let finding = try holder.verify(order, progress: nil)
      try holder.finish()
      host.output.write(shared.json ? Document.comparison(finding) : finding.text(shared.outputPainter(host)))
      return finding.exitStatus(signal: host.lastInterrupt())
    }
  }
}

extension TaskComparison.Finding {
  /// - Parameter signal: what ended one that was cancelled.
  func exitStatus(signal: Int32? = nil) -> ExitStatus {
    if isCancelled { return ExitStatus(.cancelled, signal: signal) }
    return isSame ? .done : .failed
  }

  /// What differs and where, then one line for all.
  func text(_ painter: Painter) -> String {
    var lines: [String] = []
    for (notice, differences) in compared where !differences.isEmpty {
      lines.append("\(painter.symbol("failed")) \(notice.instance)")
      for difference in differences { lines += text(difference).map { "    \($0)" } }
    }
    for notice in failed {
      lines.append(
        "\(painter.symbol("failed")) \(notice.instance)  \(notice.settlement.failureClass!.rawValue): \(notice.message ?? "failed")"
      )
    }
    let outputs = compared.flatMap(\.notice.outputs)
    let same = outputs.count(where: \.isSame)
    if isSame {
      lines.append("\(painter.symbol("succeeded")) \(task): \(NumberText.counted(same, "output")), the same bytes")
    } else if same < outputs.count || !failed.isEmpty {
      let failures = failed.isEmpty ? "" : ", \(NumberText.counted(failed.count, "instance")) failed"
      lines.append(
        "\(task) is not deterministic: \(outputs.count - same) of \(NumberText.counted(outputs.count, "output")) differ\(failures)"
      )
    }
    if openCount > 0 {
      let cause = isCancelled ? "cancelled" : "what it reads changed meanwhile"
      lines.append("\(task): \(NumberText.grouped(openCount)) of \(NumberText.counted(count, "instance")) not compared: \(cause)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func text(_ difference: TaskComparison.Difference) -> [String] {
    let output = difference.output
    var lines = ["\(output.name)  \(output.path)", "  was  \(output.recorded.hex)", "  is   \(output.found.hex)"]
    if let first = difference.first {
      let place = [first.file, first.byteOffset.map { "byte \($0)" }, first.line.map { "line \($0.number)" }].compactMap { $0 }
      lines.append(
        "  first differs at \(place.joined(separator: ", "))" + (first.byteOffset == nil ? ", which only one has" : ""))
      if let line = first.line { lines += ["    - \(line.old.oneLine)", "    + \(line.new.oneLine)"] }
    }
    return lines + ["  the new bytes are at \(output.staged)"]
  }

}

extension Document {
  static func comparison(_ finding: TaskComparison.Finding) -> String {
    let compared = finding.compared.map { notice, differences in
      object(
        members(notice.instance).merging([
          "same": .boolean(differences.isEmpty), "attempt": .text(notice.attempt), "seconds": duration(notice.seconds),
          "outputs": .list(
            notice.outputs.map { output in
              self.output(output, differences.first { $0.output == output }?.first)
            }),
        ]) { $1 })
    }
    let failed = finding.failed.map { notice in
      object(
        members(notice.instance).merging([
          "class": text(notice.settlement.failureClass?.rawValue), "message": text(notice.message),
          "attempt": text(notice.attempt),
        ]) { $1 })
    }
    return line(
      schema: "martlet.verify/1",
      [
        "task": .text(finding.task), "same": .boolean(finding.isSame), "cancelled": .boolean(finding.isCancelled),
        "notCompared": .integer(finding.openCount), "instances": .list(compared), "failed": .list(failed),
      ])
  }

  private static func output(_ output: ComparedNotice.Output, _ difference: ContentDifference?) -> ConfigurationValue {
    object([
      "name": .text(output.name), "path": .text(output.path.string), "same": .boolean(output.isSame),
      "recorded": .text(output.recorded.hex), "found": .text(output.found.hex),
      "staged": output.isSame ? nil : .text(output.staged.string), "file": text(difference?.file),
      "byte": difference?.byteOffset.map { .integer($0) }, "line": difference?.line.map { .integer($0.number) },
      "old": text(difference?.line?.old), "new": text(difference?.line?.new),
    ])
  }
}
