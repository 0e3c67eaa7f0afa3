// `martlet cancel [RUN]`: stops a run from another terminal.

import ArgumentParser
import MartletModel
import MartletRun

struct CancelCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Stop the run that goes on, or one that is queued.",
    discussion: """
      As Ctrl-C in the terminal of the run: nothing new starts, what runs is asked to end and killed after its grace. Returns once the \
      run has ended. `--now` kills at once, also after a `cancel` that waits. What a killed engine left running is ended too: all of it, or \
      that of the RUN that is named.
      """)

  @Argument(help: "The run's id or the beginning of it; the one that goes on if left out.")
  var run: String?

  @Flag(help: "Kill at once instead of asking first.")
  var now = false

  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    let order = CancelOrder(run: run, now: now)
    guard try location.reader() != nil else {
      shared.note("nothing is running", host)
      return .done
    }
    switch try WorkspaceSession.openOrAsk(location, .cancel(order), parameters: [], shared: shared, host: host) {
    case .answered(let status): return status
    case .opened(let session):
      let record = try run.map { try session.store.reader.run(named: $0) }
      let holder = try WorkspaceHolder(session)
      if let record, let result = record.result {
        shared.note("run \(record.id) has ended: \(result.rawValue)", host)
      } else {
        try holder.endOrphans(of: record?.id, order) { shared.note($0, host) }
      }
      try holder.finish()
      return .done
    }
  }
}
