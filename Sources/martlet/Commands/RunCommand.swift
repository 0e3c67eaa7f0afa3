// `martlet run`: brings the pipeline up to date.

import ArgumentParser
import MartletModel
import MartletRun

struct RunCommand: HostedCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run what is not up to date.",
    discussion: """
      A task runs when something that decides its result has changed, and only then: `martlet plan` says beforehand what and why. \
      After a crash nothing has to be cleaned up: the next run goes on. While another process holds the workspace, the request is \
      handed to it and answered in its turn.
      """)

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var running: RunningOptions
  @OptionGroup var shared: SharedOptions

  func run(on host: Host) throws -> ExitStatus {
    let location = try WorkspaceLocation.find(shared, host)
    var order = selection.order
    order.jobs = running.jobs
    order.failFast = running.failFast
    order.wantsEvents = running.progress == .json
    order.allowsWaiting = running.allowWaiting
    let shared = running.shared(shared)
    if try SettledWorkspace(location: location, host: host).answer(order, shared: shared, progress: running.progress) {
      return .done
    }
    switch try WorkspaceSession.openOrAsk(location, .run(order), parameters: order.parameters, shared: shared, host: host) {
    case .answered(let status): return running.status(status)
    case .opened(let session):
      let holder = try WorkspaceHolder(session)
      let result = try holder.finishing { try holder.run(order, running.output(shared, host, root: location.root)) }
      return ExitStatus(result, allowWaiting: running.allowWaiting, signal: host.lastInterrupt())
    }
  }
}
